import ELBControlPlane
import ELBCore
import ELBModel
import ELBNet
import Glibc
import NIOCore

/// The lab's name server, and whoever keeps it up to date.
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
    private let changes: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(_ place: Place, group: any EventLoopGroup) {
        self.place = place
        self.server = NameServer(group: group, table: Self.table([], serial: 0), seed: .random(in: .min ... .max))
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

    /// Keeps the table as the lab is, until cancelled.
    func follow(_ lab: Lab) async {
        var serial: UInt32 = 0
        for await _ in self.changes {
            serial &+= 1
            self.server.use(Self.table(await lab.names(), serial: serial))
        }
    }

    func stop() async {
        self.signal.finish()
        await self.server.stop()
    }

    private static func table(_ balancers: [NameTable.Balancer], serial: UInt32) -> NameTable {
        NameTable(balancers, nameServer: Self.usual.address, serial: serial)
    }

    private static func reason(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    }
}
