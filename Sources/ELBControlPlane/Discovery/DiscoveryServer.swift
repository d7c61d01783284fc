package import ELBModel
import FoundationEssentials

/// Writes a load balancer of the lab as Envoy's resources. The program puts the code of `elblab export` here.
package protocol DiscoveryWriter: Sendable {
    /// - Throws: an error with status 501 if Envoy has no words for something.
    func resources(_ kind: DiscoveryKind, of plan: DiscoveryPlan) throws(DiscoveryError) -> [DiscoveryResource]
    /// Told how it went, for people: Envoy's own log shows only the status.
    func noticed(_ error: DiscoveryError?, of loadBalancer: LoadBalancerName)
}

/// The lab as a configuration server: Envoys ask it again and again what they are to be (xDS version 3 over REST).
package struct DiscoveryServer: Sendable {
    /// Bytes of a question that are read. An Envoy lists everything that it was built from, 80 kB of it.
    static let largestBody = 1 << 20

    private let lab: Lab
    private let writer: any DiscoveryWriter

    package init(_ lab: Lab, writer: any DiscoveryWriter) {
        self.lab = lab
        self.writer = writer
    }

    /// The answer to what was posted to `/v3/PLACE`.
    package func answer(_ place: String, _ body: [UInt8]) async -> LabReply {
        do throws(DiscoveryError) {
            let request = try DiscoveryRequest(place: place, body: body)
            return Self.answer(request, await self.lab.view(), self.writer)
        } catch {
            return Self.refusal(error)
        }
    }

    /// 200 with what the Envoy is to have, 304 if it has that, or a refusal, with which it goes on as it is.
    package static func answer(
        _ request: DiscoveryRequest,
        _ view: LabView,
        _ writer: any DiscoveryWriter
    ) -> LabReply {
        do throws(DiscoveryError) {
            let resources = try Self.resources(request, view, writer)
            let answer = DiscoveryAnswer(kind: request.kind, resources: resources)
            guard answer.version != request.version else { return LabReply(status: 304, body: []) }
            return LabReply(body: Array(answer.text.utf8))
        } catch {
            return Self.refusal(error)
        }
    }

    /// An error of JSON with the reason.
    static func refusal(_ error: DiscoveryError) -> LabReply {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let body = (try? encoder.encode(["error": error.description])) ?? Data()
        return LabReply(status: error.status, body: Array(body) + [0x0a])
    }

    private static func resources(
        _ request: DiscoveryRequest,
        _ view: LabView,
        _ writer: any DiscoveryWriter
    ) throws(DiscoveryError) -> [DiscoveryResource] {
        var plans: [DiscoveryPlan] = []
        for name in request.node.loadBalancers {
            guard let balancer = view.topology.loadBalancers.first(where: { $0.name == name }) else {
                throw DiscoveryError(404, "the lab has no load balancer called '\(name.rawValue.prefix(40))'")
            }
            plans.append(DiscoveryPlan(balancer, for: request.node, in: view))
        }
        try Self.requireDifferentPorts(plans)
        var resources: [DiscoveryResource] = []
        var names: Set<String> = []
        for plan in plans {
            let own: [DiscoveryResource]
            do {
                own = try writer.resources(request.kind, of: plan)
            } catch {
                writer.noticed(error, of: plan.loadBalancer.name)
                throw error
            }
            // Health of targets can be told even of what cannot be written as a whole.
            if request.kind != .endpoints { writer.noticed(nil, of: plan.loadBalancer.name) }
            for resource in own where request.names.isEmpty || request.names.contains(resource.name) {
                if names.insert(resource.name).inserted { resources.append(resource) }
            }
        }
        return resources
    }

    /// One Envoy has one address for all its load balancers.
    private static func requireDifferentPorts(_ plans: [DiscoveryPlan]) throws(DiscoveryError) {
        var owners: [Port: LoadBalancerName] = [:]
        for balancer in plans.map(\.loadBalancer) {
            for listener in balancer.listeners {
                if let other = owners.updateValue(balancer.name, forKey: listener.port), other != balancer.name {
                    throw DiscoveryError(
                        409,
                        "\(other) and \(balancer.name) both listen on port \(listener.port): give each an Envoy of its own"
                    )
                }
            }
        }
    }
}
