import Dispatch
import Glibc

/// Standard input as a sign of life of whoever holds its other end.
enum InputWatch {
    /// Delivers SIGTERM to the watch when standard input ends. What comes on it is read and thrown away.
    ///
    /// A pipe ends when its last writer goes, for whatever reason, SIGKILL included.
    static func terminateAtEnd(_ watch: SignalWatch) {
        // A blocking read on a thread of its own: sources of events refuse regular files and /dev/null.
        DispatchQueue(label: "elblab.input").async {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(0, &buffer, buffer.count)
                if count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN)) { continue }
                break
            }
            watch.deliver(.terminate)
        }
    }
}
