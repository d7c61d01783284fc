import ArgumentParser
import NIOCore
import NIOPosix

/// The backend of the measurements. It looks no further than it must and answers with bytes that are ready, so that it is never
/// the bottleneck.
struct ServeBackendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-backend",
        abstract: "Serve a fixed small response; used by the measurements.",
        shouldDisplay: false
    )

    @Option(help: "Port on 127.0.0.1.")
    var port: Int

    @Option(help: "What it speaks.")
    var speaks = FixedBackend.http

    func run() async throws {
        let speaks = self.speaks
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    switch speaks {
                    case .http: try channel.pipeline.syncOperations.addHandler(FixedResponder())
                    case .grpc: try channel.pipeline.syncOperations.addHandler(FixedCallResponder())
                    case .webSocket: try channel.pipeline.syncOperations.addHandler(EchoResponder())
                    }
                }
            }
            .bind(host: "127.0.0.1", port: self.port).get()
        try await channel.closeFuture.get()
    }
}

/// What a backend of the measurements speaks.
enum FixedBackend: String, CaseIterable, ExpressibleByArgument {
    case http
    case grpc
    case webSocket = "websocket"

    /// Runs one, away from the proxies' core.
    static func start(_ kind: Self, in folder: WorkFolder) throws -> (process: ChildProcess, port: UInt16) {
        let port = try System.freePort()
        let command = [System.ownPath, "serve-backend", "--port", "\(port)", "--speaks", kind.rawValue]
        let process = try ChildProcess(
            ProxyMeasurement.pinned(command, toProxyCore: false),
            output: folder.file("backend.txt")
        )
        do {
            try Loopback.waitForListener(port: port, seconds: 10)
        } catch {
            process.stop()
            throw error
        }
        return (process, port)
    }
}
