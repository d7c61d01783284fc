/// The load generator `openssl s_time`: connections one after the other, each with a handshake, one request, its answer and an end
/// in order. Several run at once, since one of them waits most of the time.
///
/// The request is there because TLS 1.3 sends tickets after the handshake: who only shakes hands never gets one.
struct OpenSSLTime {
    let program: String
    let clients: Int

    enum Handshake: String {
        case full
        case resumed
    }

    init(clients: Int) throws {
        self.program = try System.require("openssl", package: "openssl")
        self.clients = clients
    }

    func handshakes(_ kind: Handshake) -> Load {
        Load(
            title: "connections over TLS 1.3, each with a \(kind.rawValue) handshake and one request",
            unit: "handshake"
        ) { port, seconds, folder in
            let command = [
                self.program, "s_time", "-connect", "127.0.0.1:\(port)", "-tls1_3", "-time", "\(seconds)", "-www", "/",
                kind == .full ? "-new" : "-reuse",
            ]
            let runs = try (0..<self.clients).map { number in
                let output = folder.file("s_time-\(number).txt")
                let process = try ChildProcess(ProxyMeasurement.pinned(command, toProxyCore: false), output: output)
                return (process: process, output: output)
            }
            var count = Load.Count()
            for run in runs {
                let status = run.process.wait()
                let one = Self.count(kind, in: try TextFile.read(run.output))
                count.done += one.done
                count.errors += one.errors + (status == 0 ? 0 : 1)
            }
            return count
        }
    }

    /// Reads one run's words: a line with a mark per connection, `r` when its session was resumed, and then
    ///
    ///     923 connections in 3 real seconds, 112 bytes read per connection
    ///
    /// Only handshakes of the kind that was asked for count; a connection without an answer counts as wrong.
    private static func count(_ kind: Handshake, in words: String) -> Load.Count {
        var count = Load.Count()
        for line in words.split(separator: "\n") {
            if line.allSatisfy({ "r*tTS23".contains($0) }) {
                let resumed = line.count { $0 == "r" }
                let other = line.count - resumed
                count.done += kind == .resumed ? resumed : other
                count.errors += kind == .resumed ? other : resumed
            } else if line.contains("real seconds"), line.contains(", 0 bytes read") {
                count.errors += count.done
                count.done = 0
            }
        }
        return count
    }
}
