package import ELBFleet
package import ELBModel
internal import FoundationEssentials
internal import Synchronization

extension Scene {
    /// A group with one Lambda function of the fleet behind it, which answers as the switches in its event's query ask.
    package func function(
        _ name: String,
        health: HealthCheckSettings = .lambda,
        isMultiValue: Bool = false
    ) async throws -> SceneGroup {
        let number = self.state.withLock { $0.backends.count }
        let arn = "arn:aws:lambda:\(AvailabilityZone.region):123456789012:function:\(name)-\(self.token)-\(number)"
        let hosts = LabAddresses.instanceHosts
        let address = LabAddresses.privateAddress(.a, host: hosts.lowerBound + UInt8(number % hosts.count))
        var description = BackendDescription(
            LambdaFunction(
                arn: arn,
                name: name,
                endpoint: Endpoint(address: address, port: LambdaFunction.apiPort),
                code: .switches,
                permissions: [.init()]
            )
        )
        // Any port will do: the subject is told.
        description.ports = [0]
        let backend = try await Backend.start(description)
        self.state.withLock { $0.backends.append(backend) }
        return self.group(name, of: [backend], health: health) { group in
            group.targetType = .lambda
            group.attributes.lambdaMultiValueHeadersEnabled = isMultiValue
            group.targets = backend.endpoints.map {
                Target(id: TargetID(rawValue: arn), endpoint: $0, zone: nil)
            }
        }
    }

    /// Sends a request and expects the group's function to be invoked for it, once, with an event that can be read.
    package func expect(
        _ method: String = "GET",
        _ path: String,
        headers: [CurlHeader] = [],
        at listener: Endpoint,
        invokes group: SceneGroup,
        configure: (inout CurlRequest) -> Void = { _ in }
    ) async throws -> (exchange: Exchange, response: CurlResponse, event: FunctionEvent) {
        let exchange = await self.send(method, path, to: listener, headers: headers, configure: configure)
        let (response, record) = try self.expect(exchange, reached: group)
        return (exchange, response, try self.event(record, of: exchange))
    }

    private func event(_ record: RequestRecord, of exchange: Exchange) throws -> FunctionEvent {
        if let event = FunctionEvent(record) { return event }
        throw Problem.broken(
            tried: exchange.tried,
            expected: "the function gets an event of Elastic Load Balancing",
            actual: "it got \(record.body.text.prefix(200).debugDescription)",
            evidence: exchange.evidence
        )
    }
}

/// The event that a function got, as the guide describes it.
package struct FunctionEvent: Decodable, Hashable, Sendable {
    package var requestContext: RequestContext
    package var httpMethod: String
    package var path: String
    package var queryStringParameters: [String: String]?
    package var multiValueQueryStringParameters: [String: [String]]?
    package var headers: [String: String]?
    package var multiValueHeaders: [String: [String]]?
    package var body: String
    package var isBase64Encoded: Bool

    package struct RequestContext: Decodable, Hashable, Sendable {
        package var elb: Balancer

        package struct Balancer: Decodable, Hashable, Sendable {
            package var targetGroupArn: String
        }
    }

    /// `nil` if the record's body is no such event.
    package init?(_ record: RequestRecord) {
        guard let event = try? JSONDecoder().decode(Self.self, from: Data(record.body.bytes)) else { return nil }
        self = event
    }

    /// A query's parameters without the id that the suite adds.
    package var ownQuery: [String: String]? {
        self.queryStringParameters?.filter { !$0.key.hasPrefix("elb-") }
    }
}
