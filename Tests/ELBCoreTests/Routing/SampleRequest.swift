import ELBCore
import ELBModel
import ELBWire
import Testing

/// A request written as text, parsed by the balancer's own parser.
struct SampleRequest: Sendable, CustomTestStringConvertible {
    let text: String

    /// `GET target HTTP/1.1` with these fields; Host is `example.com` unless given.
    init(_ target: String = "/", method: String = "GET", host: String? = "example.com", fields: [String] = []) {
        let host = host.map { ["Host: \($0)"] } ?? []
        self.text = (["\(method) \(target) HTTP/1.1"] + host + fields + ["", ""]).joined(separator: "\r\n")
    }

    init(raw: String) {
        self.text = raw
    }

    var testDescription: String { self.text.split(separator: "\r\n").joined(separator: " | ") }

    func parsed<Result>(_ body: (borrowing RequestHead, Span<UInt8>) throws -> Result) throws -> Result {
        let bytes = Array(self.text.utf8)
        var parser = RequestHeadParser()
        var head = RequestHead()
        let outcome = parser.parse(bytes.span, into: &head)
        #expect(outcome == .complete)
        return try body(head, bytes.span)
    }
}

/// A load balancer around the rules under test. Each rule answers with a fixed response; what matters is which one is
/// taken.
enum SampleBalancer {
    static func make(
        _ conditions: [[RuleCondition]],
        port: Port = 80,
        attributes: LoadBalancerAttributes = .init(),
        quirks: Set<Quirk> = []
    ) throws -> CompiledListener {
        let rules = conditions.enumerated().map { index, conditions in
            ListenerRule(priority: 10 * (index + 1), conditions: conditions, actions: [Self.fixed])
        }
        return try Self.make(rules: rules, port: port, attributes: attributes, quirks: quirks)
    }

    static func make(
        rules: [ListenerRule],
        port: Port = 80,
        attributes: LoadBalancerAttributes = .init(),
        quirks: Set<Quirk> = []
    ) throws -> CompiledListener {
        let listener = Listener(port: port, rules: rules, defaultActions: [Self.fixed])
        let loadBalancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "lb"),
            nodes: [.init(zone: .a, address: .loopback)],
            listeners: [listener],
            attributes: attributes,
            dnsName: "lb-1.elb.aws.test",
            quirks: quirks
        )
        let snapshot = try Snapshot(compiling: loadBalancer, targetGroups: [])
        return try #require(snapshot.listeners.first)
    }

    static let fixed = RuleAction.fixedResponse(FixedResponseAction(statusCode: 200))
}

extension CompiledListener {
    /// The priority of the rule that takes the request; 0 for the default.
    func priority(for request: SampleRequest, peer: String = "127.200.0.1") throws -> Int {
        let peer = try #require(IPAddress(peer))
        return try request.parsed { head, bytes in self.match(head, bytes: bytes, peer: peer).priority }
    }
}

extension RuleCondition {
    static func path(_ patterns: String...) -> Self { .pathPattern(.patterns(patterns)) }
    static func host(_ patterns: String...) -> Self { .hostHeader(.patterns(patterns)) }
    static func header(_ name: String, _ patterns: String...) -> Self { .httpHeader(name: name, .patterns(patterns)) }
    static func method(_ methods: String...) -> Self { .httpRequestMethod(methods) }
    static func query(_ key: String?, _ value: String) -> Self { .queryString([.init(key: key, value: value)]) }
    static func source(_ blocks: String...) -> Self { .sourceIP(blocks.compactMap { CIDRBlock($0) }) }
}
