/// A fault as one request met it.
package struct AppliedFault: Hashable, Sendable {
    package let fault: Fault
    /// For the record: `fail 503`, `script 200`.
    package let label: String
}

/// Which fault meets which request. A value machine: the shell asks once per request, in order of arrival.
package struct FaultPlan: Sendable {
    private struct ActiveRule {
        let rule: FaultRule
        /// Requests of the scope seen since the rule was set.
        var seen = 0

        var isOver: Bool { self.rule.count.map { self.seen - self.rule.after >= $0 } ?? false }
    }

    /// Newest first.
    private var rules: [ActiveRule] = []
    private var script: [ProbeAnswer] = []
    private var scriptIndex = 0

    package init() {}

    /// The rules in force, newest first.
    package var activeRules: [FaultRule] { self.rules.map(\.rule) }

    /// Scripted probe answers that have not been given yet.
    package var remainingScript: [ProbeAnswer] { Array(self.script[self.scriptIndex...]) }

    /// Adds a rule in front of the others. One that starts at once and lasts replaces all older rules of its scope, since
    /// they could never be reached again.
    package mutating func add(_ rule: FaultRule) {
        if rule.after == 0, rule.count == nil {
            self.rules.removeAll { rule.scope == .all || $0.rule.scope == rule.scope }
        }
        self.rules.insert(ActiveRule(rule: rule), at: 0)
    }

    /// Replaces the script: one answer per probe from now on, then the ordinary answer again.
    package mutating func setScript(_ script: [ProbeAnswer]) {
        self.script = script
        self.scriptIndex = 0
    }

    /// Ends every rule and the script.
    package mutating func heal() {
        self = Self()
    }

    /// What happens to the next request. The script goes before the rules; rules count a request that the script took.
    package mutating func nextFault(for kind: RequestRecord.Kind) -> AppliedFault? {
        let scripted = kind == .probe ? self.nextScripted() : nil
        var chosen: AppliedFault?
        for index in self.rules.indices where self.rules[index].rule.matches(kind) {
            let seen = self.rules[index].seen
            self.rules[index].seen += 1
            let rule = self.rules[index].rule
            if chosen == nil, seen >= rule.after {
                chosen = AppliedFault(fault: rule.fault, label: "\(rule.fault)")
            }
        }
        self.rules.removeAll { $0.isOver }
        return scripted ?? chosen
    }

    private mutating func nextScripted() -> AppliedFault? {
        guard self.scriptIndex < self.script.count else { return nil }
        let answer = self.script[self.scriptIndex]
        self.scriptIndex += 1
        return AppliedFault(fault: answer.fault, label: "script \(answer)")
    }
}

extension FaultRule {
    fileprivate func matches(_ kind: RequestRecord.Kind) -> Bool {
        switch (self.scope, kind) {
        case (.all, _), (.health, .probe), (.traffic, .traffic): true
        case (.health, .traffic), (.traffic, .probe): false
        }
    }
}
