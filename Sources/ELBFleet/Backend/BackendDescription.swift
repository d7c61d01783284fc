package import ELBModel

/// What a backend is started with. JSON writes addresses, zones and sizes as AWS's texts.
package struct BackendDescription: Hashable, Sendable {
    /// What people call it, and what its answers say: `WebA`.
    package var name: String
    /// Its instance id; the name serves where there is none.
    package var id: String
    package var zone: AvailabilityZone
    /// Where it listens, anywhere in 127.0.0.0/8 or `::1`.
    package var address: IPAddress
    /// The ports it listens on, at least one; 0 lets the system choose, and `Backend.endpoints` tells.
    package var ports: [UInt16]
    package var type: InstanceType
    package var behaviour: BackendBehaviour
    /// How many bytes of a body its records keep.
    package var bodyLimit: Int

    /// The usual limit of a body in a record: 64 KiB.
    package static let usualBodyLimit = 65536

    package init(
        name: String,
        id: String? = nil,
        zone: AvailabilityZone = .a,
        address: IPAddress = .loopback,
        ports: [UInt16] = [0],
        type: InstanceType = .unlimited,
        behaviour: BackendBehaviour = .init(),
        bodyLimit: Int = Self.usualBodyLimit
    ) {
        self.name = name
        self.id = id ?? name
        self.zone = zone
        self.address = address
        self.ports = ports
        self.type = type
        self.behaviour = behaviour
        self.bodyLimit = bodyLimit
    }

    /// The backend of an instance in a template.
    package init(_ instance: Instance) {
        self.init(
            name: instance.name,
            id: instance.id.rawValue,
            zone: instance.zone,
            address: instance.address,
            ports: instance.ports.map(\.rawValue),
            type: instance.type,
            behaviour: instance.behaviour
        )
    }

    /// Why no backend can be started so, in words; `nil` if one can.
    package var problem: String? {
        if self.name.isEmpty { return "a backend needs a name" }
        if self.ports.isEmpty { return "backend \(self.name) needs a port" }
        if !self.address.isLoopback {
            return "\(self.address) is not a loopback address; backends stay on this machine"
        }
        if self.type.workers < 1 { return "size \(self.type.name) has no workers" }
        for status in [self.behaviour.status, self.behaviour.healthStatus ?? 200] where !(200...599).contains(status) {
            return "a status is 200 to 599, not \(status)"
        }
        if !(0...Fault.longestDelay).contains(self.behaviour.delayMilliseconds) {
            return "a delay is 0 to \(Fault.longestDelay) milliseconds, not \(self.behaviour.delayMilliseconds)"
        }
        return self.bodyLimit < 0 ? "a body limit is 0 or more, not \(self.bodyLimit)" : nil
    }
}

extension BackendDescription: Codable {
    private enum CodingKeys: String, CodingKey {
        case name
        case id
        case zone
        case address
        case ports
        case type
        case status
        case body
        case healthStatus
        case healthPaths
        case delayMilliseconds
        case bodyLimit
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .name)
        self.init(
            name: name,
            id: try container.decodeIfPresent(String.self, forKey: .id),
            zone: try Self.value(container, .zone, "a zone, a to d") { AvailabilityZone($0) } ?? .a,
            address: try Self.value(container, .address, "an address") { IPAddress($0) } ?? .loopback,
            ports: try container.decodeIfPresent([UInt16].self, forKey: .ports) ?? [0],
            type: try Self.value(container, .type, "a size of the lab") { InstanceType.named($0) } ?? .t3Micro,
            bodyLimit: try container.decodeIfPresent(Int.self, forKey: .bodyLimit) ?? Self.usualBodyLimit
        )
        self.behaviour.status = try container.decodeIfPresent(Int.self, forKey: .status) ?? 200
        self.behaviour.body = try container.decodeIfPresent(String.self, forKey: .body)
        self.behaviour.healthStatus = try container.decodeIfPresent(Int.self, forKey: .healthStatus)
        self.behaviour.healthPaths = Set(try container.decodeIfPresent([String].self, forKey: .healthPaths) ?? [])
        self.behaviour.delayMilliseconds = try container.decodeIfPresent(Int.self, forKey: .delayMilliseconds) ?? 0
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.name, forKey: .name)
        try container.encode(self.id, forKey: .id)
        try container.encode(self.zone.name, forKey: .zone)
        try container.encode(self.address.description, forKey: .address)
        try container.encode(self.ports, forKey: .ports)
        try container.encode(self.type.name, forKey: .type)
        try container.encode(self.behaviour.status, forKey: .status)
        try container.encodeIfPresent(self.behaviour.body, forKey: .body)
        try container.encodeIfPresent(self.behaviour.healthStatus, forKey: .healthStatus)
        try container.encode(self.behaviour.healthPaths.sorted(), forKey: .healthPaths)
        try container.encode(self.behaviour.delayMilliseconds, forKey: .delayMilliseconds)
        try container.encode(self.bodyLimit, forKey: .bodyLimit)
    }

    private static func value<Value>(
        _ container: KeyedDecodingContainer<CodingKeys>,
        _ key: CodingKeys,
        _ expected: String,
        _ read: (String) -> Value?
    ) throws -> Value? {
        guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let value = read(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: container,
                debugDescription: "'\(text)' is not \(expected)"
            )
        }
        return value
    }
}
