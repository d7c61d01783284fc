import ELBControlAPI
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBStreamProxy
import NIOCore
import NIOPosix

// A Classic Load Balancer as the subject.
extension BalancerCommand {
    func run(_ subject: ClassicSubject, _ watch: SignalWatch) async throws {
        guard let timeScale = TimeScale(factor: subject.timeScale) else {
            throw CommandFailure("\(self.config): TimeScale is out of range", status: .usage)
        }
        let logStore = try self.state.logStore()
        let nodes = max(1, subject.loadBalancer.nodes.count)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, nodes))
        let names = subject.naming.map { NamedBalancer($0, group: group, seed: subject.seed) }
        let balancer = ClassicBalancer(
            group: group,
            timeScale: timeScale,
            logStore: logStore,
            streamRelay: ClassicStreamRelay(),
            seed: subject.seed,
            events: Self.events(names)
        )
        do {
            try await names?.start()
            try await balancer.apply(subject.loadBalancer)
        } catch {
            await balancer.stop(gracePeriod: .zero)
            await names?.stop()
            try? await group.shutdownGracefully()
            throw self.failure(error)
        }
        let following = Task { await names?.follow { await balancer.publishedZones() } }
        names?.refresh()
        for await signal in watch.signals {
            guard signal == .hangUp else { break }
            await self.reload(balancer, names, running: subject)
        }
        await names?.stop()
        await following.value
        await balancer.stop(gracePeriod: Self.gracePeriod)
        try await group.shutdownGracefully()
    }

    /// Applies the file as it is now. A file with mistakes is reported, and the balancer goes on as it was.
    private func reload(_ balancer: ClassicBalancer, _ names: NamedBalancer?, running: ClassicSubject) async {
        do {
            guard case .classic(let changed) = try self.read() else { throw Self.otherKind }
            guard changed.timeScale == running.timeScale, changed.seed == running.seed else {
                throw CommandFailure("TimeScale and Seed are read at the start only", status: .usage)
            }
            guard changed.names?.server == running.names?.server else { throw Self.otherNameServer }
            try await balancer.apply(changed.loadBalancer)
            if let naming = changed.naming { names?.use(naming) }
        } catch {
            let failure = self.failure(error)
            let reason = failure.message.isEmpty ? "the file has mistakes" : failure.message
            StandardStream.error.printLine("elblab: nothing changed: \(reason)")
        }
    }
}
