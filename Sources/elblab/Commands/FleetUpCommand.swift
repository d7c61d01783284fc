import ArgumentParser
import ELBFleet
import ELBModel

/// `elblab fleet up`: backends without a lab, in front of which any balancer can be put.
struct FleetUpCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start backends and keep them until Ctrl-C.",
        discussion: """
            Each backend is a process of its own. With a base address all stand on that address and consecutive ports; \
            without, each has an address of its zone's subnet (127.10.1.64 …) and all have the same port.

            Example: elblab fleet up --count 4 --az a,b --type t3.small --port 8080
            """
    )

    @Option(name: .long, help: "How many backends, 1 to 200, spread over the zones in turn.")
    var count = 2

    @Option(name: .long, help: "Their zones, a to d, separated by commas.")
    var az = ZoneList(zones: [.a, .b])

    @Option(name: .long, help: "Their size: t3.nano to t3.2xlarge, or lab.unlimited.")
    var type = InstanceType.t3Micro.name

    @Option(name: .customLong("protocol"), help: "What they speak: http, https, h2, grpc, ws, lambda or oidc.")
    var spoken = "http"

    @OptionGroup var tls: FleetTLSOptions

    @Option(name: .long, help: "A gRPC method's status, /package.Service/Method=5; may be repeated.")
    var grpcStatus: [String] = []

    @Option(name: .long, help: "Their port; with --base-address the first one's.")
    var port = 8080

    @Option(name: .long, help: "One loopback address for all.")
    var baseAddress: String?

    @Option(name: .long, help: "A path that counts as a health check; may be repeated.")
    var healthPath: [String] = ["/health"]

    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var text: PlainOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        let descriptions = try self.descriptions()
        let place = try self.endpoint.resolved()
        _ = try await SignalWatch.untilTerminated {
            let fleet = Fleet(.children(executable: ThisProgram.path, arguments: ["backend"]))
            do {
                let statuses = try await fleet.launch(descriptions)
                let server = try await FleetEndpoint.start(
                    address: place.address,
                    port: place.port.rawValue,
                    for: fleet
                )
                try self.show(statuses, server.endpoint)
                // Nothing more to do here until a signal cancels this task.
                try? await Task.sleep(for: .seconds(10 * 365 * 86400))
                await server.stop()
                await fleet.shutDown()
            } catch {
                await fleet.shutDown()
                guard let error = error as? BackendError else { throw error }
                throw CommandFailure(error.message, status: error.code == .invalid ? .usage : .internalError)
            }
        }
    }

    private func show(_ statuses: [BackendStatus], _ endpoint: Endpoint) throws {
        if self.data.json {
            let line = try ControlLines.encode(FleetReply.status(statuses))
            StandardStream.output.write(String(decoding: line, as: UTF8.self))
            return
        }
        for line in StatusTable(style: self.text.style).lines(statuses) { StandardStream.output.printLine(line) }
        StandardStream.output.printLine("commands at \(endpoint); Ctrl-C ends the fleet")
    }

    private func descriptions() throws -> [BackendDescription] {
        let zones = self.az.zones
        guard (1...200).contains(self.count) else {
            throw CommandFailure("--count is 1 to 200, not \(self.count)", status: .usage)
        }
        guard let type = InstanceType.named(self.type) else {
            let names = InstanceType.all.map(\.name).joined(separator: ", ")
            throw CommandFailure("no size '\(self.type)'", fix: "there are \(names)", status: .usage)
        }
        if let path = self.healthPath.first(where: { !$0.hasPrefix("/") }) {
            throw CommandFailure("'\(path)' is not a path", fix: "a path begins with /", status: .usage)
        }
        let base = try self.baseAddress.map { text in
            guard let address = IPAddress(text) else {
                throw CommandFailure("'\(text)' is not an address", status: .usage)
            }
            return address
        }
        let behaviour = try self.behaviour()
        return try (0..<self.count).map { index in
            let zone = zones[index % zones.count]
            let number = index / zones.count
            let port = base == nil ? self.port : self.port + index
            guard let port = Port(port) else {
                throw CommandFailure("port \(port) is out of range", fix: "ports are 1 to 65535", status: .usage)
            }
            let host = LabAddresses.instanceHosts.lowerBound + UInt8(number)
            if self.spoken == Self.lambda {
                let address = base ?? LabAddresses.privateAddress(zone, host: host)
                let endpoint = Endpoint(address: address, port: port)
                return BackendDescription(Self.function("fn-\(zone.letter)\(number + 1)", at: endpoint), zone: zone)
            }
            return BackendDescription(
                name: "web-\(zone.letter)\(number + 1)",
                zone: zone,
                address: base ?? LabAddresses.privateAddress(zone, host: host),
                ports: [port.rawValue],
                type: type,
                behaviour: behaviour
            )
        }
    }

    private static let lambda = "lambda"

    /// A function that obeys switches and that every load balancer may invoke.
    private static func function(_ name: String, at endpoint: Endpoint) -> LambdaFunction {
        LambdaFunction(
            arn: "arn:aws:lambda:\(AvailabilityZone.region):123456789012:function:\(name)",
            name: name,
            endpoint: endpoint,
            code: .switches,
            permissions: [.init()]
        )
    }

    private func behaviour() throws -> BackendBehaviour {
        var behaviour = BackendBehaviour()
        behaviour.healthPaths = Set(self.healthPath)
        guard self.spoken == Self.lambda || behaviour.speak(self.spoken) else {
            let names = (BackendBehaviour.protocolNames + [Self.lambda]).joined(separator: ", ")
            throw CommandFailure("no protocol '\(self.spoken)'", fix: "there are \(names)", status: .usage)
        }
        behaviour.tls = try self.tls.settings(startingFrom: behaviour.tls)
        for pair in self.grpcStatus {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let status = Int(parts[1]) else {
                throw CommandFailure(
                    "'\(pair)' is no gRPC status",
                    fix: "write /package.Service/Method=5",
                    status: .usage
                )
            }
            behaviour.grpcStatuses[String(parts[0])] = status
        }
        if let problem = behaviour.problem { throw CommandFailure(problem, status: .usage) }
        return behaviour
    }
}
