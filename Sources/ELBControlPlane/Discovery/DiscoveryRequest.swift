package import ELBModel
import FoundationEssentials

/// An Envoy's question, the body of `POST /v3/discovery:KIND`: a `DiscoveryRequest` of xDS version 3 in protobuf's JSON form, in which
/// `resource_names` may also be spelt `resourceNames`.
///
/// Over REST the question itself says what its Envoy has (`version_info`), so the nonces of the streaming forms decide nothing
/// here, and nobody has to remember who asked.
package struct DiscoveryRequest: Hashable, Sendable {
    package var kind: DiscoveryKind
    package var node: DiscoveryNode
    /// What it has taken over last; empty at the beginning.
    package var version: String
    /// Which resources it wants; empty for all.
    package var names: Set<String>

    package init(kind: DiscoveryKind, node: DiscoveryNode, version: String = "", names: Set<String> = []) {
        self.kind = kind
        self.node = node
        self.version = version
        self.names = names
    }

    /// Reads what was posted.
    ///
    /// - Parameter place: the path's last part, `discovery:listeners`.
    package init(place: String, body: [UInt8]) throws(DiscoveryError) {
        let kind = try DiscoveryKind(place: place)
        let wire: Wire
        do {
            wire = try JSONDecoder().decode(Wire.self, from: Data(body))
        } catch {
            throw DiscoveryError(400, Self.explain(error))
        }
        if let type = wire.type, !type.isEmpty, type != kind.typeURL {
            throw DiscoveryError(400, "the type_url is '\(type.prefix(100))', but /v3/\(place) has \(kind.typeURL)")
        }
        let names = wire.names ?? []
        self.init(
            kind: kind,
            node: try DiscoveryNode(wire.node),
            version: wire.version ?? "",
            names: names.contains("*") ? [] : Set(names)
        )
    }

    private static func explain(_ error: any Error) -> String {
        let context: DecodingError.Context? =
            switch error as? DecodingError {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context): context
            case .dataCorrupted, nil: nil
            @unknown default: nil
            }
        guard let context else { return "the body is no JSON" }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        let place = path.hasPrefix(".") ? String(path.dropFirst()) : path
        return place.isEmpty
            ? "the body is no DiscoveryRequest, which is a JSON object" : "\(place.prefix(100)) has the wrong type"
    }

    /// The fields that count, of many more.
    struct Wire: Decodable {
        struct Node: Decodable {
            struct Locality: Decodable {
                var zone: String?
            }

            struct Metadata: Decodable {
                var listen: String?
                var loadBalancers: [String]?

                private enum CodingKeys: String, CodingKey {
                    case listen
                    case loadBalancers = "load_balancers"
                }
            }

            var cluster: String?
            var locality: Locality?
            var metadata: Metadata?
        }

        var node: Node?
        var type: String?
        var version: String?
        var names: [String]?

        /// A field's name in the protocol's own spelling, which Envoy writes, and in JSON's.
        private enum Key: String, CodingKey {
            case node
            case type = "type_url"
            case typeInJSON = "typeUrl"
            case version = "version_info"
            case versionInJSON = "versionInfo"
            case names = "resource_names"
            case namesInJSON = "resourceNames"
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            func value<Value: Decodable>(_ keys: Key...) throws -> Value? {
                for key in keys {
                    if let value = try values.decodeIfPresent(Value.self, forKey: key) { return value }
                }
                return nil
            }
            self.node = try value(.node)
            self.type = try value(.type, .typeInJSON)
            self.version = try value(.version, .versionInJSON)
            self.names = try value(.names, .namesInJSON)
        }
    }
}

/// Who asks, from an Envoy's own configuration.
package struct DiscoveryNode: Hashable, Sendable {
    /// The load balancers that it stands for: `node.metadata.load_balancers`, else `node.cluster`.
    package var loadBalancers: [LoadBalancerName]
    /// Where it listens: `node.metadata.listen`, else 127.0.0.1. The lab's own nodes have the load balancer's addresses.
    package var address: IPAddress
    /// `node.locality.zone`, if it names one of the lab's: then it sees what the load balancer's node there sees.
    package var zone: AvailabilityZone?

    /// Load balancers that one Envoy may stand for.
    static let mostLoadBalancers = 50

    package init(
        _ loadBalancers: [LoadBalancerName],
        address: IPAddress = .loopback,
        zone: AvailabilityZone? = nil
    ) {
        self.loadBalancers = loadBalancers
        self.address = address
        self.zone = zone
    }

    init(_ wire: DiscoveryRequest.Wire.Node?) throws(DiscoveryError) {
        var names: [String] = []
        for name in wire?.metadata?.loadBalancers ?? [wire?.cluster ?? ""] where !names.contains(name) {
            names.append(name)
        }
        guard names.contains(where: { !$0.isEmpty }) else {
            throw DiscoveryError(400, "the node names no load balancer: node.cluster is a load balancer's name")
        }
        guard names.count <= Self.mostLoadBalancers else {
            throw DiscoveryError(400, "one Envoy stands for at most \(Self.mostLoadBalancers) load balancers")
        }
        var address = IPAddress.loopback
        if let text = wire?.metadata?.listen {
            guard let listen = IPAddress(text) else {
                throw DiscoveryError(400, "node.metadata.listen is '\(text.prefix(60))', which is no IP address")
            }
            address = listen
        }
        self.init(
            names.map { LoadBalancerName(rawValue: $0) },
            address: address,
            zone: wire?.locality?.zone.flatMap { AvailabilityZone($0) }
        )
    }
}
