package import ELBControlAPI
package import ELBModel

/// The account, and the lab that carries it out: commands go through the reducer one at a time, what they make is applied to the
/// data plane, and only then does it count. When the data plane cannot follow, nothing has happened.
package actor ControlPlane {
    private let lab: Lab
    private let now: @Sendable () -> Timestamp
    private(set) var account = Account()
    /// What the templates describe, which a reset goes back to.
    private var templates = Topology()
    private var line = WaitingLine()

    /// - Parameter now: the wall clock.
    package init(_ lab: Lab, now: @escaping @Sendable () -> Timestamp) {
        self.lab = lab
        self.now = now
    }

    // MARK: The API

    /// Answers a request of an AWS client. A caller's mistake is never a status of 500 or above: clients would try it again.
    package func perform(_ request: APIRequest, requestID: String) async -> APIResponse {
        var service: Service?
        do throws(APIError) {
            let call = try APICall(request, service: &service)
            try Self.requireRegion(of: call)
            guard let command = OperationTable[call.operation] else { throw .notImplemented(call.operation) }
            let output = try await self.perform(command, call.input)
            return APIResponse(output, of: call.operation, requestID: requestID)
        } catch {
            return APIResponse(error, of: service, requestID: requestID)
        }
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
        _ input: WireValue
    ) async throws(APIError) -> WireValue {
        let command = try Operation.read(input)
        guard Operation.isChange else {
            let health = Operation.needsHealth ? await self.lab.targetHealth() : []
            return try self.reduce(command, health).output
        }
        try await self.takeTurn()
        defer { self.endTurn() }
        let result = try self.reduce(command, [])
        guard !result.events.isEmpty else { return result.output }
        do {
            try await self.lab.apply(result.account.topology, refresh: .changes)
        } catch {
            throw Self.notCarriedOut(error, Operation.service)
        }
        self.account = result.account
        return result.output
    }

    private func reduce(
        _ command: some AccountCommand,
        _ health: [LabTargetHealth]
    ) throws(APIError) -> (events: [AccountEvent], account: Account, output: WireValue) {
        try Transaction.reduce(
            command,
            self.account,
            now: self.now(),
            health: health,
            generator: SystemRandomNumberGenerator()
        )
    }

    /// An address in use or a port that takes privileges is for the caller to choose differently.
    private static func notCarriedOut(_ error: any Error, _ service: Service) -> APIError {
        let code = service == .ec2 ? "UnsupportedOperation" : "InvalidConfigurationRequest"
        return APIError(code, "The lab cannot carry this out, and nothing has changed: \(error)")
    }

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
        try await self.adopt(self.templates, into: Account())
    }

    @discardableResult
    private func adopt(_ templates: Topology, into account: Account) async throws -> Lab.Change {
        var transaction = Transaction(account, now: self.now(), generator: SystemRandomNumberGenerator())
        try TemplateAdoption(templates).perform(&transaction)
        let change = try await self.lab.apply(transaction.account.topology, refresh: .everything)
        self.account = transaction.account
        self.templates = templates
        return change
    }

    /// Addresses that templates may not give to anybody, because the API has.
    package func addressesOfAPI() -> Set<IPAddress> { self.account.addresses(of: .api) }

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
