/// What a fleet can be told. The same value drives backends in process, travels as one JSON line to a child process, and
/// is the body of `POST /_lab/fleet`.
///
///     {"status":{}}
///     {"fault":{"selection":{"zones":["a"]},"rule":{"fault":{"fail":{"status":503}},"scope":"all","after":0}}}
package enum FleetCommand: Codable, Hashable, Sendable {
    /// Every selected backend at this moment.
    case status(FleetSelection)
    /// Starts backends; all or none.
    case launch([BackendDescription])
    /// Adds a fault to the selected backends.
    case fault(FleetSelection, FaultRule)
    /// Scripts the next probes of the selected backends.
    case script(FleetSelection, [ProbeAnswer])
    /// Makes the selected machines refuse or fall silent.
    case machine(FleetSelection, MachineFault)
    /// Ends all faults of the selected backends; starts those again whose process died.
    case heal(FleetSelection)
    /// Kills the selected backends: SIGKILL where they have a process of their own.
    case kill(FleetSelection)
    /// Gives the selected instances another size, by AWS's name.
    case resize(FleetSelection, String)
    /// Lets in what these rules do, such as `80-8080 127.10.0.0/16`, and without any everything.
    case ingress(FleetSelection, [String]?)
    /// Stops the selected backends in order and forgets them.
    case down(FleetSelection)
    /// The record of what the selected backends saw.
    case log(FleetSelection, LogQuery)
    /// Forgets the records of the selected backends.
    case clearLog(FleetSelection)

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case status
        case launch
        case fault
        case script
        case machine
        case heal
        case kill
        case resize
        case ingress
        case down
        case log
        case clearLog
    }

    private enum Details: String, CodingKey {
        case selection
        case backends
        case rule
        case answers
        case fault
        case type
        case rules
        case query
    }

    package init(from decoder: any Decoder) throws {
        let outer = try decoder.container(keyedBy: CodingKeys.self)
        guard let key = outer.allKeys.first, outer.allKeys.count == 1 else {
            let verbs = CodingKeys.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a command has one key of: \(verbs)")
            )
        }
        let inner = try outer.nestedContainer(keyedBy: Details.self, forKey: key)
        let selection = try inner.decodeIfPresent(FleetSelection.self, forKey: .selection) ?? .all
        switch key {
        case .status: self = .status(selection)
        case .launch: self = .launch(try inner.decode([BackendDescription].self, forKey: .backends))
        case .fault: self = .fault(selection, try inner.decode(FaultRule.self, forKey: .rule))
        case .script: self = .script(selection, try inner.decode([ProbeAnswer].self, forKey: .answers))
        case .machine: self = .machine(selection, try inner.decode(MachineFault.self, forKey: .fault))
        case .heal: self = .heal(selection)
        case .kill: self = .kill(selection)
        case .resize: self = .resize(selection, try inner.decode(String.self, forKey: .type))
        case .ingress:
            self = .ingress(selection, try inner.decodeIfPresent([String].self, forKey: .rules))
        case .down: self = .down(selection)
        case .log: self = .log(selection, try inner.decodeIfPresent(LogQuery.self, forKey: .query) ?? .init())
        case .clearLog: self = .clearLog(selection)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var outer = encoder.container(keyedBy: CodingKeys.self)
        var inner = outer.nestedContainer(keyedBy: Details.self, forKey: self.key)
        switch self {
        case .launch(let backends):
            try inner.encode(backends, forKey: .backends)
        case .status(let selection), .heal(let selection), .kill(let selection), .down(let selection),
            .clearLog(let selection):
            try inner.encode(selection, forKey: .selection)
        case .fault(let selection, let rule):
            try inner.encode(selection, forKey: .selection)
            try inner.encode(rule, forKey: .rule)
        case .script(let selection, let answers):
            try inner.encode(selection, forKey: .selection)
            try inner.encode(answers, forKey: .answers)
        case .machine(let selection, let fault):
            try inner.encode(selection, forKey: .selection)
            try inner.encode(fault, forKey: .fault)
        case .resize(let selection, let type):
            try inner.encode(selection, forKey: .selection)
            try inner.encode(type, forKey: .type)
        case .ingress(let selection, let rules):
            try inner.encode(selection, forKey: .selection)
            try inner.encodeIfPresent(rules, forKey: .rules)
        case .log(let selection, let query):
            try inner.encode(selection, forKey: .selection)
            try inner.encode(query, forKey: .query)
        }
    }

    private var key: CodingKeys {
        switch self {
        case .status: .status
        case .launch: .launch
        case .fault: .fault
        case .script: .script
        case .machine: .machine
        case .heal: .heal
        case .kill: .kill
        case .resize: .resize
        case .ingress: .ingress
        case .down: .down
        case .log: .log
        case .clearLog: .clearLog
        }
    }
}

/// Which backends a command means. Both lists empty means all.
package struct FleetSelection: Codable, Hashable, Sendable {
    /// Names or instance ids.
    package var instances: [String]
    /// Letters or names of zones.
    package var zones: [String]

    package static let all = Self()

    package init(instances: [String] = [], zones: [String] = []) {
        self.instances = instances
        self.zones = zones
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.instances = try container.decodeIfPresent([String].self, forKey: .instances) ?? []
        self.zones = try container.decodeIfPresent([String].self, forKey: .zones) ?? []
    }
}

/// Which records `log` gives.
package struct LogQuery: Codable, Hashable, Sendable {
    /// Only records with a higher sequence number at their backend.
    package var after: Int
    /// At most this many records of each backend, the oldest first; the reply says whether there are more.
    package var limit: Int
    /// Only requests that hold this text in their target or in a header field's value, such as a request id.
    package var containing: String?

    /// Only requests of this kind; `nil` takes both.
    package var kind: RequestRecord.Kind?
    /// At most this many bytes of heads and bodies of each backend, one record at least; `nil` leaves it to the fleet.
    package var bytes: Int?

    package init(after: Int = 0, limit: Int = 1000, containing: String? = nil, kind: RequestRecord.Kind? = nil) {
        self.after = after
        self.limit = limit
        self.containing = containing
        self.kind = kind
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            after: try container.decodeIfPresent(Int.self, forKey: .after) ?? 0,
            limit: try container.decodeIfPresent(Int.self, forKey: .limit) ?? 1000,
            containing: try container.decodeIfPresent(String.self, forKey: .containing),
            kind: try container.decodeIfPresent(RequestRecord.Kind.self, forKey: .kind)
        )
        self.bytes = try container.decodeIfPresent(Int.self, forKey: .bytes)
    }
}

extension FleetCommand {
    /// The same command for others; one that starts backends is for nobody in particular.
    package func addressed(to selection: FleetSelection) -> Self {
        switch self {
        case .status: .status(selection)
        case .launch: self
        case .fault(_, let rule): .fault(selection, rule)
        case .script(_, let answers): .script(selection, answers)
        case .machine(_, let fault): .machine(selection, fault)
        case .heal: .heal(selection)
        case .kill: .kill(selection)
        case .resize(_, let name): .resize(selection, name)
        case .ingress(_, let rules): .ingress(selection, rules)
        case .down: .down(selection)
        case .log(_, let query): .log(selection, query)
        case .clearLog: .clearLog(selection)
        }
    }
}
