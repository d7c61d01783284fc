import ELBModel

/// One backend as the fleet sees it, wherever it runs.
protocol FleetMember: Sendable {
    var description: BackendDescription { get }

    /// Carries out a command for this backend alone; its selection has been resolved already.
    /// - Throws: `BackendError`.
    func perform(_ command: FleetCommand) async throws -> FleetReply

    /// The backend at this moment, also when it is dead.
    func status() async -> BackendStatus

    /// Ends it at once, as SIGKILL does.
    func kill() async

    /// Ends it in order; nothing of it is left afterwards.
    func shutDown() async
}

/// A backend in this process.
final class ResidentMember: FleetMember {
    let backend: Backend
    var description: BackendDescription { self.backend.description }

    init(_ backend: Backend) {
        self.backend = backend
    }

    func perform(_ command: FleetCommand) async throws -> FleetReply {
        switch command {
        case .status, .launch, .down: break
        case .fault(_, let rule): try await self.backend.set(rule)
        case .script(_, let answers): try await self.backend.setHealthScript(answers)
        case .machine(_, let fault): try await self.backend.set(fault)
        case .heal: try await self.backend.heal()
        case .kill: await self.backend.stop()
        case .resize(_, let name): try await self.backend.resize(to: InstanceType.required(name))
        case .ingress(_, let rules): try await self.backend.filter(try TrafficFilter.required(rules))
        case .log(_, let query): return .log([await self.log(query)])
        case .clearLog: await self.backend.clearRecords()
        }
        return .status([await self.status()])
    }

    func status() async -> BackendStatus {
        await self.backend.status()
    }

    func kill() async {
        await self.backend.stop()
    }

    func shutDown() async {
        await self.backend.stop()
    }

    /// Most bytes of heads and bodies in one reply, which must fit into one control line, base64 and all.
    private static let pageBytes = 8 << 20

    private func log(_ query: LogQuery) async -> BackendLog {
        let description = self.backend.description
        let limit = max(1, query.limit)
        let bytes = min(query.bytes ?? Self.pageBytes, Self.pageBytes)
        var page: RecordPage
        if query.isSelective {
            // Searched here and not on the backend's event loop, which has requests to answer.
            page = await self.backend.page(after: query.after)
            page = RecordPage(
                of: page.records.lazy.filter(query.selects),
                dropped: page.dropped,
                limit: limit,
                byteLimit: bytes
            )
        } else {
            page = await self.backend.page(after: query.after, limit: limit, byteLimit: bytes)
        }
        return BackendLog(name: description.name, zone: description.zone.name, page: page)
    }
}

extension LogQuery {
    fileprivate var isSelective: Bool { self.containing != nil || self.kind != nil }

    fileprivate func selects(_ record: RequestRecord) -> Bool {
        if let kind = self.kind, record.kind != kind { return false }
        guard let text = self.containing else { return true }
        // What a function's client sent stands in the event.
        return record.target.contains(text) || record.headers.contains { $0.value.contains(text) }
            || (record.target.contains("/2015-03-31/functions/") && record.body.text.contains(text))
    }
}
