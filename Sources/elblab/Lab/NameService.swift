import ELBControlPlane
import ELBCore
import ELBModel
import ELBNet
import Glibc
import NIOCore

/// A name server, the lab's or one balancer's, and whoever keeps it up to date.
struct NameService: Sendable {
    /// Where the server listens; `nil` has none.
    enum Place: Sendable {
        /// The usual place, and none if somebody has it already.
        case usual
        case at(Endpoint)
        case nowhere
    }

    static let usual = Endpoint(address: .loopback, port: 10053)

    private let place: Place
    private let server: NameServer
    /// Where it is told to be.
    private let address: IPAddress
    private let changes: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - content: what names stand for until somebody has looked.
    ///   - seed: decides in which order addresses are given out.
    init(
        _ place: Place,
        group: any EventLoopGroup,
        content: NameTable.Content = .init(),
        seed: UInt64? = nil
    ) {
        self.place = place
        let address =
            switch place {
            case .at(let endpoint): endpoint.address
            case .usual, .nowhere: Self.usual.address
            }
        self.address = address
        self.server = NameServer(
            group: group,
            table: NameTable(content, nameServer: address, serial: 0),
            seed: seed ?? .random(in: .min ... .max)
        )
        // However much changes at once, one look is enough.
        (self.changes, self.signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something has changed that names may depend on.
    func refresh() { self.signal.yield() }

    /// Begins to listen.
    ///
    /// - Returns: where, or why not when the usual place is taken.
    /// - Throws: when the place that somebody asked for cannot be had.
    func start() async throws -> Result<Endpoint, NotListening>? {
        switch self.place {
        case .nowhere: return nil
        case .usual:
            do {
                return .success(try await self.server.listen(at: Self.usual.address, port: Self.usual.port))
            } catch {
                return .failure(NotListening(endpoint: Self.usual, reason: Self.reason(error)))
            }
        case .at(let endpoint):
            do {
                return .success(try await self.server.listen(at: endpoint.address, port: endpoint.port))
            } catch {
                throw CommandFailure(
                    "cannot answer names on \(endpoint): \(Self.reason(error))",
                    fix: "choose another place with --name-server, or 'off'"
                )
            }
        }
    }

    struct NotListening: Error {
        var endpoint: Endpoint
        var reason: String
    }

    /// Keeps the table as things are, until cancelled or stopped.
    func follow(_ content: @Sendable () async -> NameTable.Content) async {
        var serial: UInt32 = 0
        for await _ in self.changes {
            serial &+= 1
            self.server.use(NameTable(await content(), nameServer: self.address, serial: serial))
        }
    }

    func stop() async {
        self.signal.finish()
        await self.server.stop()
    }

    private static func reason(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    }
}
