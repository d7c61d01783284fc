/// What a load balancer accepts on one port, and what it does with it.
package struct Listener: Hashable, Sendable {
    package var port: Port
    package var `protocol`: Proto
    /// In any order; priorities are unique within the listener and decide (ALB-RULE-003).
    package var rules: [ListenerRule]
    /// Taken when no rule matches (ALB-LSN-005). Ends with exactly one routing action.
    package var defaultActions: [RuleAction]
    package var attributes: ListenerAttributes

    package init(
        port: Port,
        protocol: Proto = .http,
        rules: [ListenerRule] = [],
        defaultActions: [RuleAction],
        attributes: ListenerAttributes = .init()
    ) {
        self.port = port
        self.protocol = `protocol`
        self.rules = rules
        self.defaultActions = defaultActions
        self.attributes = attributes
    }

    /// What an Application Load Balancer's listener speaks (ALB-LSN-001); the raw value is the API's.
    package enum Proto: String, Hashable, Sendable, CaseIterable {
        case http = "HTTP"
        case https = "HTTPS"
    }
}
