package import ELBModel
import ELBWire

extension Snapshot {
    /// What every rule of the listener on `port` makes of a request, the default rule last; `nil` if nothing listens there
    /// or the bytes are no request head.
    package func trace(head bytes: [UInt8], port: Port, peer: IPAddress) -> [RuleExplanation]? {
        guard let listener = self.listeners.first(where: { $0.port == port }) else { return nil }
        var parser = RequestHeadParser()
        var head = RequestHead()
        guard parser.parse(bytes.span, into: &head) == .complete else { return nil }
        return listener.explain(head, bytes: bytes.span, peer: peer)
    }

    /// What the transforms of the rule that takes the request make of it; `nil` if that rule has none or does not forward.
    package func traceTransforms(head bytes: [UInt8], port: Port, peer: IPAddress) -> RequestTransforms.Outcome? {
        guard let listener = self.listeners.first(where: { $0.port == port }) else { return nil }
        var parser = RequestHeadParser()
        var head = RequestHead()
        guard parser.parse(bytes.span, into: &head) == .complete else { return nil }
        let match = listener.match(head, bytes: bytes.span, peer: peer)
        guard case .forward = listener.action(of: match) else { return nil }
        return listener.transforms(of: match)?.apply(to: head, bytes: bytes.span)
    }
}
