import ELBControlAPI
import ELBControlPlane
import ELBFleet
import ELBHTTPProxy
import ELBModel
import ELBNet
import ELBStreamProxy
import Glibc
import Logging
import NIOCore
import NIOPosix

/// One run of the lab, from start to the signal that ends it.
struct LabRun {
    let templates: TemplateFolder
    let quirks: Set<Quirk>
    let timeScale: TimeScale
    let endpoint: Endpoint
    let nameServer: NameService.Place
    /// Where Envoys may ask besides the endpoint.
    let discovery: Endpoint?
    let accessLog: (any AccessLogSink)?
    let connectionLog: (any ConnectionLogSink)?
    let certificates: CertificateStore
    /// The folder of buckets, if there is one.
    let logStore: (any LogStore)?
    /// What an earlier run has left, and where this one's account is kept; `nil` ends it with the run.
    let kept: KeptAccount?
    /// What the AWS API's calls are held against; `nil` accepts any.
    let verifier: SignatureVerifier?
    /// Whether the API takes well-formed ids that nobody has made as existing.
    let acceptsForeignIDs: Bool
    let summary: LabSummary
    let quiet: Bool

    private enum Event: Sendable {
        case listening
        case reload
        case stop
        case endpointFailed(Endpoint, String)
    }

    /// How often template files are looked at.
    private static let watchInterval = Duration.milliseconds(500)

    /// Runs until Ctrl-C or SIGTERM; then nothing of it is left.
    func run() async throws {
        let watch = SignalWatch([.hangUp, .interrupt, .terminate])
        // Before anything starts: a template with mistakes starts nothing.
        var addresses = AddressBook()
        if let kept { addresses.settle(kept.account) }
        let first = try self.templates.read(addresses: addresses)
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let fleet = Fleet(.children(executable: ThisProgram.path, arguments: ["backend"]))
        let announcer = Announcer { StandardStream.output.printLine($0) }
        let names = NameService(self.nameServer, group: loops)
        let lab = self.lab(fleet, loops, names, announcer)
        let controlPlane = ControlPlane(
            lab,
            materials: MaterialsAdapter(certificates: self.certificates, buckets: self.summary.buckets),
            account: self.kept?.account ?? Account(),
            keeper: self.kept,
            verifier: self.verifier,
            acceptsForeignIDs: self.acceptsForeignIDs,
            timeScale: self.timeScale.factor,
            now: WallClock.now
        )
        let (events, sender) = AsyncStream.makeStream(of: Event.self)
        var failure: (any Error)?
        await withTaskGroup(of: Void.self) { group in
            let envoys = self.discoveryServer(lab, announcer)
            group.addTask { await Self.serve(lab, controlPlane, envoys, self.endpoint, sender) }
            if let place = self.discovery { group.addTask { await Self.serve(envoys, place, sender) } }
            group.addTask {
                for await signal in watch.signals { sender.yield(signal == .hangUp ? .reload : .stop) }
            }
            do {
                try await self.answerNames(names, lab, announcer)
                group.addTask { await names.follow { await lab.nameContent() } }
                try await self.lead(controlPlane, first, events, sender, announcer, &group)
            } catch {
                failure = error
            }
            group.cancelAll()
        }
        announcer.finish()
        await names.stop()
        await lab.shutDown()
        await fleet.shutDown()
        await self.accessLog?.flush()
        await self.connectionLog?.flush()
        await self.logStore?.flush()
        try? await loops.shutdownGracefully()
        if let failure { throw Self.describe(failure) }
    }

    private func answerNames(_ names: NameService, _ lab: Lab, _ announcer: Announcer) async throws {
        switch try await names.start() {
        case .success(let endpoint): await lab.setNameServer(endpoint)
        case .failure(let failure):
            // Behind the summary: whoever reads that waits for its first line.
            guard !self.quiet else { return }
            announcer.announce(
                "dig finds no names, because \(failure.endpoint) cannot be had (\(failure.reason)); another place: --name-server"
            )
        case nil: break
        }
    }

