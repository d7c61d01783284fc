/// Who refers to which target group. Kept up with every record, because whoever makes a rule asks, and there may be thousands.
struct TargetGroupUses: Equatable, Sendable {
    /// What one listener's default actions or one rule's actions refer to.
    private struct Use: Equatable {
        var listener: String
        var groups: Set<TargetGroupID>
    }

    /// By the listener's or the rule's ARN.
    private var uses: [String: Use] = [:]
    /// How many of them refer to a group, by their listener.
    private var counts: [TargetGroupID: [String: Int]] = [:]

    /// ARNs of listeners, in an order that is the same every time.
    func listeners(using group: TargetGroupID) -> [String] { self.counts[group]?.keys.sorted() ?? [] }

    /// Takes the actions in place of what this listener or rule had before.
    mutating func note(_ actions: [RuleAction], of user: String, in listener: String) {
        self.forget(user)
        let groups = Set(actions.lazy.flatMap(\.targetGroups))
        guard !groups.isEmpty else { return }
        self.uses[user] = Use(listener: listener, groups: groups)
        for group in groups { self.counts[group, default: [:]][listener, default: 0] += 1 }
    }

    mutating func forget(_ user: String) {
        guard let use = self.uses.removeValue(forKey: user) else { return }
        for group in use.groups {
            guard var listeners = self.counts[group], let count = listeners[use.listener] else { continue }
            listeners[use.listener] = count > 1 ? count - 1 : nil
            self.counts[group] = listeners.isEmpty ? nil : listeners
        }
    }
}
