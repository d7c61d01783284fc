package import ELBModel
internal import FoundationEssentials

/// Where somebody answers the API of Elastic Load Balancing, and how what is made there is reached.
package struct EndpointPlace: Hashable, Sendable {
    package var url: String
    package var region: String
    /// One second of any setting lasts 1/timeScale of a second there.
    package var timeScale: Int
    /// A name server that knows the load balancers' names; the system's if `nil`.
    package var resolver: Endpoint?
    /// Where every load balancer is reached, for an endpoint whose names nobody resolves.
    package var address: IPAddress?
    /// Subnets to choose from; those that the account has, if empty.
    package var subnets: [String]
    /// Of Application Load Balancers; the account's default if empty.
    package var securityGroups: [String]

    package init(
        url: String,
        region: String = AvailabilityZone.region,
        timeScale: Int = 1,
        resolver: Endpoint? = nil,
        address: IPAddress? = nil,
        subnets: [String] = [],
        securityGroups: [String] = []
    ) {
        self.url = url
        self.region = region
        self.timeScale = timeScale
        self.resolver = resolver
        self.address = address
        self.subnets = subnets
        self.securityGroups = securityGroups
    }

    /// The zone's name in this Region.
    func name(of zone: AvailabilityZone) -> String { self.region + zone.letter }

    /// How much longer than in a lab at scale 10 or faster everything may take.
    var patience: Int { max(1, 10 / max(1, self.timeScale)) }

    /// What no endpoint can be asked for by the API, whatever the subject's file claims.
    static let omissions: [SubjectClaims.Omission] = [
        .init("alb.lambda", "Functions would have to be deployed there."),
        .init("alb.zonal-shift", "Zonal shifts are another service's."),
        .init("clb", "The fleet is registered by address, and a Classic Load Balancer takes instances only."),
    ]
}

extension EndpointPlace {
    /// Refuses what the API has no call for.
    static func requireExpressible(_ configuration: SubjectConfiguration) throws(Inexpressible) {
        guard configuration.classic == nil else { throw Inexpressible("a Classic Load Balancer takes instances only") }
        guard configuration.loadBalancer.shiftedZone == nil else {
            throw Inexpressible("zonal shifts are another service's")
        }
        guard configuration.loadBalancer.providerNetwork == ProviderNetwork() else {
            throw Inexpressible("it cannot be told where an identity provider of the suite stands, nor to trust it")
        }
        guard SubjectConfiguration.trustStores(of: configuration.loadBalancer.listeners).isEmpty else {
            throw Inexpressible("a trust store's certificates are read from S3")
        }
        for group in configuration.targetGroups {
            switch group.targetType {
            case .ip, .instance: continue
            case .lambda: throw Inexpressible("functions would have to be deployed there")
            case .alb: throw Inexpressible("a load balancer would have to stand there, as a target")
            }
        }
    }
}

extension Check {
    /// Refuses a check whose verdict counts what one node does: by the API an Application Load Balancer has two at least, and all
    /// of them probe (ALB-HC-001). And one that asks a name server of the subject's own.
    func requireEndpoint() throws(Inexpressible) {
        guard self.setting.names == nil else { throw Inexpressible("where names are answered is not the API's") }
        guard self.setting.kind == .application, self.setting.isTimed, self.setting.zones.count == 1 else { return }
        throw Inexpressible("it counts the probes of one node, and an Application Load Balancer has two at least")
    }
}
