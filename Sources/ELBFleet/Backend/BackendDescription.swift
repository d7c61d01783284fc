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
    /// Speaks Lambda's Invoke API for this function in place of answering requests itself; its endpoint is this backend's.
    package var function: LambdaFunction?
    /// What security groups let in; `nil` lets in everything.
    package var ingress: TrafficFilter?
    /// What it shows inside TLS; `nil` makes what its behaviour says.
    package var credentials: BackendCredentials?
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
        self.ingress = instance.ingress
    }

    /// The backend of a Lambda function. Its records keep whole events.
    package init(_ function: LambdaFunction, zone: AvailabilityZone = .a) {
        self.init(
            name: function.name,
            id: function.arn,
            zone: LabAddresses.zone(of: function.endpoint.address) ?? zone,
            address: function.endpoint.address,
            ports: [function.endpoint.port.rawValue],
            bodyLimit: 2 << 20
        )
        self.function = function
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
        if let problem = self.behaviour.problem { return "\(self.name): \(problem)" }
        if let problem = self.function?.problem { return "function \(self.name): \(problem)" }
        return self.bodyLimit < 0 ? "a body limit is 0 or more, not \(self.bodyLimit)" : nil
    }
}
