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

    /// A page that fits into one control line, base64 and all.
    private func log(_ query: LogQuery) async -> BackendLog {
        let description = self.backend.description
        let limit = max(1, query.limit)
        var page: RecordPage
        if let text = query.containing {
            page = await self.backend.page(after: query.after)
            page.records.removeAll { !$0.holds(text) }
            page.hasMore = page.records.count > limit
            page.records = Array(page.records.prefix(limit))
        } else {
            page = await self.backend.page(after: query.after, limit: limit, byteLimit: 8 << 20)
        }
        return BackendLog(name: description.name, zone: description.zone.name, page: page)
    }
}

extension RequestRecord {
    fileprivate func holds(_ text: String) -> Bool {
        self.target.contains(text) || self.headers.contains { $0.value.contains(text) }
    }
}
