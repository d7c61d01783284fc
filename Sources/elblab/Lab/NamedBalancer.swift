import ELBControlAPI
import ELBCore
import ELBModel
import NIOCore
import Synchronization

/// The name server of one balancer that is run from a file, where the file asks for one.
final class NamedBalancer: Sendable {
    private let service: NameService
    private let content: Mutex<NameTable.Content>

    /// What a file says that names depend on.
    struct Description: Sendable {
        var names: SubjectNames
        var dnsName: String
        var nodes: [LoadBalancer.Node]
        var ownZonePercentage = 0
        var quirks: Set<Quirk>

        /// Until health is known every zone stands for itself.
        fileprivate var content: NameTable.Content {
            let nodes = Dictionary(self.nodes.map { ($0.zone, $0.address) }) { first, _ in first }
            let balancer = NameTable.Balancer(
                dnsName: self.dnsName,
                nodes: nodes,
                published: Set(nodes.keys),
                ownZonePercentage: self.ownZonePercentage
            )
            return .init(balancers: [balancer], recordSets: self.names.recordSets, quirks: self.quirks)
        }
    }

    init(_ description: Description, group: any EventLoopGroup, seed: UInt64?) {
        let content = description.content
        self.content = Mutex(content)
        self.service = NameService(.at(description.names.server), group: group, content: content, seed: seed)
    }

    /// Begins to listen.
    func start() async throws { _ = try await self.service.start() }

    /// From now on names are as the file says now. The place stays.
    func use(_ description: Description) {
        self.content.withLock { $0 = description.content }
        self.service.refresh()
    }

    /// Something has changed that names may depend on.
    func refresh() { self.service.refresh() }

    /// Keeps names as health is, until stopped.
    func follow(_ published: @Sendable () async -> Set<AvailabilityZone>) async {
        await self.service.follow {
            let zones = await published()
            var content = self.content.withLock { $0 }
            for index in content.balancers.indices { content.balancers[index].published = zones }
            return content
        }
    }

    func stop() async { await self.service.stop() }
}

extension SubjectConfiguration {
    /// `nil` if the file asks for no name server.
    var naming: NamedBalancer.Description? {
        self.names.map {
            .init(
                names: $0,
                dnsName: self.loadBalancer.dnsName,
                nodes: self.loadBalancer.nodes,
                ownZonePercentage: self.loadBalancer.kind == .network
                    ? self.loadBalancer.attributes.clientRoutingPolicy.ownZonePercentage : 0,
                quirks: self.loadBalancer.quirks
            )
        }
    }
}

extension ClassicSubject {
    /// `nil` if the file asks for no name server.
    var naming: NamedBalancer.Description? {
        self.names.map {
            .init(
                names: $0,
                dnsName: self.loadBalancer.dnsName,
                nodes: self.loadBalancer.nodes,
                quirks: self.loadBalancer.quirks
            )
        }
    }
}
