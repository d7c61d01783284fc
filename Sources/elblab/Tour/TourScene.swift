import ELBFleet
import ELBHTTPProxy
import ELBModel
import ELBNet
import NIOPosix

/// The tour's stage: the backends as child processes, and the balancer in front of them.
struct TourScene: Sendable {
    let plan: TourPlan
    let fleet: Fleet
    let backends: [BackendStatus]
    let balancer: ApplicationLoadBalancer
    let watch: HealthWatch

    /// Sets the stage, plays, and clears it, however the play ends: no process stays, no port stays taken.
    static func play<Result: Sendable>(
        _ plan: TourPlan,
        _ body: @Sendable @escaping (TourScene) async throws -> Result
    ) async throws -> Result {
        guard let timeScale = TimeScale(factor: Double(plan.clock)) else {
            throw CommandFailure("the lab's clock cannot run \(plan.clock) times as fast")
        }
        let watch = HealthWatch()
        let fleet = Fleet(.children(executable: ThisProgram.path, arguments: ["backend"]))
        let balancer = ApplicationLoadBalancer(
            group: MultiThreadedEventLoopGroup.singleton,
            timeScale: timeScale,
            seed: plan.seed,
            events: { watch.take($0) }
        )
        let outcome: Swift.Result<Result, any Error>
        do {
            let backends = try await fleet.launch(plan.instances.map { Self.description(of: $0) })
            outcome = .success(
                try await body(
                    TourScene(plan: plan, fleet: fleet, backends: backends, balancer: balancer, watch: watch)
                )
            )
        } catch {
            outcome = .failure(error)
        }
        // A task of its own: that this one was cancelled by Ctrl-C must not cut the clearing short.
        await Task {
            await balancer.stop(gracePeriod: .seconds(1))
            await fleet.shutDown()
        }.value
        return try outcome.get()
    }

    /// Opens the listener on the first free port.
    ///
    /// - Returns: where the nodes can be reached.
    func open(onOneOf ports: ClosedRange<UInt16>) async throws -> [Endpoint] {
        let group = self.plan.targetGroup(endpoints: self.endpoints)
        var reason = "no port is free"
        for port in ports.lazy.compactMap(Port.init(rawValue:)) {
            do {
                try await self.balancer.apply(self.plan.loadBalancer(port: port), targetGroups: [group])
                return self.plan.nodes.map { Endpoint(address: $0.address, port: port) }
            } catch let error as ListenError {
                reason = error.description
            }
        }
        throw CommandFailure(reason, fix: "end what holds ports \(ports.lowerBound) to \(ports.upperBound)")
    }

    /// Changes whether nodes use the targets of other zones, under traffic.
    func apply(crossZone: TargetGroupAttributes.CrossZone, port: Port) async throws {
        let group = self.plan.targetGroup(endpoints: self.endpoints, crossZone: crossZone)
        try await self.balancer.apply(self.plan.loadBalancer(port: port), targetGroups: [group])
    }

    /// Where each backend, by its name, listens.
    private var endpoints: [String: Endpoint] {
        let endpoints = self.backends.compactMap { status -> (String, Endpoint)? in
            guard let address = IPAddress(status.address), let port = status.ports.first.flatMap(Port.init(rawValue:))
            else { return nil }
            return (status.name, Endpoint(address: address, port: port))
        }
        return Dictionary(endpoints) { first, _ in first }
    }

    private static func description(of instance: Instance) -> BackendDescription {
        var description = BackendDescription(instance)
        // The system chooses, so that the tour runs beside anything.
        description.ports = [0]
        return description
    }
}
