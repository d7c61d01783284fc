package import ELBModel
package import ELBWire

/// A load balancer's configuration compiled for the data path: immutable, shared by all nodes, swapped whole when the
/// configuration changes. Requests under way finish under the snapshot they started with (ALB-LSN-010).
package final class Snapshot: Sendable {
    package let name: LoadBalancerName
    /// `app/NAME/ID`, as logs and metrics call the load balancer; of a Classic one its name.
    package let fullName: String
    package let nodes: [LoadBalancer.Node]
    /// The zone that traffic is shifted away from.
    package let shiftedZone: AvailabilityZone?
    package let listeners: [CompiledListener]
    /// The groups given, in the order given; quirks have been worked into their settings.
    package let targetGroups: [TargetGroup]
    /// For each of `targetGroups`, whether an action refers to it. Others are not health-checked (ALB-TG-017).
    package let isReferenced: [Bool]
    package let attributes: LoadBalancerAttributes
    /// What security groups let in, and out to targets; `nil` is everything.
    package let ingress: TrafficFilter?
    package let egress: TrafficFilter?
    package let dnsName: String
    /// The deviations that are decided per request or per probe; most have already been worked into the rest.
    package let quirks: QuirkSet
    /// How the load balancer speaks TLS to targets (ALB-TLS-013).
    package let targetPolicy: SecurityPolicy
    /// What makes it a Classic Load Balancer; the first of `targetGroups` has its instances then. `nil` for the other kinds.
    package let classic: ClassicSettings?

    /// Compiles a configuration that `LoadBalancer.validate` has accepted.
    ///
    /// - Throws: `TargetGroupNotFound` if an action refers to a group that is not among `targetGroups`;
    ///   `ValidationError` if a regular expression cannot be compiled or an action list is empty.
    package convenience init(compiling configured: LoadBalancer, targetGroups: [TargetGroup]) throws(ModelError) {
        try self.init(configured, targetGroups, classic: nil)
    }

    /// Compiles a Classic Load Balancer.
    package convenience init(compiling lowered: LoweredClassic) throws(ModelError) {
        try self.init(lowered.loadBalancer, lowered.targetGroups, classic: lowered.settings)
    }

    private init(
        _ configured: LoadBalancer,
        _ targetGroups: [TargetGroup],
        classic: ClassicSettings?
    ) throws(ModelError) {
        self.classic = classic
        let loadBalancer = configured.rewrittenByQuirks()
        self.name = loadBalancer.name
        self.fullName = classic == nil ? loadBalancer.fullName : loadBalancer.name.rawValue
        self.nodes = loadBalancer.nodes
        self.shiftedZone = loadBalancer.shiftedZone
        self.targetGroups = targetGroups.map { $0.rewritten(by: loadBalancer.quirks) }
        self.attributes = loadBalancer.attributes
        self.ingress = loadBalancer.reach
        self.egress = loadBalancer.egress
        self.dnsName = loadBalancer.dnsName
        self.quirks = QuirkSet(loadBalancer.quirks)
        self.targetPolicy = SecurityPolicy.towardsTargets(of: loadBalancer.listeners.compactMap(\.tls?.policy))

        var indices: [TargetGroupID: Int] = [:]
        for (index, group) in targetGroups.enumerated() { indices[group.id] = index }
        var isReferenced = Array(repeating: false, count: targetGroups.count)
        var listeners: [CompiledListener] = []
        for listener in loadBalancer.listeners {
            let compiled = try CompiledListener(
                listener,
                of: loadBalancer,
                targetGroups: indices,
                negotiation: classic?.negotiations[listener.port]
            )
            for group in compiled.referencedGroups { isReferenced[group] = true }
            listeners.append(compiled)
        }
        if classic != nil, !isReferenced.isEmpty { isReferenced[0] = true }
        self.listeners = listeners
        self.isReferenced = isReferenced
    }

    /// What a group is there for, behind a Classic Load Balancer.
    package func classicRole(ofGroup index: Int) -> ClassicRole? {
        self.classic.map { index == 0 ? .instances($0.check) : .follower }
    }

    /// The zones that have a node. Targets elsewhere are `unused` (ALB-TG-016).
    package var enabledZones: Set<AvailabilityZone> {
        Set(self.nodes.map(\.zone))
    }
}

