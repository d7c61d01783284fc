import ELBControlPlane
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBStreamProxy
import NIOCore

/// Makes load balancers of every kind that the lab has, each with what its kind needs of the same surroundings.
struct BalancerMaker: Sendable {
    var group: any EventLoopGroup
    var timeScale: TimeScale
    var accessLog: (any AccessLogSink)?
    var connectionLog: (any ConnectionLogSink)?
    var logStore: (any LogStore)?
    var certificates = CertificateStore()
    var seed: UInt64?
    /// What keys are derived from, so that they outlive the process.
    var secret: [UInt8]?
    var events: @Sendable (BalancerEvent) -> Void = { _ in }

    /// One that carries nothing yet.
    func make(_ loadBalancer: LoadBalancer) -> any LabBalancer {
        switch loadBalancer.kind {
        case .network:
            NetworkBalancerAdapter(
                balancer: NetworkLoadBalancer(
                    group: self.group,
                    timeScale: self.timeScale,
                    certificates: self.certificates,
                    logStore: self.logStore,
                    seed: self.seed,
                    events: self.events
                )
            )
        // The model lets no others through.
        case .application, .gateway, .classic:
            BalancerAdapter(
                balancer: ApplicationLoadBalancer(
                    group: self.group,
                    timeScale: self.timeScale,
                    accessLog: self.accessLog,
                    connectionLog: self.connectionLog,
                    logStore: self.logStore,
                    certificates: self.certificates,
                    seed: self.seed,
                    secret: self.secret.map { ($0, loadBalancer.name) },
                    events: self.events
                )
            )
        }
    }
}
