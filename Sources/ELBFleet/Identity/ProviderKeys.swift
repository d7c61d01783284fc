import Crypto
import CryptoExtras
import FoundationEssentials

/// What identity providers of this process sign with. One key for all of them, because an RSA key takes a while to make.
struct ProviderKeys: Sendable {
    /// Names the key that signs.
    static let keyID = "lab-1"
    /// Names a key of 4,096 bits that is in every key set on demand and signs nothing.
    static let largeKeyID = "lab-4096"

    static let shared = ProviderKeys()

    private let key: _RSA.Signing.PrivateKey
    /// Modulus and exponent of the public half, big-endian.
    let modulus: [UInt8]
    let exponent: [UInt8]

    private init() {
        // Making a key of this size, and asking it for its numbers, fails on no machine that has memory.
        guard let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048),
            let numbers = try? key.publicKey.getKeyPrimitives()
        else { preconditionFailure("no RSA key can be made") }
        self.key = key
        self.modulus = Array(numbers.modulus)
        self.exponent = Array(numbers.publicExponent)
    }

    /// An RS256 signature.
    func sign(_ message: [UInt8]) -> [UInt8] {
        guard let signature = try? self.key.signature(for: message, padding: .insecurePKCS1v1_5) else { return [] }
        return Array(signature.rawRepresentation)
    }

    /// A token with these two texts, JSON as they stand.
    ///
    /// - Parameter isSigned: `false` leaves the signature empty.
    func token(header: String, claims: String, isSigned: Bool = true) -> String {
        let message = "\(Self.encoded(Array(header.utf8))).\(Self.encoded(Array(claims.utf8)))"
        return "\(message).\(isSigned ? Self.encoded(self.sign(Array(message.utf8))) : "")"
    }

    /// base64url without padding (RFC 7515, section 2).
    static func encoded(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// What `encoded` encoded; `nil` for anything else.
    static func decoded(_ text: some StringProtocol) -> [UInt8]? {
        var standard = String(text).replacing("-", with: "+").replacing("_", with: "/")
        while standard.utf8.count % 4 != 0 { standard += "=" }
        return Data(base64Encoded: standard).map { Array($0) }
    }
}
