import Crypto
import ELBCore
package import ELBModel

/// What the keys of a load balancer's cookies are derived from. The same seed and name give the same keys, so all nodes of
/// a load balancer, and a load balancer that is started again with its seed, open each other's cookies.
package struct CookieSecret: Sendable {
    fileprivate let material: SymmetricKey

    package init(seed: UInt64, name: LoadBalancerName) {
        self.init(secret: withUnsafeBytes(of: seed.bigEndian) { Array($0) }, name: name)
    }

    /// - Parameter secret: any bytes that nobody knows.
    package init(secret: [UInt8], name: LoadBalancerName) {
        self.material = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret),
            salt: Array("elblab stickiness".utf8),
            info: Array(name.rawValue.utf8),
            outputByteCount: 32
        )
    }

    fileprivate func seal(number: UInt32) -> Seal {
        let number = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        return Seal(HKDF<SHA256>.deriveKey(inputKeyMaterial: self.material, info: number, outputByteCount: 32))
    }
}

/// Seals cookies. The key changes every AWS day; a cookie counts for a week at most, so the keys of
/// the last seven days are accepted, and no others.
///
///     byte 0 to 3   number of the key: the day
///     4 ...         what `Seal` makes of the content; it vouches for the number too
///
/// Belongs to one event loop.
package final class CookieSealer: CookieSealing {
    private let secret: CookieSecret
    /// Microseconds.
    private let period: Int64
    /// The quirk `sticky.forged-accepted`: content is neither encrypted nor authenticated.
    private let isHonest: Bool
    private var seals: [UInt32: Seal] = [:]

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
        return prefix + self.seal(number).close(clear, vouchingFor: prefix)
    }

    package func open(_ sealed: [UInt8], at now: Int64) -> [UInt8]? {
        guard self.isHonest else { return sealed.count > 16 ? Array(sealed.dropLast(16)) : nil }
        guard sealed.count > 4 else { return nil }
        let prefix = Array(sealed.prefix(4))
        let number = prefix.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let age = Int64(self.day(at: now)) - Int64(number)
        // One day ahead is a neighbour's clock.
        guard (-1...Self.acceptedDays).contains(age) else { return nil }
        return self.seal(number).open(Array(sealed.dropFirst(4)), vouchingFor: prefix)
    }

    private func day(at now: Int64) -> UInt32 {
        UInt32(truncatingIfNeeded: max(0, now) / self.period)
    }

    private func seal(_ number: UInt32) -> Seal {
        if let seal = self.seals[number] { return seal }
        if self.seals.count > Int(Self.acceptedDays) + 2 { self.seals.removeAll() }
        let seal = self.secret.seal(number: number)
        self.seals[number] = seal
        return seal
    }

    private static func bytes(of number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