    private func lab(
        _ fleet: Fleet,
        _ loops: MultiThreadedEventLoopGroup,
        _ names: NameService,
        _ announcer: Announcer
    ) -> Lab {
        let (timeScale, accessLog, quiet) = (self.timeScale, self.accessLog, self.quiet)
        let (connectionLog, logStore, certificates) = (self.connectionLog, self.logStore, self.certificates)
        let maker = BalancerMaker(
            group: loops,
            timeScale: timeScale,
            accessLog: accessLog,
            connectionLog: connectionLog,
            logStore: logStore,
            certificates: certificates,
            secret: self.kept?.secret
        ) { event in
            guard case .healthChanged(let change) = event else { return }
            names.refresh()
            guard !quiet else { return }
            let reason = change.to.reason.map { " (\($0.rawValue))" } ?? ""
            announcer.announce(
                "\(change.zone)  \(change.target) is \(change.to.state.rawValue) in \(Self.name(of: change.targetGroup))\(reason)"
            )
        }
        return Lab(
            fleet: FleetAdapter(fleet: fleet, certificates: certificates),
            changed: names.refresh,
            secondLength: .nanoseconds(Int64(clamping: timeScale.nanoseconds(seconds: 1))),
            quirks: self.quirks,
            makeClassicBalancer: { self.classicBalancer($0, loops, names, announcer) },
            makeBalancer: { maker.make($0) }
        )
    }

    /// The group's name, of whichever form its id is: an ARN, or the name itself.
    private static func name(of group: TargetGroupID) -> Substring {
        let parts = group.rawValue.split(separator: "/")
        return parts.count == 3 ? parts[1] : group.rawValue[...]
    }

    private func classicBalancer(
        _ name: LoadBalancerName,
        _ loops: MultiThreadedEventLoopGroup,
        _ names: NameService,
        _ announcer: Announcer
    ) -> ClassicBalancerAdapter {
        let quiet = self.quiet
        let balancer = ClassicBalancer(
            group: loops,
            timeScale: self.timeScale,
            accessLog: self.accessLog,
            logStore: self.logStore,
            certificates: self.certificates,
            streamRelay: ClassicStreamRelay(),
            secret: self.kept?.secret
        ) { event in
            guard case .healthChanged(let change) = event else { return }
            names.refresh()
            guard !quiet else { return }
            let state = change.to.state == .healthy ? "InService" : "OutOfService"
            announcer.announce("\(change.zone)  \(change.target.id) is \(state) at \(name)")
        }
        return ClassicBalancerAdapter(balancer: balancer)
    }

    private func discoveryServer(_ lab: Lab, _ announcer: Announcer) -> DiscoveryServer {
        let quiet = self.quiet
        return DiscoveryServer(
            lab,
            writer: EnvoyAdapter(timeScale: self.timeScale.factor) { if !quiet { announcer.announce($0) } }
        )
    }

    private static func serve(
        _ lab: Lab,
        _ controlPlane: ControlPlane,
        _ discovery: DiscoveryServer,
        _ place: Endpoint,
        _ sender: AsyncStream<Event>.Continuation
    ) async {
        await Self.serving(place, sender) { logger in
            let endpoint = LabEndpoint(lab, controlPlane, endpoint: place, discovery: discovery, logger: logger)
            try await endpoint.run { _ in sender.yield(.listening) }
        }
    }

    private static func serve(
        _ discovery: DiscoveryServer,
        _ place: Endpoint,
        _ sender: AsyncStream<Event>.Continuation
    ) async {
        await Self.serving(place, sender) { logger in
            try await DiscoveryEndpoint(discovery, endpoint: place, logger: logger).run { _ in }
        }
    }

    private static func serving(
        _ place: Endpoint,
        _ sender: AsyncStream<Event>.Continuation,
        _ serve: (Logger) async throws -> Void
    ) async {
        do {
            try await serve(Logger(label: "elblab", factory: { _ in SwiftLogNoOpLogHandler() }))
        } catch is CancellationError {
            return
        } catch {
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            sender.yield(.endpointFailed(place, reason))
        }
    }

