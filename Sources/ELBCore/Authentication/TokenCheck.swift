package import ELBModel
package import ELBWire

/// A rule's token validation, compiled (group ALB-JWT). The token is read first, then the keys are fetched if nobody has them,
/// then the token is judged.
package final class CompiledTokenCheck: Sendable {
    package let jwksEndpoint: WebURL
    private let issuer: String
    private let claims: [JWTValidationAction.AdditionalClaim]
    private let quirks: AuthenticationQuirks

    /// The only algorithm, with the only size of key, that tokens may be signed with (ALB-JWT-004).
    private static let algorithm = "RS256"

    /// - Throws: `ValidationError` if the endpoint is no URL.
    init(_ action: JWTValidationAction, quirks: AuthenticationQuirks) throws(ModelError) {
        guard let endpoint = WebURL(action.jwksEndpoint) else {
            throw ModelError(.validationError, "The endpoint must be a URL", at: "JwtValidationConfig.JwksEndpoint")
        }
        self.jwksEndpoint = endpoint
        self.issuer = action.issuer
        self.claims = action.additionalClaims
        self.quirks = quirks
    }

    /// What asks for the keys.
    package var keyRequest: ProviderRequest {
        ProviderRequest(url: self.jwksEndpoint, bodyLimit: KeySet.largestBody)
    }

    /// A token as a request carries it, not yet believed.
    package struct Token: Sendable {
        fileprivate let token: SignedToken
        /// Which key has signed it; `nil` if the token does not say.
        package let keyID: String?
    }

    /// What a request's Authorization holds.
    package enum Reading: Sendable {
        case token(Token)
        case refuse(OwnAnswer)
    }

    /// Reads the token of a request (ALB-JWT-003, -007, -008).
    package func read(_ head: borrowing RequestHead, bytes: Span<UInt8>) -> Reading {
        var value: Range<Int>?
        for index in head.fields.indices where head.fields[index].known == .other {
            let field = head.fields[index]
            guard field.name.count == 13, bytes.equalsIgnoringCase("authorization", at: field.name.range) else {
                continue
            }
            guard value == nil else { return Self.refused(.jwtRequestFormatInvalid) }
            value = field.value.range
        }
        guard let value else { return Self.refused(.jwtHeaderNotPresent) }
        // The scheme's name has no case (RFC 9110, section 11.1); one space, and a token without any.
        guard value.count > 7, bytes.equalsIgnoringCase("bearer ", at: value.lowerBound..<(value.lowerBound + 7)) else {
            return Self.refused(.jwtRequestFormatInvalid)
        }
        var text: [UInt8] = []
        text.append(bytes.extracting((value.lowerBound + 7)..<value.upperBound))
        guard let token = SignedToken(text) else { return Self.refused(.jwtRequestFormatInvalid) }
        return .token(Token(token: token, keyID: token.header["kid"]?.text))
    }

    private static func refused(_ reason: ErrorReason) -> Reading {
        .refuse(OwnAnswer(status: 401, reason: reason))
    }

    /// Reads the keys from the endpoint's answer.
    package func readKeys(_ answer: ProviderAnswer) -> KeySet.Reading {
        KeySet.read(answer, quirks: self.quirks)
    }

    /// What is to be thought of a token.
    package enum Judgement: Sendable {
        case valid
        /// No key of the set is the one that the token names: they may have changed since.
        case unknownKey
        case refuse(OwnAnswer)
    }

    /// Judges a token: first who signed it, then what it says (ALB-JWT-005, -006, -009, -010).
    package func judge(_ token: Token, by keys: KeySet, _ context: AuthenticationContext) -> Judgement {
        if let failure = self.signatureFailure(token, keys, context) {
            if case .unknownKey = failure { return .unknownKey }
            return failure
        }
        let claims = token.token.claims
        let reason =
            self.issuerFailure(claims) ?? self.timeFailure(claims, now: context.time / 1_000_000)
            ?? self.additionalClaimsFailure(claims)
        return reason.map(Self.refusal) ?? .valid
    }

    /// The answer to a token whose key is in no set (ALB-JWT-009).
    package static let unknownKeyAnswer = OwnAnswer(status: 401, reason: .jwtSignatureValidationFailed)

    private static func refusal(_ reason: ErrorReason) -> Judgement {
        .refuse(OwnAnswer(status: 401, reason: reason))
    }

    private func signatureFailure(_ token: Token, _ keys: KeySet, _ context: AuthenticationContext) -> Judgement? {
        if self.quirks.contains(.signatureIgnored) { return nil }
        let algorithm = token.token.header["alg"]?.text
        if algorithm == "none", self.quirks.contains(.algorithmNoneAccepted) { return nil }
        // Never the token's word alone: "none", or an RSA key taken for a shared secret, would let anybody sign. Extensions that
        // must be understood are not (RFC 7515, section 4.1.11).
        guard algorithm == Self.algorithm, token.token.header["crit"] == nil else {
            return Self.refusal(.jwtSignatureValidationFailed)
        }
        switch keys.key(token.keyID) {
        case nil: return .unknownKey
        case .unusable: return Self.refusal(.jwtSignatureValidationFailed)
        case .rsa(let key):
            let isGood = context.cryptography.verifiesRS256(
                token.token.signature,
                of: token.token.signedBytes,
                by: key
            )
            return isGood ? nil : Self.refusal(.jwtSignatureValidationFailed)
        }
    }

    private func issuerFailure(_ claims: JSONValue) -> ErrorReason? {
        if self.quirks.contains(.issuerIgnored) { return nil }
        guard let issuer = claims["iss"] else { return .jwtClaimNotPresent }
        guard let text = issuer.text else { return .jwtClaimFormatInvalid }
        return text == self.issuer ? nil : .jwtClaimValueInvalid
    }

    /// `exp` must be there; `nbf` and `iat` count if they are (ALB-JWT-005). To the second: no allowance for clocks that differ
    /// is documented.
    private func timeFailure(_ claims: JSONValue, now: Int64) -> ErrorReason? {
        if !self.quirks.contains(.expiryIgnored) {
            guard let expiry = claims["exp"] else { return .jwtClaimNotPresent }
            guard let moment = expiry.integer else { return .jwtClaimFormatInvalid }
            if Int64(clamping: moment) <= now { return .jwtClaimValueInvalid }
        }
        for name in ["nbf", "iat"] {
            guard let claim = claims[name] else { continue }
            guard let moment = claim.integer else { return .jwtClaimFormatInvalid }
            if Int64(clamping: moment) > now { return .jwtClaimValueInvalid }
        }
        return nil
    }

    private func additionalClaimsFailure(_ claims: JSONValue) -> ErrorReason? {
        if self.quirks.contains(.claimsIgnored) { return nil }
        for expected in self.claims {
            guard let claim = claims[expected.name] else { return .jwtClaimNotPresent }
            guard let holds = expected.holds(claim) else { return .jwtClaimFormatInvalid }
            if !holds { return .jwtClaimValueInvalid }
        }
        return nil
    }
}

