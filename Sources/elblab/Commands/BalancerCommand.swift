import ArgumentParser
import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBNet
import NIOCore
import NIOPosix

/// `elblab balancer`: one load balancer from one file, as the subject contract says.
struct BalancerCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "balancer",
        abstract: "Run one load balancer from a configuration file.",
        discussion: """
            The program that the conformance kit judges by default, and that docs/subject-contract.md describes: SIGHUP \
            reads the file again without disturbing requests; SIGTERM stops accepting, finishes what is under way, and \
            exits 0.

            Example: elblab balancer --config lb.json --quirk rules.priority-reversed

            Exit codes: 0 stopped by a signal; 2 the file has mistakes; 4 an address cannot be bound.
            """
    )

    @Option(help: ArgumentHelp("The configuration, schema elblab/lb-config/v1.", valueName: "file"))
    var config: String

    @Flag(
        help:
            "Stop, as by SIGTERM, when standard input ends: whoever started it and holds a pipe cannot leave it behind."
    )
    var untilInputEnds = false

    @OptionGroup var state: StateOption
    @OptionGroup var quirkOption: QuirkOption

    /// Within the contract's five seconds, with time left to exit.
    static let gracePeriod = Duration.seconds(4)

    func run() async throws {
        // Watched before anything else: a SIGHUP during start must not end the process.
        let watch = SignalWatch([.hangUp, .interrupt, .terminate])
        if self.untilInputEnds { InputWatch.terminateAtEnd(watch) }
        switch try self.read() {
        case .usual(let configuration): try await self.run(configuration, watch)
        case .classic(let subject): try await self.run(subject, watch)
        }
    }

    private func run(_ configuration: SubjectConfiguration, _ watch: SignalWatch) async throws {
        guard let timeScale = TimeScale(factor: configuration.timeScale) else {
            throw CommandFailure("\(self.config): TimeScale is out of range", status: .usage)
        }
        let logStore = try self.state.logStore()
        let nodes = max(1, configuration.loadBalancer.nodes.count)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, nodes))
        let names = configuration.naming.map { NamedBalancer($0, group: group, seed: configuration.seed) }
        let balancer = BalancerMaker(
            group: group,
            timeScale: timeScale,
            logStore: logStore,
            seed: configuration.seed,
            events: Self.events(names)
        ).make(configuration.loadBalancer)
        do {
            // Before the listeners: whoever finds them finds the names.
            try await names?.start()
            try await balancer.apply(configuration.loadBalancer, targetGroups: configuration.targetGroups)
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
            await self.reload(balancer, names, running: configuration)
        }
        await names?.stop()
        await following.value
        await balancer.stop(gracePeriod: Self.gracePeriod)
        try await group.shutdownGracefully()
    }

    /// Applies the file as it is now. A file with mistakes is reported, and the balancer goes on as it was.
    private func reload(
        _ balancer: any LabBalancer,
        _ names: NamedBalancer?,
        running: SubjectConfiguration
    ) async {
        do {
            guard case .usual(let changed) = try self.read() else { throw Self.otherKind }
            guard changed.timeScale == running.timeScale, changed.seed == running.seed else {
                throw CommandFailure("TimeScale and Seed are read at the start only", status: .usage)
            }
            guard changed.loadBalancer.kind == running.loadBalancer.kind else { throw Self.otherKind }
            guard changed.names?.server == running.names?.server else { throw Self.otherNameServer }
            try await balancer.apply(changed.loadBalancer, targetGroups: changed.targetGroups)
            if let naming = changed.naming { names?.use(naming) }
        } catch {
            let failure = self.failure(error)
            let reason = failure.message.isEmpty ? "the file has mistakes" : failure.message
            StandardStream.error.printLine("elblab: nothing changed: \(reason)")
        }
    }

    static let otherNameServer = CommandFailure("NameServer is read at the start only", status: .usage)

    /// Names follow health.
    static func events(_ names: NamedBalancer?) -> @Sendable (BalancerEvent) -> Void {
        guard let names else { return { _ in } }
        return { event in
            if case .healthChanged = event { names.refresh() }
        }
    }

    static let otherKind = CommandFailure("Type is read at the start only", status: .usage)

    func read() throws -> SubjectFile {
        let bytes = try InputFile.read(self.config)
        do throws(DiagnosticsError) {
            switch try SubjectFile.read(bytes, file: self.config) {
            case .usual(var configuration):
                configuration.loadBalancer.quirks = self.quirkOption.quirks
                return .usual(configuration)
            case .classic(var subject):
                subject.loadBalancer.quirks = self.quirkOption.quirks
                return .classic(subject)
            }
        } catch {
            error.print()
            throw CommandFailure.reported(.usage)
        }
    }

    func failure(_ error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: failure
        case let error as ListenError: CommandFailure("\(error)", fix: "free it, or choose another port in the file")
        case let error as ModelError: CommandFailure("\(self.config): \(error.message)", status: .usage)
        default: CommandFailure("\(error)")
        }
    }
}
