package import ELBModel
package import NIOCore
import NIOPosix

/// A set of backends that is commanded as one: all in this process, or each in a child process of its own.
package actor Fleet {
    /// Where backends run.
    package enum Home: Sendable {
        /// On event loops of this group.
        case thisProcess(any EventLoopGroup)
        /// One child process each: `executable` with `arguments`, which speaks `ControlProgram`'s language.
        case children(executable: String, arguments: [String])
    }

    private let home: Home
    /// In order of launch.
    /// Of backends whose filter was changed while they ran, for when they are started again.
    private var filters: [String: TrafficFilter?] = [:]
    private var members: [any FleetMember] = []

    package init(_ home: Home = .thisProcess(MultiThreadedEventLoopGroup.singleton)) {
        self.home = home
    }

    /// Starts backends; when one cannot start, those of this call are stopped again and the error is thrown.
    /// - Returns: their status, with real ports and process ids.
    @discardableResult
    package func launch(_ descriptions: [BackendDescription]) async throws -> [BackendStatus] {
        try self.checkNames(descriptions)
        var launched: [any FleetMember] = []
        do {
            for description in descriptions { launched.append(try await self.start(description)) }
        } catch {
            for member in launched { await member.shutDown() }
            throw error
        }
        self.members += launched
        return await Self.statuses(launched)
    }

    /// Starts a backend for each instance of a topology.
    @discardableResult
    package func launch(_ instances: [Instance]) async throws -> [BackendStatus] {
        try await self.launch(instances.map { BackendDescription($0) })
    }

    /// Starts a backend for each function of a topology.
    @discardableResult
    package func launch(_ functions: [LambdaFunction]) async throws -> [BackendStatus] {
        try await self.launch(functions.map { BackendDescription($0) })
    }

    /// Carries out any command; failures are replies too.
    package func perform(_ command: FleetCommand) async -> FleetReply {
        do {
            return try await self.execute(command)
        } catch {
            return .refused(FleetRefusal(error))
        }
    }

    /// The backend of that name, if it runs in this process.
    package func backend(_ name: String) -> Backend? {
        self.members.lazy.compactMap { $0 as? ResidentMember }.first { $0.description.name == name }?.backend
    }

    /// Stops every backend; no process is left.
    package func shutDown() async {
        let members = self.members
        self.members = []
        await Self.each(members) { await $0.shutDown() }
    }

    private func execute(_ command: FleetCommand) async throws -> FleetReply {
        switch command {
        case .launch(let descriptions):
            return .status(try await self.launch(descriptions))
        case .status(let selection):
            return .status(await Self.statuses(try self.select(selection)))
        case .fault(let selection, let rule):
            if let problem = rule.problem { throw BackendError(.invalid, problem) }
            return try await self.tell(selection, command)
        case .script(let selection, let answers):
            if let problem = answers.lazy.compactMap(\.fault.problem).first { throw BackendError(.invalid, problem) }
            return try await self.tell(selection, command)
        case .resize(let selection, let name):
            _ = try InstanceType.required(name)
            return try await self.tell(selection, command)
        case .ingress(let selection, let rules):
            let filter = try TrafficFilter.required(rules)
            for member in try self.select(selection) { self.filters[member.description.name] = .some(filter) }
            return try await self.tell(selection, command)
        case .machine(let selection, _), .clearLog(let selection):
            return try await self.tell(selection, command)
        case .heal(let selection):
            return try await self.heal(selection)
        case .kill(let selection):
            let members = try self.select(selection)
            await Self.each(members) { await $0.kill() }
            return .done(members.map(\.description.name))
        case .down(let selection):
            return await self.down(try self.select(selection))
        case .log(let selection, let query):
            return .log(await self.logs(try self.select(selection), query))
        }
    }

    private func start(_ description: BackendDescription) async throws -> any FleetMember {
        if let problem = description.problem { throw BackendError(.invalid, problem) }
        switch self.home {
        case .thisProcess(let group):
            return ResidentMember(try await Backend.start(description, on: group))
        case .children(let executable, let arguments):
            return try await ChildMember.launch(description, executable: executable, arguments: arguments)
        }
    }

    private func checkNames(_ descriptions: [BackendDescription]) throws(BackendError) {
        var taken = Set(self.members.flatMap { [$0.description.name, $0.description.id] })
        for description in descriptions {
            for name in Set([description.name, description.id]) where !taken.insert(name).inserted {
                throw BackendError(.invalid, "there is a backend '\(name)' already")
            }
        }
    }

    /// The members that a selection means, in order of launch.
    private func select(_ selection: FleetSelection) throws(BackendError) -> [any FleetMember] {
        var zones: Set<AvailabilityZone> = []
        for text in selection.zones {
            guard let zone = AvailabilityZone(text) else {
                throw BackendError(.invalid, "'\(text)' is not a zone; zones are a, b, c and d")
            }
            zones.insert(zone)
        }
        for name in selection.instances where !self.members.contains(where: { $0.answers(to: name) }) {
            let names = self.members.map(\.description.name).joined(separator: ", ")
            let advice = names.isEmpty ? "the fleet is empty" : "there are \(names)"
            throw BackendError(.notFound, "no backend '\(name)'; \(advice)")
        }
        let selected = self.members.filter { member in
            (selection.instances.isEmpty || selection.instances.contains { member.answers(to: $0) })
                && (zones.isEmpty || zones.contains(member.description.zone))
        }
        guard !selected.isEmpty || selection == .all else {
            let known = self.members.map { "\($0.description.name) in \($0.description.zone.letter)" }
            let advice = known.isEmpty ? "the fleet is empty" : "there are \(known.joined(separator: ", "))"
            let zones = selection.zones.joined(separator: ", ")
            throw BackendError(.notFound, "none of these backends is in zone \(zones); \(advice)")
        }
        return selected
    }

    private func tell(_ selection: FleetSelection, _ command: FleetCommand) async throws -> FleetReply {
        let members = try self.select(selection)
        // A child knows itself only, and would miss the others.
        let command = command.addressed(to: .all)
        for member in members { _ = try await member.perform(command) }
        return .done(members.map(\.description.name))
    }

    private func heal(_ selection: FleetSelection) async throws -> FleetReply {
        let members = try self.select(selection)
        for member in members {
            let status = await member.status()
            switch status.state {
            case .running, .refusing, .cut:
                _ = try await member.perform(.heal(.all))
            case .dead, .stopped:
                try await self.restart(member, status)
            }
        }
        return .done(members.map(\.description.name))
    }

    /// Starts a dead backend again, on the ports that it had.
    private func restart(_ member: any FleetMember, _ status: BackendStatus) async throws {
        var description = member.description
        description.ports = status.ports
        description.type = InstanceType.named(status.type) ?? description.type
        if let filter = self.filters[description.name] { description.ingress = filter }
        let fresh = try await self.start(description)
        guard let index = self.members.firstIndex(where: { $0.description.name == description.name }) else {
            // It was taken down while it started.
            await fresh.shutDown()
            return
        }
        self.members[index] = fresh
    }

    private func down(_ members: [any FleetMember]) async -> FleetReply {
        let names = members.map(\.description.name)
        for name in names { self.filters[name] = nil }
        self.members.removeAll { names.contains($0.description.name) }
        await Self.each(members) { await $0.shutDown() }
        return .done(names)
    }

    /// Bytes of heads and bodies in a reply of many backends, as far as one record of each allows.
    private static let logBytes = 32 << 20

    private func logs(_ members: [any FleetMember], _ query: LogQuery) async -> [BackendLog] {
        var query = query
        query.bytes = min(query.bytes ?? .max, Self.logBytes / max(1, members.count))
        var logs: [BackendLog] = []
        for member in members {
            // The records of a killed process died with it.
            guard case .log(let own) = try? await member.perform(.log(.all, query)) else { continue }
            logs += own
        }
        return logs
    }

    private static func statuses(_ members: [any FleetMember]) async -> [BackendStatus] {
        var statuses: [BackendStatus] = []
        for member in members { statuses.append(await member.status()) }
        return statuses
    }

    private static func each(
        _ members: [any FleetMember],
        _ body: @escaping @Sendable (any FleetMember) async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            for member in members { group.addTask { await body(member) } }
        }
    }
}

extension FleetMember {
    fileprivate func answers(to name: String) -> Bool {
        self.description.name == name || self.description.id == name
    }
}
