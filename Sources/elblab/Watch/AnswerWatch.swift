import Dispatch
import ELBConformance
import ELBLessons
import Glibc
import Synchronization

/// Watches the files of an answer and tells when there is something new to judge.
///
/// The kernel's events make it prompt, a glance twice a second makes it certain: events are not sent for files that change on the other
/// side of a network, and a machine may have none to give. Folders are watched in place of files, because editors replace files.
final class AnswerWatch: Sendable {
    private static let glance = Duration.milliseconds(500)
    private static let interesting =
        UInt32(IN_CLOSE_WRITE) | UInt32(IN_MODIFY) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_CREATE)
        | UInt32(IN_DELETE) | UInt32(IN_ATTRIB) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF)

    /// Each new content that has settled.
    let changes: AsyncStream<AnswerContent>
    private let sender: AsyncStream<AnswerContent>.Continuation
    private let isOver = Mutex(false)

    /// - Parameters:
    ///   - told: what the answer is known to be.
    ///   - usesEvents: whether to ask the kernel; if not, glances alone do it.
    init(_ files: AnswerFiles, told: AnswerContent, usesEvents: Bool) {
        (self.changes, self.sender) = AsyncStream.makeStream(of: AnswerContent.self)
        DispatchQueue(label: "elblab.answer").async { self.run(files, told, usesEvents) }
    }

    /// Ends the watching, within the time of a glance.
    func stop() {
        self.isOver.withLock { $0 = true }
        self.sender.finish()
    }

    private func run(_ files: AnswerFiles, _ told: AnswerContent, _ usesEvents: Bool) {
        var debounce = ChangeDebounce(told: told)
        var events = usesEvents ? FileEvents() : nil
        var stamp: UInt64?
        var wait = Duration.zero
        while !self.isOver.withLock({ $0 }) {
            events?.watch(files.folders, for: Self.interesting)
            let milliseconds = Int32(clamping: Int(wait / .milliseconds(1)) + (wait > .zero ? 1 : 0))
            let wasEvent = events?.wait(milliseconds) ?? Self.sleep(milliseconds)
            wait = Self.glance
            let now = files.stamp
            // An event is looked into even when sizes and times say nothing: their grain is coarser than an editor is quick.
            guard wasEvent || now != stamp else { continue }
            switch debounce.saw(files.content, at: .now) {
            case .nothing: stamp = now
            case .lookAgain(let rest):
                stamp = nil
                wait = min(rest, Self.glance)
            case .changed(let content):
                stamp = now
                self.sender.yield(content)
            }
        }
    }

    /// - Returns: false: no event came.
    private static func sleep(_ milliseconds: Int32) -> Bool {
        poll(nil, 0, milliseconds)
        return false
    }
}

/// The kernel's events about folders.
private struct FileEvents: ~Copyable {
    private let descriptor: Int32
    private var watched: [String: (inode: UInt64, watch: Int32)] = [:]

    /// `nil` where the kernel has none, or none left.
    init?() {
        self.descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard self.descriptor >= 0 else { return nil }
    }

    deinit { close(self.descriptor) }

    /// Watches these folders and no other. A folder that was moved away and made anew is another one.
    mutating func watch(_ folders: [String], for mask: UInt32) {
        for (folder, entry) in self.watched where !folders.contains(folder) {
            inotify_rm_watch(self.descriptor, entry.watch)
            self.watched[folder] = nil
        }
        for folder in folders {
            let inode = FileStatus(of: folder, followsLinks: true)?.inode ?? 0
            if let known = self.watched[folder] {
                guard known.inode != inode else { continue }
                inotify_rm_watch(self.descriptor, known.watch)
                self.watched[folder] = nil
            }
            let watch = inotify_add_watch(self.descriptor, folder, mask)
            if watch >= 0 { self.watched[folder] = (inode, watch) }
        }
    }

    /// - Returns: whether there was one before the time was over; all that have come are taken.
    func wait(_ milliseconds: Int32) -> Bool {
        var ready = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, milliseconds) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while read(self.descriptor, &buffer, buffer.count) > 0 {}
        return true
    }
}