extension JWTValidationAction.AdditionalClaim {
    /// Whether the claim says what it must; `nil` if it is of another type. Whether one value suffices or all must be there is
    /// not documented. A single text can only be one of them; of a list all are wanted, as for a token's scopes.
    fileprivate func holds(_ claim: JSONValue) -> Bool? {
        switch self.format {
        case .singleString:
            return claim.text.map(self.values.contains)
        case .stringArray:
            guard let elements = claim.elements else { return nil }
            let texts = elements.compactMap(\.text)
            return texts.count == elements.count ? Set(texts).isSuperset(of: self.values) : nil
        case .spaceSeparatedValues:
            guard let text = claim.text else { return nil }
            return Set(text.split(separator: " ").map(String.init)).isSuperset(of: self.values)
        }
    }
}

/// The public keys of an issuer (RFC 7517).
package struct KeySet: Sendable {
    /// One key of a set.
    enum Key: Hashable, Sendable {
        case rsa(RSAPublicKey)
        /// Of another type or size; tokens signed with it are refused (ALB-JWT-009).
        case unusable
    }

    private var keys: [(id: String?, key: Key)] = []

    /// ALB-JWT-012.
    package static let largestBody = 150 * 1024
    package static let mostKeys = 10
    /// Bits of an RSA key that may sign (ALB-JWT-004).
    static let keySize = 2048

    /// What came of asking for keys.
    package enum Reading: Sendable {
        case keys(KeySet)
        case refuse(OwnAnswer)
    }

    /// Reads an endpoint's answer: 500 for one that is missing or too large, 562 for one that is wrong (ALB-JWT-011 to -013).
    static func read(_ answer: ProviderAnswer, quirks: AuthenticationQuirks) -> Reading {
        switch answer {
        case .failed, .timedOut: return .refuse(Self.own(500, .jwksRequestTimeout, quirks))
        case .tooLarge: return .refuse(Self.own(500, .jwksResponseSizeExceeded, quirks))
        case .response(200..<300, let body):
            guard let keys = (try? JSONValue(body.span))?["keys"]?.elements else {
                return .refuse(Self.own(562, .jwksResponseInvalid, quirks))
            }
            guard keys.count <= Self.mostKeys else { return .refuse(Self.own(500, .jwksResponseSizeExceeded, quirks)) }
            guard let set = KeySet(keys) else { return .refuse(Self.own(562, .jwksResponseInvalid, quirks)) }
            return .keys(set)
        case .response: return .refuse(Self.own(562, .jwksRequestFailed, quirks))
        }
    }

    private static func own(_ status: Int, _ reason: ErrorReason, _ quirks: AuthenticationQuirks) -> OwnAnswer {
        if status == 562, quirks.contains(.keySetFailureAs500) { return OwnAnswer(status: 500, reason: reason) }
        if status == 500, quirks.contains(.failuresAs502) { return OwnAnswer(status: 502, reason: reason) }
        return OwnAnswer(status: status, reason: reason)
    }

    /// AWS says both that an unusable key makes the set invalid (562) and that a token signed with one is refused (401). Both
    /// hold here: a set must have one usable key, and every key its attributes.
    private init?(_ values: [JSONValue]) {
        var hasUsableKey = false
        for value in values {
            guard let type = value["kty"]?.text else { return nil }
            let key: Key
            if type == "RSA" {
                guard let modulus = Self.bytes(value["n"]), let exponent = Self.bytes(value["e"]) else { return nil }
                let rsa = RSAPublicKey(modulus: modulus, exponent: exponent)
                let isForSigning = value["use"]?.text ?? "sig" == "sig" && value["alg"]?.text ?? "RS256" == "RS256"
                key = rsa.size == Self.keySize && isForSigning ? .rsa(rsa) : .unusable
            } else {
                key = .unusable
            }
            if key != .unusable { hasUsableKey = true }
            self.keys.append((value["kid"]?.text, key))
        }
        guard hasUsableKey else { return nil }
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        guard let text = value?.text else { return nil }
        let bytes = Array(text.utf8)
        guard let decoded = Base64URL.decode(bytes.span), !decoded.isEmpty else { return nil }
        return decoded
    }

    /// Whether a token that names this key can be judged.
    package func hasKey(_ id: String?) -> Bool { self.key(id) != nil }

    /// The key of that id. A token without an id may only mean the one key there is.
    func key(_ id: String?) -> Key? {
        guard let id else { return self.keys.count == 1 ? self.keys[0].key : nil }
        return self.keys.first { $0.id == id }?.key
    }
}
