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
}
