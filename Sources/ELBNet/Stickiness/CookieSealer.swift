import Crypto
import ELBCore
package import ELBModel

/// What the keys of a load balancer's cookies are derived from. The same seed and name give the same keys, so all nodes of
/// a load balancer, and a load balancer that is started again with its seed, open each other's cookies.
package struct CookieSecret: Sendable {
    fileprivate let material: SymmetricKey

    package init(seed: UInt64, name: LoadBalancerName) {
        let seed = withUnsafeBytes(of: seed.bigEndian) { Array($0) }
        self.material = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: seed),
            salt: Array("elblab stickiness".utf8),
            info: Array(name.rawValue.utf8),
            outputByteCount: 32
        )
    }

    fileprivate func key(number: UInt32) -> SymmetricKey {
        let number = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        return HKDF<SHA256>.deriveKey(inputKeyMaterial: self.material, info: number, outputByteCount: 32)
    }
}

/// Seals cookies with ChaCha20-Poly1305. The key changes every AWS day; a cookie counts for a week at most, so the keys of
/// the last seven days are accepted, and no others.
///
///     byte 0 to 3   number of the key: the day
///     4 to 15       nonce
///     16 ...        ciphertext
///     last 16       tag, which covers the key's number too
///
/// Belongs to one event loop.
package final class CookieSealer: CookieSealing {
    private let secret: CookieSecret
    /// Microseconds.
    private let period: Int64
    /// The quirk `sticky.forged-accepted`: content is neither encrypted nor authenticated.
    private let isHonest: Bool
    private var keys: [UInt32: SymmetricKey] = [:]

    private static let acceptedDays: Int64 = 7

    /// - Parameter secondLength: how long an AWS second lasts, in nanoseconds.
    package init(_ secret: CookieSecret, secondLength: UInt64, isHonest: Bool = true) {
        self.secret = secret
        self.period = max(1, Int64(clamping: secondLength.multipliedReportingOverflow(by: 86_400).partialValue / 1000))
        self.isHonest = isHonest
    }

    package func seal(_ clear: [UInt8], at now: Int64) -> [UInt8] {
        guard self.isHonest else { return clear + Array(repeating: 0, count: 16) }
        let number = self.day(at: now)
        let prefix = Self.bytes(of: number)
        // Sealing fails only for keys of a wrong size, and ours have 32 bytes.
        guard
            let box = try? ChaChaPoly.seal(clear, using: self.key(number), authenticating: prefix)
        else { return [] }
        return prefix + Array(box.combined)
    }

    package func open(_ sealed: [UInt8], at now: Int64) -> [UInt8]? {
        guard self.isHonest else { return sealed.count > 16 ? Array(sealed.dropLast(16)) : nil }
        guard sealed.count > 4 + 12 + 16 else { return nil }
        let prefix = Array(sealed.prefix(4))
        let number = prefix.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let age = Int64(self.day(at: now)) - Int64(number)
        // One day ahead is a neighbour's clock.
        guard (-1...Self.acceptedDays).contains(age),
            let box = try? ChaChaPoly.SealedBox(combined: sealed.dropFirst(4)),
            let clear = try? ChaChaPoly.open(box, using: self.key(number), authenticating: prefix)
        else { return nil }
        return Array(clear)
    }

    private func day(at now: Int64) -> UInt32 {
        UInt32(truncatingIfNeeded: max(0, now) / self.period)
    }

    private func key(_ number: UInt32) -> SymmetricKey {
        if let key = self.keys[number] { return key }
        if self.keys.count > Int(Self.acceptedDays) + 2 { self.keys.removeAll() }
        let key = self.secret.key(number: number)
        self.keys[number] = key
        return key
    }

    private static func bytes(of number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
