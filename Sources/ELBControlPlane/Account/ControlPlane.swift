package import ELBControlAPI
package import ELBModel

/// The account, and the lab that carries it out: commands go through the reducer one at a time, what they make is applied to the
/// data plane and written down, and only then does it count. When the data plane or the disk cannot follow, nothing has happened.
package actor ControlPlane {
    private let lab: Lab
    private let materials: any LabMaterials
    private let keeper: (any AccountKeeper)?
    private let verifier: SignatureVerifier?
    private let acceptsForeignIDs: Bool
    private let now: @Sendable () -> Timestamp
    /// How long an AWS second lasts: milliseconds of real time.
    private let secondLength: Double
    /// Sleeps until the next zonal shift ends by itself.
    private var alarm: (time: Timestamp, task: Task<Void, Never>)?
    private(set) var account: Account
    /// What the templates describe, which a reset goes back to.
    private var templates = Topology()
    private var line = WaitingLine()

    /// - Parameters:
    ///   - materials: where certificates and objects come from.
    ///   - account: what an earlier run has kept; it is in force from the first `adopt` on.
    ///   - keeper: what keeps the account beyond the run; without it, it ends with the run.
    ///   - verifier: what signatures are held against; without it, any will do, and none.
    ///   - acceptsForeignIDs: whether well-formed ids that nobody has made count as existing.
    ///   - timeScale: how many AWS seconds pass in a real one.
    ///   - now: the wall clock.
    package init(
        _ lab: Lab,
        materials: any LabMaterials,
        account: Account = Account(),
        keeper: (any AccountKeeper)? = nil,
        verifier: SignatureVerifier? = nil,
        acceptsForeignIDs: Bool = false,
        timeScale: Double = 1,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.secondLength = 1000 / timeScale
        self.lab = lab
        self.materials = materials
        self.account = account
        self.keeper = keeper
        self.verifier = verifier
        self.acceptsForeignIDs = acceptsForeignIDs
        self.now = now
    }

    // MARK: The API

    /// Answers a request of an AWS client. A caller's mistake is never a status of 500 or above: clients would try it again.
    package func perform(_ request: APIRequest, requestID: String) async -> APIResponse {
        var service: Service?
        do throws(APIError) {
            let call = try self.read(request, service: &service)
            try Self.requireRegion(of: call)
            guard let command = OperationTable[call.operation] else { throw .notImplemented(call.operation) }
            let output = try await self.perform(command, call.input, host: request.headers["host"])
            return APIResponse(output, of: call.operation, requestID: requestID)
        } catch {
            return APIResponse(error, of: service, requestID: requestID)
        }
    }

    /// Who may not call is not told what else is wrong.
    private func read(_ request: APIRequest, service: inout Service?) throws(APIError) -> APICall {
        let now = self.now().milliseconds
        let call: APICall
        do throws(APIError) {
            call = try APICall(request, service: &service)
        } catch {
            try self.verifier?.verify(request, for: service, now: now)
            throw error
        }
        try self.verifier?.verify(request, for: service, now: now)
        return call
    }

    /// The lab is one Region; elsewhere there is nothing, and saying so beats an empty list.
    private static func requireRegion(of call: APICall) throws(APIError) {
        guard let region = call.signature?.region, region != AvailabilityZone.region, !call.operation.service.isGlobal
        else { return }
        throw APIError(
            "OptInRequired",
            "The lab's Region is \(AvailabilityZone.region), not \(region.prefix(40)); set AWS_DEFAULT_REGION or --region",
            status: 403
        )
    }

    private func perform<Operation: AccountCommand>(
        _ type: Operation.Type,
        _ input: WireValue,
        host: String?
    ) async throws(APIError) -> WireValue {
        let host = host ?? Transaction.usualHost
        let command = try await Self.prepare(Operation.read(input), self.materials)
        guard Operation.isChange else {
            let health = Operation.needsHealth ? await self.lab.health() : LabHealth()
            return try self.reduce(command, health, host).output
        }
        try await self.takeTurn()
        defer { self.endTurn() }
        let result = try self.reduce(command, LabHealth(), host, foreignIDsOf: self.acceptsForeignIDs ? input : nil)
        guard !result.events.isEmpty else { return result.output }
        do {
            try await self.commit(result.events, result.account)
        } catch {
            let refusal = Self.notCarriedOut(error, Operation.service)
            var transaction = Transaction(self.account, now: self.now(), generator: SystemRandomNumberGenerator())
            guard let output = try command.performFailed("\(error)", &transaction) else { throw refusal }
            do {
                try await self.commit(transaction.events, transaction.account)
            } catch {
                throw refusal
            }
            return output
        }
        return result.output
    }

    /// Makes a new account the one that counts: all of it, or, throwing, nothing. The room on the disk comes first, because a full one
    /// must not disturb what runs; the line itself comes last, because what a kill leaves on the disk must be possible.
    @discardableResult
    private func commit(
        _ events: [AccountEvent],
        _ account: Account,
        refresh: Lab.Refresh = .changes
    ) async throws -> Lab.Change {
        let line = self.keeper == nil || events.isEmpty ? nil : try AccountText.line(events)
        if let line { try await self.keeper?.reserve(line.count) }
        let change = try await self.lab.apply(account.topology, refresh: refresh)
        if let line {
            do {
                try await self.keeper?.append(line)
            } catch {
                try await self.lab.apply(self.account.topology, refresh: .changes)
                throw error
            }
        }
        self.account = account
        self.setAlarm()
        if let keeper, keeper.isLong {
            // All is safe in the journal; that it could not be shortened is for the next call to try again.
            try? await keeper.rewrite(AccountText.lines(account))
        }
        return change
    }

    private func reduce(
        _ command: some AccountCommand,
        _ health: LabHealth,
        _ host: String,
        foreignIDsOf input: WireValue? = nil
    ) throws(APIError) -> (events: [AccountEvent], account: Account, output: WireValue) {
        try Transaction.reduce(
            command,
            self.account,
            now: self.now(),
            health: health,
            host: host,
            secondLength: self.secondLength,
            foreignIDsOf: input,
            generator: SystemRandomNumberGenerator()
        )
    }

    // MARK: Time

    /// Sees to it that the next shift ends when its time is over, and no earlier. What a run before this one has begun is seen when
    /// its templates are adopted.
    private func setAlarm(notBefore least: Duration = .zero) {
        let next = self.account.nextShiftExpiry
        guard next != self.alarm?.time else { return }
        self.alarm?.task.cancel()
        self.alarm = nil
        guard let next else { return }
        let wait = max(least, Duration.milliseconds(next.milliseconds - self.now().milliseconds))
        let task = Task { [weak self] in
            guard (try? await Task.sleep(for: wait)) != nil else { return }
            await self?.endShifts()
        }
        self.alarm = (next, task)
    }

    private func endShifts() async {
        self.alarm = nil
        do {
            try await self.takeTurn()
            defer { self.endTurn() }
            var transaction = Transaction(self.account, now: self.now(), generator: SystemRandomNumberGenerator())
            transaction.endZonalShifts()
            try await self.commit(transaction.events, transaction.account)
        } catch {
            // A queue too long to stand in, or a disk that is full.
            self.setAlarm(notBefore: .seconds(1))
        }
    }

    /// Reads files and makes keys, beside the actor.
    @concurrent private static func prepare<Operation: AccountCommand>(
        _ command: Operation,
        _ materials: any LabMaterials
    ) async throws(APIError) -> Operation {
        var command = command
        try command.prepare(materials)
        return command
    }

    /// A part of a trust store as text (`Account.trustStoreText`).
    package func trustStoreText(_ path: String) -> String? { self.account.trustStoreText(path) }

    /// An address in use or a port that takes privileges is for the caller to choose differently.
    private static func notCarriedOut(_ error: any Error, _ service: Service) -> APIError {
        let code = service == .ec2 ? "UnsupportedOperation" : "InvalidConfigurationRequest"
        let reason = (error as? ModelError)?.message ?? "\(error)"
        return APIError(code, "The lab cannot carry this out, and nothing has changed: \(reason)")
    }

    /// What the account comes to, as the data plane is to carry it out.
    package var topology: Topology { self.account.topology }

    // MARK: Templates

    /// Makes what the templates describe part of the account, in place of what they described before.
    @discardableResult
    package func adopt(_ templates: Topology) async throws -> Lab.Change {
        try await self.takeTurn()
        defer { self.endTurn() }
        return try await self.adopt(templates, into: self.account)
    }

    /// Forgets what the API has made; what the templates describe is there as at the start.
    package func reset() async throws {
        try await self.takeTurn()
        defer { self.endTurn() }
        try await self.adopt(self.templates, into: Account(), isReset: true)
    }

    @discardableResult
    private func adopt(
        _ templates: Topology,
        into account: Account,
        isReset: Bool = false
    ) async throws -> Lab.Change {
        var transaction = Transaction(account, now: self.now(), generator: SystemRandomNumberGenerator())
        try TemplateAdoption(templates).perform(&transaction)
        let new = transaction.account
        let change: Lab.Change
        if isReset {
            change = try await self.lab.apply(new.topology, refresh: .everything)
            do {
                try await self.keeper?.rewrite(AccountText.lines(new))
            } catch {
                try await self.lab.apply(self.account.topology, refresh: .everything)
                throw error
            }
            self.account = new
            self.setAlarm()
        } else {
            // Templates are read far more often than they change.
            let events = new == account ? [] : transaction.events
            change = try await self.commit(events, new, refresh: .everything)
        }
        self.templates = templates
        return change
    }

    /// Addresses that templates may not give to anybody, because the API or a stack has.
    package func addressesNotOfTemplates() -> Set<IPAddress> { self.account.addresses(notOf: .template) }

    // MARK: One at a time

    private func takeTurn() async throws(APIError) {
        guard self.line.isBusy else {
            self.line.isBusy = true
            return
        }
        guard self.line.waiting.count < WaitingLine.longest else { throw APIError("Throttling", "Rate exceeded") }
        await withCheckedContinuation { self.line.waiting.append($0) }
    }

    private func endTurn() {
        if self.line.waiting.isEmpty {
            self.line.isBusy = false
        } else {
            self.line.waiting.removeFirst().resume()
        }
    }

    /// Who changes something, and who waits for it. An actor alone lets others in at every `await`.
    private struct WaitingLine {
        /// Calls that wait; more are told to come back later.
        static let longest = 1000
        var isBusy = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
}
