import ELBCore
import ELBModel
import ELBWire
import NIOCore

// What only a Classic Load Balancer does with a request.
extension ClientRequest {
    /// Sends a request that never reached its instance to another one, each at most once (CLB-RT-010).
    ///
    /// - Returns: whether it is on its way.
    func triesAnotherInstance(after failure: Exchange.TargetFailure) -> Bool {
        guard failure.leavesRequestWhole, let pool = self.pool else { return false }
        let group = pool.group
        if self.attempts.request != self.receivedAt { self.attempts = (self.receivedAt, 1) }
        guard self.attempts.count < group.state.eligibleTargets.count,
            let next = group.state.anotherTarget(after: pool.handle), next.handle != pool.handle
        else { return false }
        self.attempts.count += 1
        self.stickyPlan?.classic?.target = group.state.stickyKey(of: next.handle)
        self.releaseTarget(keep: false, failure.outcome)
        self.dispatch(to: group.pool(for: next), at: self.node.now())
        return true
    }

    /// A request of HTTP/1.0 need not say whom it is for. The instance is told this node's address (CLB-LS-009).
    func nameNode() {
        guard self.head.hostIndex == nil else { return }
        self.rewritten = RewrittenRequest(host: Array(self.node.node.address.description.utf8))
    }

    /// Waits for a connection to an instance, or is answered with 503 because too many do (CLB-RT-008).
    func joinsSurgeQueue() -> Bool {
        guard !self.node.surgeQueue.join() else { return true }
        self.node.counters.spilloverCount += 1
        self.releaseTarget(keep: false)
        self.answer(status: 503)
        return false
    }

    // MARK: Stickiness

    /// The instance that the client's cookie names, if it may have requests, or a choice by the algorithm (CLB-SK-002). With an
    /// application's cookie the client must return that one too (CLB-SK-010).
    func classicStickyTarget(in group: GroupRuntime, _ policy: StickinessPolicy) -> SelectedTarget? {
        let node = self.node
        let inbound = self.inbound
        let bytes = inbound.readableBytesUInt8Span
        var session = node.cookies.classicSession(self.head, bytes: bytes)
        if session?.group != policy.groupKey { session = nil }
        if case .classicApplication(let name) = policy.cookie, node.cookies.needsApplicationCookie,
            !StickyCookies.hasCookie(name, self.head, bytes: bytes)
        {
            session = nil
        }
        let kept = session.flatMap { group.state.stickyTarget($0.target) }
        guard let selected = kept ?? group.state.selectTarget(now: self.receivedAt, using: &node.generator) else {
            return nil
        }
        if case .classicDuration = policy.cookie, kept != nil, !node.snapshot.quirks.contains(.classicCookieRenewed) {
            return selected
        }
        self.plan().classic = StickyPlan.Classic(
            policy: policy,
            target: group.state.stickyKey(of: selected.handle),
            // A session whose instance is gone goes on at its new one (CLB-SK-008, -011).
            isMoved: session != nil && kept == nil
        )
        return selected
    }

    /// Adds AWSELB and AWSELBCORS to the response.
    func addClassicCookies(_ plan: StickyPlan.Classic, _ head: borrowing ResponseHead, bytes: Span<UInt8>) {
        let attributes: ClassicCookieAttributes?
        switch plan.policy.cookie {
        case .classicDuration(let seconds): attributes = ClassicCookieAttributes(seconds: seconds)
        case .classicApplication(let name):
            let own = ClassicCookieAttributes(of: name, head, bytes: bytes)
            attributes = own ?? (plan.isMoved ? ClassicCookieAttributes(seconds: nil) : nil)
        case .loadBalancer, .application: attributes = nil
        }
        guard let attributes else { return }
        let session = StickySession(.classic, group: plan.policy.groupKey, target: plan.target, issuedAt: 0, seconds: 0)
        self.node.cookies.appendClassic(session, attributes, to: &self.responseAdditions)
    }
}

extension StickyPlan {
    /// What a Classic Load Balancer will say about the client's bond; for an application's cookie the response has a say in it.
    struct Classic {
        var policy: StickinessPolicy
        /// What the cookie calls the instance.
        var target: UInt64
        /// The client was bound to another instance.
        var isMoved: Bool
    }
}
