import ELBCore
import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Validating tokens` {
    private typealias Bench = AuthenticationBench

    private static let now = AuthenticationBench.start / AuthenticationBench.second

    private static func bench(
        _ claims: JWTValidationAction.AdditionalClaim...,
        quirks: Set<Quirk> = []
    ) throws -> AuthenticationBench {
        try Bench(
            .jwtValidation(.init(jwksEndpoint: "https://idp/jwks", issuer: "https://idp", additionalClaims: claims)),
            quirks: quirks
        )
    }

    /// A set with one usable key `k` and one of 4096 bits, `big`.
    private static let keySet: ProviderAnswer = {
        let usable = Self.key("k", bytes: 256)
        return .response(status: 200, body: Array(#"{"keys":[\#(usable),\#(Self.key("big", bytes: 512))]}"#.utf8))
    }()

    private static func key(_ id: String, bytes: Int) -> String {
        var modulus: [UInt8] = []
        Base64URL.append(Array(repeating: 0xff, count: bytes).span, to: &modulus)
        return #"{"kty":"RSA","kid":"\#(id)","n":"\#(modulus.text)","e":"AQAB"}"#
    }

    /// What becomes of a token: `nil` if it is valid.
    private static func reason(
        _ token: String,
        _ bench: AuthenticationBench,
        keys: ProviderAnswer = Self.keySet
    ) throws
        -> ErrorReason?
    {
        let check = try bench.check
        guard case .keys(let set) = check.readKeys(keys) else { throw Bench.BenchError.noLogin }
        let reading = bench.withHead("GET / HTTP/1.1", ["Authorization: Bearer \(token)"]) {
            check.read($0, bytes: $1)
        }
        switch reading {
        case .refuse(let answer): return answer.reason
        case .token(let token):
            switch check.judge(token, by: set, bench.context) {
            case .valid: return nil
            case .unknownKey: return CompiledTokenCheck.unknownKeyAnswer.reason
            case .refuse(let answer):
                #expect(answer.status == 401)
                return answer.reason
            }
        }
    }

    private static func claims(_ changes: String = "", exp: String? = nil, iss: String? = #""https://idp""#) -> String {
        let issuer = iss.map { #""iss":\#($0),"# } ?? ""
        return #"{\#(issuer)"exp":\#(exp ?? "\(Self.now + 60)")\#(changes)}"#
    }

    @Test(
        .covers("ALB-JWT-003", "ALB-JWT-007", "ALB-JWT-008"),
        arguments: [
            ([], ErrorReason.jwtHeaderNotPresent),
            (["Authorization: "], .jwtRequestFormatInvalid), (["Authorization: Bearer"], .jwtRequestFormatInvalid),
            (["Authorization: Bearer "], .jwtRequestFormatInvalid),
            (["Authorization: Basic YTpi"], .jwtRequestFormatInvalid),
            (["Authorization: Bearer a.b.c"], .jwtRequestFormatInvalid),
            (["Authorization: Bearer e30.e30"], .jwtRequestFormatInvalid),
            (["Authorization: Bearer e30.e30.eA.eA"], .jwtRequestFormatInvalid),
            (["Authorization: Bearer e30.e30.eA e30.e30.eA"], .jwtRequestFormatInvalid),
            (["Authorization: Bearer e30.e30.eA", "Authorization: Bearer e30.e30.eA"], .jwtRequestFormatInvalid),
            (["Authorization: Bearer e30.e30.e"], .jwtRequestFormatInvalid),
            (["Authorization: Bearer e30=.e30.eA"], .jwtRequestFormatInvalid),
        ]
    )
    func `refuses requests without one good token`(fields: [String], reason: ErrorReason) throws {
        let bench = try Self.bench()
        let check = try bench.check
        let reading = bench.withHead("GET / HTTP/1.1", fields) { check.read($0, bytes: $1) }
        guard case .refuse(let answer) = reading else {
            Issue.record("not refused")
            return
        }
        #expect(answer.status == 401)
        #expect(answer.reason == reason)
    }

    @Test(.covers("ALB-JWT-004", "ALB-JWT-009")) func `believes RS256 signatures of 2048-bit keys only`() throws {
        let bench = try Self.bench()
        let claims = Self.claims()
        #expect(try Self.reason(Bench.token(claims), bench) == nil)
        let wrong = [
            Bench.token(claims, signature: "bad"), Bench.token(#"{"alg":"none","kid":"k"}"#, claims, signature: ""),
            Bench.token(#"{"alg":"HS256","kid":"k"}"#, claims), Bench.token(#"{"alg":"ES256","kid":"k"}"#, claims),
            Bench.token(#"{"kid":"k"}"#, claims), Bench.token(#"{"alg":"RS256","kid":"other"}"#, claims),
            Bench.token(#"{"alg":"RS256","kid":"big"}"#, claims), Bench.token(#"{"alg":"RS256"}"#, claims),
            Bench.token(#"{"alg":"RS256","kid":"k","crit":["x"],"x":1}"#, claims),
        ]
        for token in wrong { #expect(try Self.reason(token, bench) == .jwtSignatureValidationFailed, "\(token)") }
        let single = ProviderAnswer.response(
            status: 200,
            body: Array(#"{"keys":[\#(Self.key("k", bytes: 256))]}"#.utf8)
        )
        #expect(try Self.reason(Bench.token(#"{"alg":"RS256"}"#, claims), bench, keys: single) == nil)
    }

    @Test(
        .covers("ALB-JWT-005", "ALB-JWT-010"),
        arguments: [
            (claims(), ErrorReason?.none), (claims(iss: nil), .jwtClaimNotPresent),
            (claims(iss: "1"), .jwtClaimFormatInvalid), (claims(iss: #""https://other""#), .jwtClaimValueInvalid),
            (#"{"iss":"https://idp"}"#, .jwtClaimNotPresent), (claims(exp: #""soon""#), .jwtClaimFormatInvalid),
            (claims(exp: "\(now)"), .jwtClaimValueInvalid), (claims(exp: "\(now + 1)"), nil),
            (claims(#","nbf":\#(now)"#), nil), (claims(#","nbf":\#(now + 1)"#), .jwtClaimValueInvalid),
            (claims(#","nbf":"x""#), .jwtClaimFormatInvalid), (claims(#","iat":\#(now)"#), nil),
            (claims(#","iat":\#(now + 1)"#), .jwtClaimValueInvalid), (claims(#","iat":null"#), .jwtClaimFormatInvalid),
        ]
    )
    func `wants an issuer and an expiry, and looks at the other times if they are there`(
        claims: String,
        reason: ErrorReason?
    ) throws {
        #expect(try Self.reason(Bench.token(claims), Self.bench()) == reason)
    }

    @Test(
        .covers("ALB-JWT-006", "ALB-JWT-010"),
        arguments: [
            (#","aud":"a""#, JWTValidationAction.AdditionalClaim.Format.singleString, ErrorReason?.none),
            (#","aud":"c""#, .singleString, .jwtClaimValueInvalid),
            (#","aud":["a"]"#, .singleString, .jwtClaimFormatInvalid),
            ("", .singleString, .jwtClaimNotPresent), (#","aud":["b","a","c"]"#, .stringArray, nil),
            (#","aud":["a"]"#, .stringArray, .jwtClaimValueInvalid),
            (#","aud":"a b""#, .stringArray, .jwtClaimFormatInvalid),
            (#","aud":["a","b",1]"#, .stringArray, .jwtClaimFormatInvalid),
            (#","aud":"b  a c""#, .spaceSeparatedValues, nil),
            (#","aud":"a""#, .spaceSeparatedValues, .jwtClaimValueInvalid),
            (#","aud":["a","b"]"#, .spaceSeparatedValues, .jwtClaimFormatInvalid),
        ]
    )
    func `looks at additional claims`(
        claim: String,
        format: JWTValidationAction.AdditionalClaim.Format,
        reason: ErrorReason?
    ) throws {
        let bench = try Self.bench(.init(name: "aud", format: format, values: ["a", "b"]))
        #expect(try Self.reason(Bench.token(Self.claims(claim)), bench) == reason)
    }

    @Test(
        .covers("ALB-JWT-011", "ALB-JWT-012", "ALB-JWT-013", "ALB-ERR-022", "ALB-ERR-047"),
        arguments: [
            (ProviderAnswer.timedOut, 500, ErrorReason.jwksRequestTimeout), (.failed, 500, .jwksRequestTimeout),
            (.tooLarge, 500, .jwksResponseSizeExceeded),
            (
                .response(
                    status: 200,
                    body: Array(
                        #"{"keys":[\#((0..<11).map { key("\($0)", bytes: 256) }.joined(separator: ","))]}"#.utf8
                    )
                ), 500, .jwksResponseSizeExceeded
            ),
            (.response(status: 500, body: []), 562, .jwksRequestFailed),
            (.response(status: 302, body: []), 562, .jwksRequestFailed),
            (.response(status: 200, body: Array("<html>".utf8)), 562, .jwksResponseInvalid),
            (.response(status: 200, body: Array("{}".utf8)), 562, .jwksResponseInvalid),
            (.response(status: 200, body: Array(#"{"keys":[]}"#.utf8)), 562, .jwksResponseInvalid),
            (.response(status: 200, body: Array(#"{"keys":[{"kty":"RSA"}]}"#.utf8)), 562, .jwksResponseInvalid),
            (
                .response(status: 200, body: Array(#"{"keys":[{"kty":"EC","kid":"k"}]}"#.utf8)), 562,
                .jwksResponseInvalid
            ),
            (
                .response(status: 200, body: Array(#"{"keys":[\#(key("k", bytes: 512))]}"#.utf8)), 562,
                .jwksResponseInvalid
            ),
        ]
    )
    func `refuses key sets that are missing, too large or wrong`(
        answer: ProviderAnswer,
        status: Int,
        reason: ErrorReason
    ) throws {
        let check = try Self.bench().check
        guard case .refuse(let refusal) = check.readKeys(answer) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.status == status)
        #expect(refusal.reason == reason)
    }

    @Test(.covers("ALB-JWT-002", "ALB-JWT-012")) func `takes ten keys, and asks with a limit of 150 KB`() throws {
        let keys = (0..<10).map { Self.key("\($0)", bytes: 256) }.joined(separator: ",")
        let check = try Self.bench().check
        #expect(check.keyRequest.bodyLimit == 150 * 1024)
        guard case .keys(let set) = check.readKeys(.response(status: 200, body: Array(#"{"keys":[\#(keys)]}"#.utf8)))
        else {
            Issue.record("refused")
            return
        }
        #expect(set.hasKey("9"))
        #expect(!set.hasKey("10"))
        #expect(!set.hasKey(nil))
    }

    @Test(.covers("ALB-AUTH-028", "ALB-JWT-014", "ALB-MET-021", "ALB-MET-022"))
    func `counts every reason under one metric`() {
        for reason in ErrorReason.allCases {
            let isAuthentication = reason.rawValue.hasPrefix("Auth") || reason.rawValue.hasPrefix("JW")
            #expect((reason.authenticationMetric != nil) == isAuthentication, "\(reason)")
        }
        #expect(ErrorReason.authUserinfoResponseSizeExceeded.authenticationMetric == .userClaimsSizeExceeded)
        #expect(ErrorReason.authInvalidCookie.authenticationMetric == .failure)
        #expect(ErrorReason.authMissingHostHeader.authenticationMetric == .error)
        #expect(ErrorReason.jwksRequestTimeout.authenticationMetric == .tokenFailure)
    }
}
