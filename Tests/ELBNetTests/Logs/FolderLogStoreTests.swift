import ELBCore
import ELBModel
import ELBNet
import ELBTestSupport
import Glibc
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The folder of buckets` {
    private let root: String

    init() throws {
        let temporaryFolder = getenv("TMPDIR").map { String(cString: $0) } ?? P_tmpdir
        var template = Array("\(temporaryFolder)/elblab-logs-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { bytes in
            bytes.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        self.root = try #require(made)
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func object(_ key: String, _ lines: [String]) -> LogFile.Object {
        LogFile.Object(key: key, chunks: lines.map { Array($0.utf8) })
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var whole: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = part.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return whole }
            whole += part.prefix(count)
        }
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    @Test(.covers("ALB-LOG-002", "ALB-LOG-003")) func `gets each file whole, compressed, under its key`() async throws {
        let store = try FolderLogStore(root: self.root + "/s3", logger: Self.logger)
        store.deliver(Self.object("bucket/AWSLogs/1/a.log.gz", ["one\n", "two\n"]))
        store.deliver(Self.object("bucket/AWSLogs/1/b.log.gz", ["three\n"]))
        store.deliver(Self.object("other/c.log.gz", []))
        await store.flush()
        let folder = self.root + "/s3/bucket/AWSLogs/1"
        #expect(Self.names(in: folder) == ["a.log.gz", "b.log.gz"])
        let file = try #require(Self.read(folder + "/a.log.gz"))
        #expect(Gunzip.decompress(file).map { String(decoding: $0, as: UTF8.self) } == "one\ntwo\n")
        #expect(Self.read(self.root + "/s3/other/c.log.gz").flatMap(Gunzip.decompress) == [])
    }

    @Test func `never shows a part of a file under its name`() async throws {
        // What a crash in the middle of writing leaves behind, and a file that cannot be renamed.
        let store = try FolderLogStore(root: self.root, logger: Self.logger)
        mkdir(self.root + "/bucket", 0o755)
        let part = open(self.root + "/bucket/.a.log.gz.part", O_WRONLY | O_CREAT, 0o644)
        _ = Glibc.write(part, "torn", 4)
        close(part)
        mkdir(self.root + "/bucket/b.log.gz", 0o755)
        #expect(Self.names(in: self.root + "/bucket") == [".a.log.gz.part", "b.log.gz"])
        store.deliver(Self.object("bucket/a.log.gz", ["whole\n"]))
        store.deliver(Self.object("bucket/b.log.gz", ["nowhere to go\n"]))
        await store.flush()
        #expect(Self.names(in: self.root + "/bucket") == ["a.log.gz", "b.log.gz"])
        let file = try #require(Self.read(self.root + "/bucket/a.log.gz"))
        #expect(Gunzip.decompress(file) == Array("whole\n".utf8))
    }

    @Test func `goes on when one file cannot be written`() async throws {
        let store = try FolderLogStore(root: self.root, logger: Self.logger)
        close(open(self.root + "/file", O_WRONLY | O_CREAT, 0o644))
        store.deliver(Self.object("file/in/the/way.log.gz", ["lost\n"]))
        store.deliver(Self.object("bucket/fine.log.gz", ["kept\n"]))
        await store.flush()
        #expect(Self.names(in: self.root + "/bucket") == ["fine.log.gz"])
    }

    @Test func `says why it cannot be there`() {
        #expect(throws: LogStoreError.self) { try FolderLogStore(root: "/dev/null/s3", logger: Self.logger) }
    }
}
