import ELBCore
import ELBModel
import ELBWire
import NIOCore

/// What a response will say about the client's bond. Decided with the request; for an application's cookie the response
/// itself has a say.
final class StickyPlan {
    /// Goes with every response.
    var sessions: [StickySession] = []
    var application: Application?
    /// Of a Classic Load Balancer.
    var classic: Classic?

    struct Application {
        var session: StickySession
        /// The cookie that the target sets to begin a session.
        var cookieName: [UInt8]
        /// The client is in a session, which goes on whether the target sets the cookie again or not.
        var isBound: Bool
        /// What the client's browser needs for cross-site cookies (ALB-STK-021).
        var isCrossSite: Bool
    }
}

// Binding clients to groups and to targets. Nothing here runs unless an action or a group asks for it.
extension ClientRequest {
    /// The group of a request whose action binds clients to groups: the one that the client's cookie names, whatever the
    /// weights (ALB-FWD-012), or a choice by weight.
    func stickyGroup(of weights: WeightedTargetGroups, _ stickiness: WeightedTargetGroups.Stickiness) -> Int? {
        let node = self.node
        let now = node.wallClock(at: self.receivedAt)
        let inbound = self.inbound
        let bytes = inbound.readableBytesUInt8Span
        let reading = node.cookies.groupSession(StickyCookies(self.head, bytes: bytes), bytes: bytes, at: now)
        var chosen: Int?
        switch reading {
        case .session(let session): chosen = stickiness.group(of: session.group)
        case .invalid: self.record.errorReason = .awsalbtgCookieInvalid
        case .absent, .stale: break
        }
        let isKept = chosen != nil
        guard let group = chosen ?? weights.choose(using: &node.generator) else { return nil }
        if !isKept || node.cookies.renews, let key = stickiness.key(of: group) {
            self.plan().sessions.append(
                StickySession(.group, group: key, issuedAt: now, seconds: stickiness.seconds)
            )
        }
        return group
    }

    /// The target of a request to a group that binds clients to targets: the one that the client's cookie names, if it may
    /// have requests, or a choice by the algorithm (ALB-STK-013, ALB-ALG-009).
    func stickyTarget(in group: GroupRuntime, _ policy: StickinessPolicy) -> SelectedTarget? {
        switch policy.cookie {
        case .classicDuration, .classicApplication: return self.classicStickyTarget(in: group, policy)
        case .loadBalancer, .application: break
        }
        let node = self.node
        let now = node.wallClock(at: self.receivedAt)
        let inbound = self.inbound
        let bytes = inbound.readableBytesUInt8Span
        let cookies = StickyCookies(self.head, bytes: bytes)
        let session = self.session(policy, cookies, bytes, now)
        let kept = session.flatMap { group.state.stickyTarget($0.target) }
        guard let selected = kept ?? group.state.selectTarget(now: self.receivedAt, using: &node.generator) else {
            return nil
        }
        let key = group.state.stickyKey(of: selected.handle)
        switch policy.cookie {
        case .loadBalancer:
            if kept == nil { node.counters.nonStickyRequestCount += 1 }
            if kept == nil || node.cookies.renews {
                self.plan().sessions.append(
                    StickySession(.target, group: policy.groupKey, target: key, issuedAt: now, seconds: policy.seconds)
                )
            }
        case .application(let name):
            if kept == nil { node.counters.appCookieNonStickinessCount += 1 }
            self.plan().application = StickyPlan.Application(
                session: StickySession(
                    .application,
                    group: policy.groupKey,
                    target: key,
                    issuedAt: now,
                    seconds: policy.seconds
                ),
                cookieName: name,
                // A session whose target is gone lives on at its new one (ALB-STK-014).
                isBound: session != nil && (kept == nil || node.cookies.renews),
                isCrossSite: cookies.wantsCrossSite
            )
        case .classicDuration, .classicApplication: break
        }
        return selected
    }

    /// The session that the request's cookies speak of, if they are good.
    private func session(
        _ policy: StickinessPolicy,
        _ cookies: StickyCookies,
        _ bytes: Span<UInt8>,
        _ now: Int64
    ) -> StickySession? {
        let codec = self.node.cookies
        let reading: CookieReading
        switch policy.cookie {
        case .loadBalancer:
            reading = codec.targetSession(cookies, bytes: bytes, at: now)
        case .application(let name):
            // ALB-STK-018.
            if codec.needsApplicationCookie, !StickyCookies.hasCookie(name, self.head, bytes: bytes) { return nil }
            reading = codec.applicationSession(cookies, bytes: bytes, at: now)
        case .classicDuration, .classicApplication: return nil
        }
        guard case .session(let session) = reading, session.group == policy.groupKey else { return nil }
        return session
    }

    func plan() -> StickyPlan {
        if let plan = self.stickyPlan { return plan }
        let plan = StickyPlan()
        self.stickyPlan = plan
        return plan
    }

    /// Adds the load balancer's cookies to the response.
    func addStickyCookies(_ plan: StickyPlan, _ head: borrowing ResponseHead, bytes: Span<UInt8>) {
        self.stickyPlan = nil
        if let classic = plan.classic { self.addClassicCookies(classic, head, bytes: bytes) }
        let node = self.node
        for session in plan.sessions {
            node.cookies.append(
                session,
                expires: node.httpDate(second: node.cookies.expiry(of: session)),
                isSecure: self.listener.rules.protocol == .https,
                to: &self.responseAdditions
            )
        }
        guard let application = plan.application,
            application.isBound || StickyCookies.setsCookie(application.cookieName, head, bytes: bytes)
        else { return }
        node.cookies.appendApplication(
            application.session,
            expires: node.httpDate(second: node.cookies.expiry(of: application.session)),
            isCrossSite: application.isCrossSite,
            to: &self.responseAdditions
        )
    }
}
