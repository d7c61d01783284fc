import Dispatch
import Glibc
import Synchronization

/// What must go with this program when a signal ends it: its child processes and its folders.
enum Leftovers {
    private struct State {
        var children: Set<pid_t> = []
        var folders: Set<String> = []
    }

    private static let state = Mutex(State())
    /// Kept because a source that nobody holds ends. Written once, by `main`.
    nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []

    static func add(child: pid_t) { self.state.withLock { _ = $0.children.insert(child) } }
    /// To be called before the child is reaped, after which its number may be another's.
    static func remove(child: pid_t) { self.state.withLock { _ = $0.children.remove(child) } }
    static func add(folder: String) { self.state.withLock { _ = $0.folders.insert(folder) } }
    static func remove(folder: String) { self.state.withLock { _ = $0.folders.remove(folder) } }

    /// From here on Ctrl-C and SIGTERM end the children, remove the folders and then end the program, with the code of a shell.
    static func endOnSignals() {
        self.sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                self.state.withLock { state in
                    for child in state.children { kill(child, SIGKILL) }
                    for folder in state.folders { WorkFolder.remove(folder) }
                }
                exit(128 + number)
            }
            source.resume()
            return source
        }
    }
}
