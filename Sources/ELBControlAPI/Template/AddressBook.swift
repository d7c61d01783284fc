package import ELBModel

/// Who has which address. A resource keeps its address for as long as the book lives, also while a template is edited:
/// what is already running stays where it is.
package struct AddressBook: Hashable, Sendable {
    private struct Place: Hashable {
        var zone: AvailabilityZone
        var host: UInt8
    }

    private var instances: [String: Place] = [:]
    private var nodes: [String: Place] = [:]
    private var elastics: [String: Place] = [:]
    /// Keys of the templates being read. When a zone is full, others lose their place.
    private var current: Set<String> = []
    private var reserved: Set<IPAddress> = []
    /// Places that an earlier run has given, by the digits in the ids of who has them.
    private var settledInstances: [String: Place] = [:]
    private var settledNodes: [String: [Place]] = [:]
    private var settledElastics: [String: Place] = [:]

    package init() {}

    /// Keeps addresses free that somebody else has: nobody gets one of them from now on.
    package mutating func reserve(_ addresses: Set<IPAddress>) { self.reserved = addresses }

    /// Opens the book where an earlier run has closed it: what the API and stacks have made keeps its addresses to itself, and what templates
    /// described stays where it was.
    package mutating func settle(_ account: Account) {
        self.reserve(account.addresses(notOf: .template))
        for record in account.instances where record.owner == .template {
            let digits = String(record.id.suffix(16))
            self.settledInstances[digits] = Self.place(record.instance.address, record.instance.zone)
        }
        for record in account.addresses where record.owner == .template {
            self.settledElastics[String(record.id.suffix(16))] = Self.place(elastic: record.address)
        }
        for record in account.loadBalancers where record.owner == .template {
            self.settledNodes[record.balancer.id] = record.balancer.nodes.compactMap {
                Self.place($0.privateAddress, $0.zone)
            }
        }
        // Classic Load Balancers have no id; the number in their DNS name is made of the same key.
        for record in account.classicLoadBalancers where record.owner == .template {
            let label = record.balancer.dnsName.prefix { $0 != "." }
            guard let number = label.split(separator: "-").last else { continue }
            self.settledNodes[String(number)] = record.balancer.nodes.compactMap { Self.place($0.address, $0.zone) }
        }
    }

    private static func place(_ address: IPAddress, _ zone: AvailabilityZone) -> Place? {
        guard case .v4(let address) = address else { return nil }
        return Place(zone: zone, host: address.octets.3)
    }

    private static func place(elastic address: IPAddress) -> Place? {
        AvailabilityZone.allCases.lazy.compactMap { zone in self.place(address, zone) }
            .first { LabAddresses.publicAddress($0.zone, host: $0.host) == address }
    }

    /// Notes which address an Elastic IP of a stack is already.
    package mutating func keep(elastic address: IPAddress, of logicalID: String, ofStack stack: String) {
        self.elastics[ResourceIdentifiers.key(logicalID, in: stack)] = Self.place(elastic: address)
    }

    /// Notes where an instance or function of a stack stands already.
    package mutating func keep(
        instance logicalID: String,
        ofStack stack: String,
        in zone: AvailabilityZone,
        at address: IPAddress
    ) {
        guard let host = LabAddresses.host(of: address) else { return }
        self.instances[ResourceIdentifiers.key(logicalID, in: stack)] = Place(zone: zone, host: host)
    }

    /// Notes where a load balancer of a stack stands already.
    package mutating func keep(nodes: [LoadBalancer.Node], of logicalID: String, ofStack stack: String) {
        let key = ResourceIdentifiers.key(logicalID, in: stack)
        for node in nodes {
            guard let host = LabAddresses.host(of: node.privateAddress) else { continue }
            self.nodes["\(key)@\(node.zone.letter)"] = Place(zone: node.zone, host: host)
        }
    }

    /// Begins a new reading of the templates whose resources have these keys.
    mutating func begin(keys: Set<String>) {
        self.current = keys
        guard !self.settledInstances.isEmpty || !self.settledNodes.isEmpty || !self.settledElastics.isEmpty else {
            return
        }
        for key in keys {
            let digits = ResourceIdentifiers.suffix(ofKey: key)
            if let place = self.settledInstances[digits] { self.instances[key] = self.instances[key] ?? place }
            if let place = self.settledElastics[digits] { self.elastics[key] = self.elastics[key] ?? place }
            let places = self.settledNodes[digits] ?? self.settledNodes["\(ResourceIdentifiers.dnsNumber(ofKey: key))"]
            for place in places ?? [] {
                let node = "\(key)@\(place.zone.letter)"
                self.nodes[node] = self.nodes[node] ?? place
            }
        }
    }

    /// 127.10.z.64 to .254; `nil` when the zone is full.
    mutating func instance(_ key: String, in zone: AvailabilityZone) -> IPAddress? {
        let current = self.current
        return Self.host(for: key, in: zone, of: self.hosts(LabAddresses.instanceHosts, zone), &self.instances) {
            current.contains($0)
        }
        .map { LabAddresses.privateAddress(zone, host: $0) }
    }

    /// 127.50.z.4 to .63 for an internet-facing node, 127.10.z.4 to .63 for an internal one; `nil` when the zone is
    /// full. Both have the same host number, so a change of scheme moves nobody else.
    mutating func node(_ key: String, in zone: AvailabilityZone, scheme: LoadBalancer.Scheme) -> IPAddress? {
        let current = self.current
        let host = Self.host(
            for: "\(key)@\(zone.letter)",
            in: zone,
            of: self.hosts(LabAddresses.nodeHosts, zone),
            &self.nodes
        ) {
            current.contains(String($0.dropLast(2)))
        }
        return host.map {
            switch scheme {
            case .internetFacing: LabAddresses.publicAddress(zone, host: $0)
            case .internal: LabAddresses.privateAddress(zone, host: $0)
            }
        }
    }

    /// One of 127.50.z.64 to .254, of whatever zone has one left; `nil` when none has.
    mutating func elastic(_ key: String) -> IPAddress? {
        let current = self.current
        if let place = self.elastics[key] { return LabAddresses.publicAddress(place.zone, host: place.host) }
        for zone in AvailabilityZone.allCases {
            let hosts = self.hosts(LabAddresses.instanceHosts, zone)
            if let host = Self.host(for: key, in: zone, of: hosts, &self.elastics, isCurrent: { current.contains($0) })
            {
                return LabAddresses.publicAddress(zone, host: host)
            }
        }
        return nil
    }

    /// The hosts of which nobody else has an address.
    private func hosts(_ range: ClosedRange<UInt8>, _ zone: AvailabilityZone) -> [UInt8] {
        range.filter { host in
            !self.reserved.contains(LabAddresses.privateAddress(zone, host: host))
                && !self.reserved.contains(LabAddresses.publicAddress(zone, host: host))
        }
    }

    private static func host(
        for key: String,
        in zone: AvailabilityZone,
        of hosts: [UInt8],
        _ places: inout [String: Place],
        isCurrent: (String) -> Bool
    ) -> UInt8? {
        if let place = places[key], place.zone == zone { return place.host }
        if let host = self.free(in: zone, of: hosts, places) {
            places[key] = Place(zone: zone, host: host)
            return host
        }
        places = places.filter { isCurrent($0.key) }
        guard let host = self.free(in: zone, of: hosts, places) else { return nil }
        places[key] = Place(zone: zone, host: host)
        return host
    }

    private static func free(
        in zone: AvailabilityZone,
        of hosts: [UInt8],
        _ places: [String: Place]
    ) -> UInt8? {
        let taken = Set(places.values.filter { $0.zone == zone }.map(\.host))
        return hosts.first { !taken.contains($0) }
    }
}