    /// Starts the topology once the endpoint stands, then follows signals and edits.
    private func lead(
        _ controlPlane: ControlPlane,
        _ first: TemplateReader.Result,
        _ events: AsyncStream<Event>,
        _ sender: AsyncStream<Event>.Continuation,
        _ announcer: Announcer,
        _ group: inout TaskGroup<Void>
    ) async throws {
        var current = first
        for await event in events {
            switch event {
            case .endpointFailed(let place, let reason):
                throw CommandFailure(
                    "cannot listen on \(place): \(reason)",
                    fix: place == self.endpoint
                        ? "if another lab runs, stop it; or choose another place with --endpoint"
                        : "choose another place with --xds"
                )
            case .listening:
                try await self.begin(controlPlane, first.topology)
                if !self.quiet {
                    let lines = self.summary.lines(first, endpoint: self.endpoint, timeScale: self.timeScale.factor)
                    for line in lines { StandardStream.output.printLine(line) }
                    if self.verifier != nil {
                        let keys = SignatureVerifier.Keys.lab
                        StandardStream.output.printLine(
                            "signatures are checked: AWS_ACCESS_KEY_ID=\(keys.id) AWS_SECRET_ACCESS_KEY=\(keys.secret)"
                        )
                    }
                }
                // From here on, and in no group that is waited for: a terminal that reads nothing must not hold the end up.
                Task { await announcer.run() }
                let templates = self.templates
                group.addTask { await Self.watch(templates, sender) }
            case .reload:
                await self.reload(controlPlane, &current, announcer)
            case .stop:
                return
            }
        }
    }

    /// What a killed lab ran is gone a moment later than the lab itself, and holds its addresses until then.
    private static let patience = Duration.seconds(5)

    /// Brings everything up, what an earlier run has left and what the templates describe.
    private func begin(_ controlPlane: ControlPlane, _ templates: Topology) async throws {
        let start = ContinuousClock.now
        while true {
            do {
                try await controlPlane.adopt(templates)
                return
            } catch {
                guard self.kept?.isRestored == true, !(error is ModelError), start.duration(to: .now) < Self.patience
                else { throw error }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private static func watch(_ templates: TemplateFolder, _ sender: AsyncStream<Event>.Continuation) async {
        var known = templates.fingerprint
        while (try? await Task.sleep(for: self.watchInterval)) != nil {
            let seen = templates.fingerprint
            if seen != known { sender.yield(.reload) }
            known = seen
        }
    }

    /// Applies the templates as they are now; whatever is wrong is told, and the lab goes on as it was.
    private func reload(
        _ controlPlane: ControlPlane,
        _ current: inout TemplateReader.Result,
        _ announcer: Announcer
    ) async {
        do {
            var addresses = current.addresses
            addresses.reserve(await controlPlane.addressesNotOfTemplates())
            let new = try self.templates.read(addresses: addresses)
            let change = try await controlPlane.adopt(new.topology)
            current = new
            if !self.quiet { announcer.announce("applied: \(Self.text(change))") }
        } catch {
            let failure = Self.describe(error)
            let reason = failure.message.isEmpty ? "the templates have mistakes" : failure.message
            StandardStream.error.printLine("elblab: nothing changed: \(reason)")
        }
    }

    private static func text(_ change: Lab.Change) -> String {
        let parts = [
            ("load balancers", change.balancers), ("Classic Load Balancers", change.classicBalancers),
            ("started", change.started), ("stopped", change.stopped),
            ("restarted", change.restarted), ("filtered", change.filtered),
        ]
        .filter { !$0.1.isEmpty }
        .map { "\($0.0) \($0.1.joined(separator: ", "))" }
        return parts.isEmpty ? "nothing to do" : parts.joined(separator: "; ")
    }

    private static func describe(_ error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: failure
        case let error as ListenError: CommandFailure("\(error)", fix: "free it, or change the template's port")
        case let error as BackendError: CommandFailure(error.message)
        case let error as ModelError: CommandFailure(error.message, status: .usage)
        default: CommandFailure("\(error)")
        }
    }
}
