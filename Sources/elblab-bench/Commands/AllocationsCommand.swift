import ArgumentParser
import CAllocationCount
import ELBHTTPProxy
import ELBNet
import Glibc
import Logging
import NIOPosix

/// Allocations per proxied request, by the number of header fields.
struct AllocationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allocations",
        abstract:
            "Count allocations per proxied request at 1, 10 and 40 header fields; fails if they grow with the fields.",
        discussion: """
            The balancer runs in this process, with 100 rules, health checks, metrics and access log; the backend in another one. \
            One keep-alive connection sends one request after the other and allocates nothing itself. What is counted are calls \
            of malloc, calloc, realloc and the aligned ones, on all threads, after a warm-up.
            """
    )

    @Option(help: "Requests per measurement.")
    var requests = 20_000

    /// What amortised growth and the node's own ticks may add.
    private static let tolerance = 0.1

    func run() async throws {
        let folder = try WorkFolder()
        defer { folder.remove() }
        let backend = try FixedBackend.start(.http, in: folder)
        defer { backend.process.stop() }

        let port = try System.freePort()
        let sink = try FileAccessLogSink(path: folder.file("access.log"), logger: Logger(label: "elblab-bench"))
        let balancer = ApplicationLoadBalancer(
            group: MultiThreadedEventLoopGroup(numberOfThreads: 1),
            timeScale: .realTime,
            accessLog: sink
        )
        let (loadBalancer, group) = try BenchTopology.make(port: Int(port), backend: Int(backend.port), rules: 100)
        try await balancer.apply(loadBalancer, targetGroups: [group])

        print("fields   allocations/request")
        var counts: [Double] = []
        for fields in [1, 10, 40] {
            let count = try self.allocations(port: port, fields: fields)
            counts.append(count)
            print("\(fields)\(String(repeating: " ", count: fields < 10 ? 8 : 7))\(Hundredths.text(count))")
        }
        await balancer.stop(gracePeriod: .seconds(1))
        guard let least = counts.min(), let most = counts.max(), most - least <= Self.tolerance else {
            print("allocations grow with the number of header fields")
            throw ExitCode.failure
        }
    }

    private func allocations(port: UInt16, fields: Int) throws -> Double {
        var text = "GET / HTTP/1.1\r\nHost: example.com\r\n"
        for number in 1..<fields { text += "X-Field-\(number): value \(number)\r\n" }
        var client = try BlockingClient(port: port, request: Array((text + "\r\n").utf8))
        defer { client.close() }
        for _ in 0..<1000 { try client.exchange() }
        let before = elblab_allocation_count()
        for _ in 0..<self.requests { try client.exchange() }
        return Double(elblab_allocation_count() - before) / Double(max(1, self.requests))
    }
}

/// A client that sends the same request again and again and waits for each answer, which must come in one piece.
private struct BlockingClient {
    private let descriptor: CInt
    private let request: [UInt8]
    private var answer = [UInt8](repeating: 0, count: 4096)

    init(port: UInt16, request: [UInt8]) throws {
        guard let descriptor = Loopback.connect(port: port) else {
            throw ChildProcess.Failure(description: "cannot connect to the balancer")
        }
        self.descriptor = descriptor
        self.request = request
    }

    mutating func exchange() throws {
        guard write(self.descriptor, self.request, self.request.count) == self.request.count,
            read(self.descriptor, &self.answer, self.answer.count) > 12, self.answer[9] == UInt8(ascii: "2")
        else { throw ChildProcess.Failure(description: "the balancer did not answer with 2xx") }
    }

    func close() {
        Glibc.close(self.descriptor)
    }
}
