package import ELBModel
import ELBWire

extension Snapshot {
    /// What a request's cookies decide, in sentences for `elblab trace`; empty where nothing binds clients. It asks the code that
    /// serves requests, and changes nothing.
    ///
    /// - Parameters:
    ///   - groups: one node's, in the order of `targetGroups`.
    ///   - now: microseconds since 1970.
    package func explainStickiness(
        head bytes: [UInt8],
        port: Port,
        peer: IPAddress,
        codec: CookieCodec,
        groups: [TargetGroupState],
        now: Int64
    ) -> [String] {
        var parser = RequestHeadParser()
        var head = RequestHead()
        guard let listener = self.listeners.first(where: { $0.port == port }),
            parser.parse(bytes.span, into: &head) == .complete,
            case .forward(let weights) = listener.action(of: listener.match(head, bytes: bytes.span, peer: peer))
        else { return [] }
        let cookies = StickyCookies(head, bytes: bytes.span)
        var sentences: [String] = []
        var candidates = weights.groups
        if let stickiness = weights.stickiness {
            let reading = codec.groupSession(cookies, bytes: bytes.span, at: now)
            let named = reading.session.flatMap { stickiness.group(of: $0.group) }
            if let named { candidates = [named] }
            let ending =
                named.flatMap { groups.indices.contains($0) ? "names group \(groups[$0].group.name)" : nil }
                ?? "\(reading.shortcoming(ofNaming: "a group of this action")): the weights decide"
            sentences.append("AWSALBTG \(ending)")
        }
        for index in candidates where groups.indices.contains(index) {
            guard let policy = groups[index].stickiness else { continue }
            let name = candidates.count > 1 ? "in group \(groups[index].group.name), " : ""
            sentences.append(name + Self.sentence(policy, groups[index], cookies, head, bytes.span, codec, now))
        }
        return sentences
    }

    private static func sentence(
        _ policy: StickinessPolicy,
        _ group: TargetGroupState,
        _ cookies: StickyCookies,
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>,
        _ codec: CookieCodec,
        _ now: Int64
    ) -> String {
        let cookie: String
        let reading: CookieReading
        switch policy.cookie {
        case .loadBalancer:
            cookie = "AWSALB"
            reading = codec.targetSession(cookies, bytes: bytes, at: now)
        case .application(let name):
            guard !codec.needsApplicationCookie || StickyCookies.hasCookie(name, head, bytes: bytes) else {
                return
                    "the application's cookie \(String(decoding: name, as: UTF8.self)) is missing: the algorithm decides"
            }
            cookie = "AWSALBAPP"
            reading = codec.applicationSession(cookies, bytes: bytes, at: now)
        case .classicDuration, .classicApplication:
            cookie = "AWSELB"
            reading = codec.classicSession(head, bytes: bytes).map(CookieReading.session) ?? .invalid
        }
        if let session = reading.session, session.group == policy.groupKey,
            let selected = group.stickyTarget(session.target), let target = group.target(of: selected.handle)
        {
            return "\(cookie) names target \(target.id) at \(target.endpoint)"
        }
        return "\(cookie) \(reading.shortcoming(ofNaming: "a target that may have requests")): the algorithm decides"
    }
}

extension CookieReading {
    fileprivate var session: StickySession? {
        if case .session(let session) = self { session } else { nil }
    }

    /// Why the cookie decides nothing.
    fileprivate func shortcoming(ofNaming what: String) -> String {
        switch self {
        case .absent: "is missing"
        case .invalid: "cannot be read"
        case .stale: "has outlived its duration"
        case .session: "does not name \(what)"
        }
    }
}
