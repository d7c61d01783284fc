/// The load generator h2load, for HTTP/2 over TLS.
struct H2Load {
    let program: String
    let connections: Int
    let streams: Int

    init(connections: Int, streams: Int) throws {
        self.program = try System.require("h2load", package: "nghttp2-client")
        self.connections = connections
        self.streams = streams
    }

    /// GET requests.
    func requests(title: String) -> Load {
        Load(title: title, unit: "request") { port, seconds, folder in
            try self.run(["https://127.0.0.1:\(port)/"], seconds: seconds, folder)
        }
    }

    /// Unary gRPC calls. What h2load sees of an answer is its HTTP status; that gRPC's own status arrives in the trailers is the
    /// conformance suite's matter.
    func calls(title: String) -> Load {
        Load(title: title, unit: "call") { port, seconds, folder in
            let body = folder.file("message.bin")
            try TextFile.write(String(decoding: GRPCMessage.hello, as: UTF8.self), to: body)
            let arguments = [
                "-d", body, "-H", "content-type: application/grpc", "-H", "te: trailers",
                "https://127.0.0.1:\(port)/bench.Greeter/Greet",
            ]
            return try self.run(arguments, seconds: seconds, folder)
        }
    }

    /// After more than 10,000 requests on a connection a balancer asks its client to connect anew (ALB-HTTP-004), which h2load does
    /// not do. So it is started again and again.
    private static let requestsPerConnection = 5_000

    private func run(_ arguments: [String], seconds: Int, _ folder: WorkFolder) throws -> Load.Count {
        let output = folder.file("h2load.txt")
        let requests = self.connections * Self.requestsPerConnection
        let command =
            [self.program, "-t1", "-c\(self.connections)", "-m\(self.streams)", "-n\(requests)"] + arguments
        var count = Load.Count()
        let end = ContinuousClock.now + .seconds(seconds)
        repeat {
            try ChildProcess(ProxyMeasurement.pinned(command, toProxyCore: false), output: output).wait()
            let one = Self.count(in: try TextFile.read(output))
            count.done += one.done
            count.errors += one.errors
            // Nothing answers: it would fail at once, again and again.
            if one.done == 0 { break }
        } while ContinuousClock.now < end
        return count
    }

    private static func count(in words: String) -> Load.Count {
        var count = Load.Count()
        for line in words.split(separator: "\n") {
            let numbers = line.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
            // "requests: 1000 total, 1000 started, 1000 done, 1000 succeeded, 0 failed, 0 errored, 0 timeout"; errored ones have
            // failed, too.
            if line.hasPrefix("requests:"), numbers.count >= 6 {
                count.done = numbers[3]
                count.errors = numbers[4]
            }
        }
        return count
    }
}
