import ELBCore
import NIOCore

// What a rule changes in the requests it takes, between the match and the choice of a target (ALB-XFRM-009).
extension ClientRequest {
    /// Applies the rule's transforms to a request that is to be forwarded.
    ///
    /// - Returns: the match to follow; `nil` if the request has been answered.
    func apply(_ transforms: RequestTransforms, of match: RuleMatch) -> RuleMatch? {
        let rules = self.listener.rules
        guard case .forward = rules.action(of: match) else { return match }
        switch transforms.apply(to: self.head, bytes: self.inbound.readableBytesUInt8Span) {
        case .notApplied: return match
        case .failed(let status):
            self.record.transform = .init(status)
            self.consumeHead()
            self.answer(status: 500)
            return nil
        case .applied(let rewritten):
            self.record.transform = .init(.success, host: rewritten.host ?? [], uri: rewritten.target ?? [])
            if rewritten.target != nil { self.record.earlierActions.insert(.rewrite) }
            self.rewritten = rewritten
            if !transforms.deviations.isEmpty { return self.deviate(transforms.deviations, rewritten, match) }
            return match
        }
    }

    /// The quirks `transform.redirects` and `transform.before-rules`.
    private func deviate(
        _ deviations: RequestTransforms.Deviations,
        _ rewritten: RewrittenRequest,
        _ match: RuleMatch
    ) -> RuleMatch? {
        if deviations.contains(.redirects), let target = rewritten.target {
            self.consumeHead()
            self.answer(with: PreparedResponse(pageFor: 302), location: target)
            return nil
        }
        guard deviations.contains(.matchesAgain) else { return match }
        let inbound = self.inbound
        let bytes = inbound.readableBytesUInt8Span
        return self.listener.rules.match(rewritten, of: self.head, bytes: bytes, peer: self.peer)
    }
}
