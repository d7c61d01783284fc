import ELBControlPlane
import ELBCore
import ELBModel
import Synchronization

/// Stands where balancers and backends stand, and writes down what it is told.
final class RecordingDataPlane: LabFleet, Sendable {
    let log = Mutex<[String]>([])
    /// A load balancer of this name cannot be applied.
    let brokenBalancer: String?

    /// Instances that cannot start, each as `name:port`.
    let broken: Mutex<Set<String>>

    init(
        brokenBalancer: String? = nil,
        brokenInstances: Set<String> = [],
        publishedZones: Set<AvailabilityZone> = [.a]
    ) {
        self.publishedZones = publishedZones
        self.brokenBalancer = brokenBalancer
        self.broken = Mutex(brokenInstances)
    }

    /// What load balancers say of their zones.
    let publishedZones: Set<AvailabilityZone>

    struct Broken: Error {}

    var entries: [String] { self.log.withLock { $0 } }

    func note(_ entry: String) {
        self.log.withLock { $0.append(entry) }
    }

    func start(_ servers: [LabServer]) async throws {
        for server in servers {
            if case .instance(let instance) = server {
                let places = instance.ports.map { "\(instance.name):\($0)" }
                guard self.broken.withLock({ $0.isDisjoint(with: places) }) else { throw Broken() }
            }
            self.note("start \(server.name)")
        }
    }

    func filter(_ name: String, _ ingress: TrafficFilter?) async throws {
        self.note("filter \(name) \(ingress?.texts.joined(separator: ", ") ?? "nothing")")
    }

    func stop(_ names: [String]) async {
        for name in names { self.note("stop \(name)") }
    }

    func perform(_ body: [UInt8]) async -> LabReply { LabReply(body: body) }

    struct Balancer: LabBalancer {
        let plane: RecordingDataPlane

        func apply(_ loadBalancer: LoadBalancer, targetGroups: [TargetGroup]) async throws {
            guard loadBalancer.name.rawValue != self.plane.brokenBalancer else { throw Broken() }
            let shift = loadBalancer.shiftedZone.map { " away from \($0.letter)" } ?? ""
            self.plane.note("apply \(loadBalancer.name)\(shift)")
        }

        func stop(gracePeriod: Duration) async { self.plane.note("stop balancer") }
        func targetHealth() async -> [LabTargetHealth] { [] }
        func publishedZones() async -> Set<AvailabilityZone> { self.plane.publishedZones }
        func cut(_ zones: Set<AvailabilityZone>) async {
            self.plane.note("cut \(zones.sorted().map(\.letter).joined(separator: ","))")
        }
        func metrics() async -> BalancerMetrics {
            var period = MetricPeriod()
            period.counters.httpRedirectCount = 3
            return BalancerMetrics(loadBalancer: "app/we\"b/1", nodes: [.init(zone: .a, current: period)])
        }
    }
}
