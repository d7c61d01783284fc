/// What can be wrong with a backend's answers. Faults of the whole machine (refuse, cut, kill) are states of the backend:
/// `MachineFault`.
package enum Fault: Codable, Hashable, Sendable {
    /// Answers with this status, 200 to 599, and a body that says why. A gRPC backend takes 0 to 99 too, as `grpc-status`.
    case fail(status: Int)
    /// Answers as usual, this many milliseconds later. A worker is busy meanwhile, as a slow server's is.
    case slow(milliseconds: Int)
    /// Accepts and reads, and never answers. The connection stays open until the peer gives up.
    case hang
    /// Reads the request, then ends the connection with a RST.
    case reset
    /// Reads the request, then ends the connection in order (FIN), without an answer.
    case close
    /// Announces a longer body than it sends, then closes.
    case truncate
    /// Answers bytes that are not HTTP, then closes.
    case garbage

    /// The longest delay that `slow` takes: an hour.
    package static let longestDelay = 3_600_000

    /// Why the value cannot be used, in words; `nil` if it can.
    package var problem: String? {
        switch self {
        case .fail(let status) where !(200...599).contains(status) && !(0...99).contains(status):
            "a status is 200 to 599, or 0 to 99 for gRPC, not \(status)"
        case .slow(let milliseconds) where !(0...Self.longestDelay).contains(milliseconds):
            "a delay is 0 to \(Self.longestDelay) milliseconds, not \(milliseconds)"
        case .fail, .slow, .hang, .reset, .close, .truncate, .garbage:
            nil
        }
    }
}

extension Fault: CustomStringConvertible {
    /// As people say it and as scripts write it: `fail 503`, `slow 200 ms`, `hang`.
    package var description: String {
        switch self {
        case .fail(let status): "fail \(status)"
        case .slow(let milliseconds): "slow \(milliseconds) ms"
        case .hang: "hang"
        case .reset: "reset"
        case .close: "close"
        case .truncate: "truncate"
        case .garbage: "garbage"
        }
    }
}

/// A fault and which requests it meets.
package struct FaultRule: Codable, Hashable, Sendable {
    /// Which requests a rule looks at.
    package enum Scope: String, Codable, Hashable, Sendable, CaseIterable {
        case all
        case health
        case traffic
    }

    package var fault: Fault
    package var scope: Scope
    /// This many requests of the scope pass unharmed first; 0 starts at once.
    package var after: Int
    /// The fault meets this many requests of the scope, then ends; `nil` lasts until healed.
    package var count: Int?

    package init(_ fault: Fault, scope: Scope = .all, after: Int = 0, count: Int? = nil) {
        self.fault = fault
        self.scope = scope
        self.after = after
        self.count = count
    }

    /// Largest number of requests to let pass or to meet.
    package static let mostRequests = 1_000_000_000

    /// Why the rule cannot be used, in words; `nil` if it can.
    package var problem: String? {
        if let problem = self.fault.problem { return problem }
        if !(0...Self.mostRequests).contains(self.after) {
            return "the number of requests to let pass is 0 to \(Self.mostRequests), not \(self.after)"
        }
        if let count = self.count, !(1...Self.mostRequests).contains(count) {
            return "a fault meets 1 to \(Self.mostRequests) requests, not \(count)"
        }
        return nil
    }
}

extension FaultRule: CustomStringConvertible {
    /// `fail 503 (health, from request 6 on, 2 times)`.
    package var description: String {
        var details: [String] = []
        if self.scope != .all { details.append(self.scope.rawValue) }
        if self.after > 0 { details.append("from request \(self.after + 1) on") }
        if let count = self.count { details.append(count == 1 ? "once" : "\(count) times") }
        return details.isEmpty ? "\(self.fault)" : "\(self.fault) (\(details.joined(separator: ", ")))"
    }
}

/// One scripted answer to a health probe.
package enum ProbeAnswer: Hashable, Sendable {
    /// This status, 200 to 599, at once; 0 to 99 is a `grpc-status`.
    case status(Int)
    /// No answer: the prober's time runs out.
    case timeout
    case reset
    case close
    /// 200 (or the behaviour's health status), this many milliseconds late.
    case late(milliseconds: Int)

    /// Reads `200`, `timeout`, `reset`, `close` and `late:300`.
    package init?(_ text: some StringProtocol) {
        switch text {
        case "timeout": self = .timeout
        case "reset": self = .reset
        case "close": self = .close
        default:
            if text.hasPrefix("late:"), let delay = Int(text.dropFirst(5)) {
                self = .late(milliseconds: delay)
            } else if let status = Int(text) {
                self = .status(status)
            } else {
                return nil
            }
            guard self.fault.problem == nil else { return nil }
        }
    }

    /// The fault that makes the backend answer so.
    package var fault: Fault {
        switch self {
        case .status(let status): .fail(status: status)
        case .timeout: .hang
        case .reset: .reset
        case .close: .close
        case .late(let milliseconds): .slow(milliseconds: milliseconds)
        }
    }
}

extension ProbeAnswer: CustomStringConvertible {
    package var description: String {
        switch self {
        case .status(let status): String(status)
        case .timeout: "timeout"
        case .reset: "reset"
        case .close: "close"
        case .late(let milliseconds): "late:\(milliseconds)"
        }
    }
}

extension ProbeAnswer: Codable {
    /// JSON has the text form: `"200"`, `"late:300"`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let answer = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "'\(text)' is not an answer to a probe: a status, timeout, reset, close or late:MS"
            )
        }
        self = answer
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}

/// What can be wrong with a backend's machine as a whole.
package enum MachineFault: String, Codable, Hashable, Sendable, CaseIterable {
    /// Nothing listens: new connections are refused (RST). Connections that stand go on.
    case refuse
    /// As after a power cut: a SYN gets no reply, connections that stand fall silent. Healing resets those.
    case cut
}
