/// What a load balancer accepts on one port, and what it does with it.
package struct Listener: Hashable, Codable, Sendable {
    /// The hexadecimal digits that end its ARN; `nil` where whoever made it keeps the ARN or has none.
    package var id: String?
    package var port: Port
    package var `protocol`: Proto
    /// In any order; priorities are unique within the listener and decide (ALB-RULE-003).
    package var rules: [ListenerRule]
    /// Taken when no rule matches (ALB-LSN-005). Ends with exactly one routing action.
    package var defaultActions: [RuleAction]
    package var attributes: ListenerAttributes
    /// Policy, certificates and client authentication; an HTTPS listener has it and an HTTP listener has not (ALB-LSN-007).
    package var tls: ListenerTLS?

    package init(
        port: Port,
        protocol: Proto = .http,
        rules: [ListenerRule] = [],
        defaultActions: [RuleAction],
        attributes: ListenerAttributes = .init(),
        tls: ListenerTLS? = nil,
        id: String? = nil
    ) {
        self.id = id
        self.port = port
        self.protocol = `protocol`
        self.rules = rules
        self.defaultActions = defaultActions
        self.attributes = attributes
        self.tls = tls
    }

    /// What an Application Load Balancer's listener speaks (ALB-LSN-001); the raw value is the API's.
    package enum Proto: String, Hashable, Codable, Sendable, CaseIterable {
        case http = "HTTP"
        case https = "HTTPS"
    }
}

extension Listener {
    /// Changes what the listener speaks, as ModifyListener does (ALB-LSN-008): HTTP has no use for certificates and policy and
    /// drops them; HTTPS needs a certificate, and one that the listener had before it spoke HTTP is not remembered.
    ///
    /// - Parameters:
    ///   - protocol: what it speaks from now on.
    ///   - tls: the certificates given with the change; `nil` keeps those of a listener that speaks HTTPS already.
    package mutating func modify(protocol: Proto, tls: ListenerTLS? = nil) throws(ModelError) {
        var changed = self
        changed.protocol = `protocol`
        switch `protocol` {
        case .http:
            if tls != nil { throw Self.certificateOnHTTP }
            changed.tls = nil
        case .https:
            changed.tls = tls ?? self.tls
            if changed.tls == nil { throw Self.certificateMissing }
        }
        self = changed
    }
}
