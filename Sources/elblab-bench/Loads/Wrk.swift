/// The load generator wrk, for HTTP/1.1 with and without TLS.
struct Wrk {
    let program: String
    let connections: Int

    init(connections: Int) throws {
        self.program = try System.require("wrk", package: "wrk")
        self.connections = connections
    }

    /// Requests over connections that stay open.
    func requests(scheme: String, title: String, unit: String = "request") -> Load {
        Load(title: title, unit: unit) { port, seconds, folder in
            let words = try self.run("\(scheme)://127.0.0.1:\(port)/", seconds: seconds, folder)
            return Self.count(in: words)
        }
    }

    /// One request per connection.
    func connections(title: String) -> Load {
        Load(title: title, unit: "connection") { port, seconds, folder in
            let words = try self.run(
                "http://127.0.0.1:\(port)/",
                seconds: seconds,
                folder,
                ["-H", "Connection: close"]
            )
            return Self.count(in: words)
        }
    }

    private func run(
        _ url: String,
        seconds: Int,
        _ folder: WorkFolder,
        _ more: [String] = []
    ) throws -> String {
        let output = folder.file("wrk.txt")
        let command =
            [
                self.program, "-t1", "-c\(self.connections)", "-d\(seconds)s", "-H", "User-Agent: wrk", "-H",
                "Accept: */*",
            ] + more + [url]
        try ChildProcess(ProxyMeasurement.pinned(command, toProxyCore: false), output: output).wait()
        return try TextFile.read(output)
    }

    private static func count(in words: String) -> Load.Count {
        var count = Load.Count()
        for line in words.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "," || $0 == ":" })
            if words.count > 2, words[1] == "requests", words[2] == "in" { count.done = Int(words[0]) ?? 0 }
            if line.contains("Non-2xx") || line.contains("Socket errors") {
                count.errors += words.compactMap { Int($0) }.reduce(0, +)
            }
        }
        return count
    }
}
