import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Stickiness cookies` {
    private static let expires = Array("Thu, 03 Dec 2026 10:00:00 GMT".utf8)
    private static let session = StickySession(.target, group: 1, target: 2, issuedAt: 1_000_000, seconds: 60)

    private static func codec(_ quirks: Set<Quirk> = []) -> CookieCodec {
        CookieCodec(
            sealer: ClearSealer(),
            secondLength: 1_000_000_000,
            deviations: CookieCodec.Deviations(QuirkSet(quirks))
        )
    }

    /// The Set-Cookie lines of a session.
    private static func lines(
        _ session: StickySession = session,
        isSecure: Bool = false,
        _ quirks: Set<Quirk> = []
    ) -> [String] {
        var output: [UInt8] = []
        Self.codec(quirks).append(session, expires: Self.expires, isSecure: isSecure, to: &output)
        return String(decoding: output, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }

    private static func value(_ session: StickySession = session) -> String {
        let line = Self.lines(session)[0]
        return String(line[line.index(after: line.firstIndex(of: "=")!)..<line.firstIndex(of: ";")!])
    }

    private static func read(
        _ lines: [String],
        at now: Int64 = 1_000_000,
        _ quirks: Set<Quirk> = [],
        _ kind: StickySession.Kind = .target
    ) throws -> CookieReading {
        try SampleRequest(fields: lines).parsed { head, bytes in
            let cookies = StickyCookies(head, bytes: bytes)
            let codec = Self.codec(quirks)
            return switch kind {
            case .target: codec.targetSession(cookies, bytes: bytes, at: now)
            case .group: codec.groupSession(cookies, bytes: bytes, at: now)
            case .application: codec.applicationSession(cookies, bytes: bytes, at: now)
            case .classic: codec.classicSession(head, bytes: bytes).map(CookieReading.session) ?? .absent
            }
        }
    }

    @Test func `say what was put in`() {
        for kind in [StickySession.Kind.target, .application, .group] {
            let session = StickySession(kind, group: .max, target: 7, issuedAt: 1_700_000_000_123_456, seconds: 604_800)
            #expect(session.bytes.count == StickySession.byteCount)
            #expect(StickySession(session.bytes) == session)
        }
        #expect(StickySession([]) == nil)
        #expect(StickySession(Array(repeating: 9, count: 29)) == nil)
    }

    @Test(.covers("ALB-STK-006", "ALB-STK-008", "ALB-STK-009")) func `have the form that AWS's have`() {
        let value = Self.value()
        let rest = "=\(value); Expires=Thu, 03 Dec 2026 10:00:00 GMT; Path=/"
        #expect(Self.lines() == ["Set-Cookie: AWSALB\(rest)", "Set-Cookie: AWSALBCORS\(rest); SameSite=None"])
        #expect(Self.lines(isSecure: true)[1] == "Set-Cookie: AWSALBCORS\(rest); SameSite=None; Secure")
        let group = StickySession(.group, group: 1, issuedAt: 0, seconds: 1)
        #expect(
            Self.lines(group).map { $0.prefix { $0 != "=" } } == ["Set-Cookie: AWSALBTG", "Set-Cookie: AWSALBTGCORS"]
        )
    }

    @Test(.covers("ALB-STK-007")) func `expire for the browser in a week, whatever their duration`() {
        #expect(Self.codec().expiry(of: Self.session) == 1 + 604_800)
        #expect(Self.codec([.stickyExpiresFollowsDuration]).expiry(of: Self.session) == 61)
    }

    @Test(.covers("ALB-STK-010", "ALB-STK-002")) func `count for their duration`() throws {
        let line = "Cookie: AWSALB=\(Self.value())"
        #expect(try Self.read([line]) == .session(Self.session))
        #expect(try Self.read([line], at: 60_999_999) == .session(Self.session))
        #expect(try Self.read([line], at: 61_000_000) == .stale)
        // A clock that was set back does no harm.
        #expect(try Self.read([line], at: 0) == .session(Self.session))
        let week = StickySession(.target, group: 1, issuedAt: 0, seconds: 604_800)
        #expect(week.isCurrent(at: 604_799_999_999, secondLength: 1_000_000_000))
        #expect(!week.isCurrent(at: 604_800_000_000, secondLength: 1_000_000_000))
        // At scale 50 a second lasts 20 ms.
        #expect(!Self.session.isCurrent(at: 2_200_000, secondLength: 20_000_000))
        #expect(!Self.session.isCurrent(at: .max, secondLength: .max / 2))
    }

    @Test func `are found among others, in any line`() throws {
        let value = Self.value()
        #expect(try Self.read(["Cookie: a=b; AWSALB=\(value); c=d"]) == .session(Self.session))
        #expect(try Self.read(["Cookie: a=b", "cookie:AWSALB=\(value)"]) == .session(Self.session))
        #expect(try Self.read(["Cookie: AWSALB=\(value);AWSALB=x"]) == .session(Self.session))
        #expect(try Self.read(["Cookie: awsalb=\(value)"]) == .absent)
        #expect(try Self.read(["Cookie: XAWSALB=\(value); AWSALBX=\(value); ;=; AWSALB"]) == .absent)
        #expect(try Self.read(["X-Cookie: AWSALB=\(value)"]) == .absent)
        #expect(try Self.read([]) == .absent)
    }

    @Test(.covers("ALB-STK-012")) func `for cross-origin requests win over their twins`() throws {
        let other = StickySession(.target, group: 1, target: 9, issuedAt: 1_000_000, seconds: 60)
        let line = "Cookie: AWSALB=\(Self.value()); AWSALBCORS=\(Self.value(other))"
        #expect(try Self.read([line]) == .session(other))
        #expect(try Self.read([line], [.stickyCORSLoses]) == .session(Self.session))
        #expect(try Self.read(["Cookie: AWSALBCORS=\(Self.value(other))"]) == .session(other))
    }

    @Test(.covers("ALB-STK-013", "ALB-STK-022", "ALB-HTTP-037"))
    func `are not understood when anything about them is changed`() throws {
        let value = Self.value()
        for bad in ["", "x", value.replacing("/", with: "%2F"), "\(value)A", String(value.dropLast(4)), "\"\(value)\""]
        {
            #expect(try Self.read(["Cookie: AWSALB=\(bad)"]) == .invalid, "\(bad)")
        }
        let encoded = value.replacing("/", with: "%2F")
        #expect(try Self.read(["Cookie: AWSALB=\(encoded)"], [.stickyPercentDecoded]) == .session(Self.session))
        // A group's cookie is not a target's.
        let group = StickySession(.group, group: 1, issuedAt: 1_000_000, seconds: 60)
        #expect(try Self.read(["Cookie: AWSALB=\(Self.value(group))"]) == .invalid)
        #expect(try Self.read(["Cookie: AWSALBTG=\(Self.value(group))"], [], .group) == .session(group))
        #expect(try Self.read(["Cookie: AWSALBTGCORS=\(Self.value(group))"], [], .group) == .session(group))
    }

    @Test(.covers("ALB-STK-020", "ALB-STK-017")) func `of applications come in numbered pieces`() throws {
        let session = StickySession(.application, group: 1, target: 2, issuedAt: 1_000_000, seconds: 60)
        var output: [UInt8] = []
        Self.codec().appendApplication(session, expires: Self.expires, isCrossSite: false, to: &output)
        let text = String(decoding: output, as: UTF8.self)
        let value = Self.value(session)
        #expect(text == "Set-Cookie: AWSALBAPP-0=\(value); Expires=Thu, 03 Dec 2026 10:00:00 GMT; Path=/\r\n")
        #expect(try Self.read(["Cookie: AWSALBAPP-0=\(value)"], [], .application) == .session(session))
        // Joined in the order of their numbers, as far as they have no gap.
        let (first, second) = (value.prefix(20), value.dropFirst(20))
        let pieces = "Cookie: AWSALBAPP-1=\(second); AWSALBAPP-0=\(first); AWSALBAPP-3=zz; AWSALBAPP-4=zz; AWSALBAPP-=z"
        #expect(try Self.read([pieces], [], .application) == .session(session))
        #expect(try Self.read(["Cookie: AWSALBAPP-1=\(value)"], [], .application) == .absent)
    }

    @Test(
        .covers("ALB-STK-021"),
        arguments: [
            ("Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.1 Safari/537.36", true),
            ("Mozilla/5.0 Chrome/124.0.0.0 Safari/537.36 Edg/124.0", true), ("Chromium/99", true),
            ("Mozilla/5.0 Chrome/79.0.3945.130 Safari/537.36", false), ("Mozilla/5.0 Firefox/124.0", false),
            ("curl/8.5.0", false), ("Chrome/", false), ("Chrome/999999999999999999999999", true),
        ]
    )
    func `cross sites for modern Chromium`(agent: String, isModern: Bool) throws {
        let wants = { (fields: [String]) in
            try SampleRequest(fields: fields).parsed { StickyCookies($0, bytes: $1).wantsCrossSite }
        }
        #expect(try wants(["User-Agent: \(agent)", "Origin: https://shop.example"]) == isModern)
        // Without an origin it is no cross-origin request.
        #expect(try !wants(["User-Agent: \(agent)"]))
    }

    @Test(.covers("ALB-STK-016", "ALB-STK-018")) func `of applications go by name`() throws {
        let name = Array("session".utf8)
        let has = { (line: String) in
            try SampleRequest(fields: [line]).parsed { StickyCookies.hasCookie(name, $0, bytes: $1) }
        }
        #expect(try has("Cookie: session=1"))
        #expect(try has("Cookie: a=b; session="))
        #expect(try !has("Cookie: Session=1"))
        #expect(try !has("Cookie: session2=1; xsession=2"))
        let sets = { (line: String) in
            let bytes = Array("HTTP/1.1 200 OK\r\n\(line)\r\nContent-Length: 0\r\n\r\n".utf8)
            var parser = ResponseHeadParser()
            var head = ResponseHead()
            #expect(parser.parse(bytes.span, into: &head) == .complete)
            return StickyCookies.setsCookie(name, head, bytes: bytes.span)
        }
        #expect(sets("Set-Cookie: session=; Max-Age=0"))
        #expect(sets("set-cookie: session=abc; Path=/; HttpOnly"))
        #expect(!sets("Set-Cookie: other=1; session=2"))
        #expect(!sets("Set-Cookie: session"))
    }
}
