import ELBWire

/// A JSON Web Token as it is written (RFC 7515, section 3.1): three segments, of which nothing is true before the signature is.
struct SignedToken: Sendable {
    var header: JSONValue
    var claims: JSONValue
    var signature: [UInt8]
    /// What is signed: the first two segments with their point.
    var signedBytes: [UInt8]

    /// `nil` for anything but three segments of unpadded Base64 with objects in the first two.
    init?(_ text: [UInt8]) {
        let segments = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard segments.count == 3 else { return nil }
        guard let header = Self.object(Array(segments[0])), let claims = Self.object(Array(segments[1])) else {
            return nil
        }
        let signature = Array(segments[2])
        guard let decoded = Base64URL.decode(signature.span) else { return nil }
        self.header = header
        self.claims = claims
        self.signature = decoded
        self.signedBytes = Array(text.prefix(segments[0].count + 1 + segments[1].count))
    }

    private static func object(_ segment: [UInt8]) -> JSONValue? {
        guard let bytes = Base64URL.decode(segment.span), let value = try? JSONValue(bytes.span),
            case .object = value
        else { return nil }
        return value
    }
}
