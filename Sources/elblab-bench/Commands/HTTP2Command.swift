import ArgumentParser

/// CPU time per request of HTTP/2 clients, taken to a backend over HTTP/1.1, beside HAProxy and nginx.
struct HTTP2Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "h2",
        abstract: "Measure CPU per HTTP/2 request beside HAProxy and nginx.",
        discussion: """
            Clients (h2load, from nghttp2-client) speak HTTP/2 over TLS, the backend HTTP/1.1. Otherwise as `elblab-bench http`.
            """
    )

    @OptionGroup var options: MeasurementOptions

    @Option(help: "Connections.")
    var connections = 4

    @Option(help: "Streams at once on each connection.")
    var streams = 32

    func run() throws {
        guard let h2load = System.find("h2load") else {
            throw ChildProcess.Failure(description: "h2load is not installed (apt-get install nghttp2-client)")
        }
        try ProxyMeasurement(options: self.options, front: .http2).run { port, seconds, folder in
            try self.load(h2load, port, seconds: seconds, folder)
        }
    }

    private func load(
        _ h2load: String,
        _ port: UInt16,
        seconds: Int,
        _ folder: WorkFolder
    ) throws -> (
        requests: Int, errors: Int
    ) {
        let output = folder.file("h2load.txt")
        let command = [
            h2load, "-t1", "-c\(self.connections)", "-m\(self.streams)", "-D\(seconds)", "https://127.0.0.1:\(port)/",
        ]
        let process = try ChildProcess(ProxyMeasurement.pinned(command, toProxyCore: false), output: output)
        process.wait()
        // "requests: 1000 total, 1000 started, 1000 done, 1000 succeeded, 0 failed, 0 errored, 0 timeout"
        for line in try TextFile.read(output).split(separator: "\n") where line.hasPrefix("requests:") {
            let numbers = line.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
            guard numbers.count >= 6 else { continue }
            return (numbers[3], numbers[4] + numbers[5])
        }
        return (0, 0)
    }
}
