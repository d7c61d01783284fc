import Crypto
import CryptoExtras
package import ELBCore
package import ELBModel
import FoundationEssentials

/// A load balancer's secrets for authentication, made when it is created: the key that seals cookies and the one that signs
/// what targets are told of users. Without a secret to derive them from they end with the process, and so do the sessions.
package final class AuthenticationKeys: AuthenticationCryptography {
    private let seal: Seal
    private let signingKey: P256.Signing.PrivateKey
    package let keyID: String

    package init() {
        self.seal = Seal(SymmetricKey(size: .bits256))
        self.signingKey = P256.Signing.PrivateKey()
        self.keyID = Self.keyID(Array(SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }))
    }

    /// The same secret and name give the same keys: sessions outlive the process.
    package init(secret: [UInt8], name: LoadBalancerName) {
        func derive(_ purpose: String, _ count: Int) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: secret),
                salt: Array("elblab authentication".utf8),
                info: Array("\(purpose)/\(name)".utf8),
                outputByteCount: count
            )
        }
        self.seal = Seal(derive("seal", 32))
        let number = derive("signature", 32).withUnsafeBytes { Array($0) }
        // Of 2^32 numbers one is none of the curve's.
        self.signingKey = (try? P256.Signing.PrivateKey(rawRepresentation: number)) ?? P256.Signing.PrivateKey()
        self.keyID = Self.keyID(derive("id", 16).withUnsafeBytes { Array($0) })
    }

    private static func keyID(_ random: [UInt8]) -> String {
        var bytes = random
        // A version 4 UUID, as AWS's key ids are.
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }
        return text
    }

    /// The signing key's public half, as key servers give it out (ALB-AUTH-016).
    package var publicKeyPEM: String { self.signingKey.publicKey.pemRepresentation }

    package func seal(_ text: [UInt8], for purpose: [UInt8]) -> [UInt8] {
        self.seal.close(text, vouchingFor: purpose)
    }

    package func open(_ sealed: [UInt8], for purpose: [UInt8]) -> [UInt8]? {
        self.seal.open(sealed, vouchingFor: purpose)
    }

    package func randomBytes(_ count: Int) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    package func signES256(_ message: [UInt8]) -> [UInt8] {
        // Fails only if the system has no randomness left.
        guard let signature = try? self.signingKey.signature(for: message) else { return [] }
        return Array(signature.rawRepresentation)
    }

    package func verifiesRS256(_ signature: [UInt8], of message: [UInt8], by key: RSAPublicKey) -> Bool {
        guard let publicKey = try? _RSA.Signing.PublicKey(n: key.modulus, e: key.exponent) else { return false }
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        return publicKey.isValidSignature(signature, for: message, padding: .insecurePKCS1v1_5)
    }
}