/// What becomes of a request: the compiled form of a rule's routing action.
package enum CompiledAction: Sendable {
    case forward(WeightedTargetGroups)
    case redirect(RedirectTemplate)
    case fixedResponse(PreparedResponse)
}

/// A listener with its rules compiled. Everything a request needs is found here. An object, so that looking something up copies
/// nothing: as a value, each look would count references to all the arrays in it.
package final class CompiledListener: Sendable {
    package let port: Port
    package let `protocol`: Listener.Proto
    /// The default action first, then one per rule in the order of priority.
    package let actions: [CompiledAction]
    /// What rules ask about the sender before their actions.
    package let questions: ListenerQuestions
    /// What is written into forwarded requests that come in here.
    package let forwardedHeaders: ForwardedHeaders
    /// What is set in responses; `nil` if nothing is.
    package let responseHeaders: ResponseHeaderEdits?
    /// The same in answers that the balancer makes by itself (ALB-HMOD-008).
    package let ownResponseHeaders: ResponseHeaderEdits?
    /// Whether those answers say `Server: awselb/2.0` (ALB-HMOD-002).
    package let namesServer: Bool
    /// One for each of `actions`; empty if no rule has any.
    private let transforms: [RequestTransforms?]
    /// What makes the listener speak TLS; `nil` on an HTTP listener.
    package let tls: CompiledTLS?
    /// The rules in the order tested, as configured, for explanations.
    let rules: [ListenerRule]
    let table: RuleTable
    /// Every group that an action refers to, weight 0 included: health checks go to them all.
    let referencedGroups: Set<Int>

    init(
        _ listener: Listener,
        of loadBalancer: LoadBalancer,
        targetGroups: [TargetGroupID: Int],
        negotiation: ClassicNegotiation? = nil
    ) throws(ModelError) {
        self.port = listener.port
        self.protocol = listener.protocol
        self.rules = listener.rules
        self.forwardedHeaders = ForwardedHeaders(
            attributes: loadBalancer.attributes,
            listenerPort: listener.port,
            listenerProtocol: listener.protocol,
            dnsName: loadBalancer.dnsName,
            renamedFields: Array(listener.attributes.requestHeaderNames.values),
            quirks: QuirkSet(loadBalancer.quirks),
            isClassic: loadBalancer.kind == .classic
        )
        self.tls = try listener.tls.map { tls throws(ModelError) in
            try CompiledTLS(tls, of: listener, loadBalancer, negotiation: negotiation)
        }
        var compiler = ActionCompiler(targetGroups: targetGroups, dnsName: loadBalancer.dnsName)
        var table = RuleTable(deviations: RuleTable.Deviations(loadBalancer.quirks))
        let quirks = AuthenticationQuirks(loadBalancer.quirks)
        var questions = ListenerQuestions()
        var actions = [try compiler.compile(listener.defaultActions)]
        try questions.append(listener.defaultActions, quirks: quirks)
        for rule in listener.rules {
            try table.append(rule, action: actions.count)
            actions.append(try compiler.compile(rule.actions))
            try questions.append(rule.actions, quirks: quirks)
        }
        self.actions = actions
        self.questions = questions
        self.table = table
        let deviations = RequestTransforms.Deviations(loadBalancer.quirks)
        let transforms = [nil] + listener.rules.map { RequestTransforms($0.transforms, deviations: deviations) }
        self.transforms = transforms.contains { $0 != nil } ? transforms : []
        self.responseHeaders = ResponseHeaderEdits(listener.attributes, quirks: loadBalancer.quirks)
        self.ownResponseHeaders =
            loadBalancer.quirks.contains(.headerInsertionTargetsOnly)
            ? nil : ResponseHeaderEdits(listener.attributes, quirks: loadBalancer.quirks)
        self.namesServer = listener.attributes.serverHeaderEnabled
        self.referencedGroups = compiler.referencedGroups
    }

    /// The rule that takes the request, or the default (priority 0): the first in order of priority whose conditions
    /// all hold (ALB-RULE-003). Allocates nothing unless a regular expression is asked.
    ///
    /// - Parameters:
    ///   - bytes: The head that `head` was parsed from.
    ///   - peer: The client's address as the socket has it (ALB-COND-029).
    package func match(_ head: borrowing RequestHead, bytes: Span<UInt8>, peer: IPAddress) -> RuleMatch {
        self.table.match(head, bytes: bytes, peer: peer)
            ?? RuleMatch(action: 0, priority: 0, evaluations: self.table.rules.count)
    }

    /// Matches again, with what a transform has made of the request: the quirk `transform.before-rules`.
    package func match(
        _ rewritten: RewrittenRequest,
        of head: borrowing RequestHead,
        bytes: Span<UInt8>,
        peer: IPAddress
    ) -> RuleMatch {
        var copy: [UInt8] = []
        copy.append(bytes, head.method.range)
        copy.append(UInt8(ascii: " "))
        if let target = rewritten.target { copy += target } else { copy.append(bytes, head.target.range) }
        copy += " HTTP/1.1\r\nHost: ".utf8
        if let host = rewritten.host {
            copy += host
        } else {
            copy.append(bytes, EffectiveHost(head, bytes: bytes).whole)
        }
        copy += "\r\n\r\n".utf8
        var parser = RequestHeadParser()
        var again = RequestHead()
        guard parser.parse(copy.span, into: &again) == .complete else { return RuleMatch(action: 0, priority: 0) }
        return self.match(again, bytes: copy.span, peer: peer)
    }

    /// What a match leads to.
    package func action(of match: RuleMatch) -> CompiledAction {
        self.actions[match.action]
    }

    /// What the rule changes in the requests it takes.
    package func transforms(of match: RuleMatch) -> RequestTransforms? {
        self.transforms.isEmpty ? nil : self.transforms[match.action]
    }
}

/// Turns action lists into what the data path carries out.
private struct ActionCompiler {
    let targetGroups: [TargetGroupID: Int]
    let dnsName: String
    var referencedGroups: Set<Int> = []

    init(targetGroups: [TargetGroupID: Int], dnsName: String) {
        self.targetGroups = targetGroups
        self.dnsName = dnsName
    }

    /// The routing action is the last one (ALB-RULE-014).
    mutating func compile(_ actions: [RuleAction]) throws(ModelError) -> CompiledAction {
        guard let action = actions.last else {
            throw ModelError(.validationError, "A rule must have an action", at: "Actions")
        }
        switch action {
        case .forward(let forward):
            var weights: [(group: Int, weight: Int)] = []
            for entry in forward.targetGroups {
                guard let index = self.targetGroups[entry.targetGroup] else {
                    throw ModelError(.targetGroupNotFound, "Target group '\(entry.targetGroup)' not found")
                }
                self.referencedGroups.insert(index)
                weights.append((index, entry.weight))
            }
            return .forward(WeightedTargetGroups(weights, stickiness: Self.stickiness(of: forward, weights)))
        case .redirect(let redirect):
            return .redirect(RedirectTemplate(redirect, defaultHost: self.dnsName))
        case .fixedResponse(let response):
            return .fixedResponse(PreparedResponse(response))
        case .authenticateOIDC, .authenticateCognito, .jwtValidation:
            throw ModelError(.invalidLoadBalancerAction, "The last action must be a routing action", at: "Actions")
        }
    }

    private static func stickiness(
        of forward: ForwardAction,
        _ weights: [(group: Int, weight: Int)]
    ) -> WeightedTargetGroups.Stickiness? {
        guard forward.stickiness.isEnabled, let seconds = forward.stickiness.durationSeconds else { return nil }
        let members = zip(forward.targetGroups, weights).map { entry, weight in
            (weight.group, StableHash.of(entry.targetGroup.rawValue))
        }
        return WeightedTargetGroups.Stickiness(seconds: seconds, members: members)
    }
}
