/// The cryptography that authentication needs, done elsewhere: decisions stay values, and tests put a transparent one here.
package protocol AuthenticationCryptography: Sendable {
    /// Encrypts so that nobody else can read it, or change it unnoticed.
    ///
    /// - Parameter purpose: what it is for; `open` succeeds for the same purpose only.
    func seal(_ text: [UInt8], for purpose: [UInt8]) -> [UInt8]

    /// What was sealed; `nil` for anything else.
    func open(_ sealed: [UInt8], for purpose: [UInt8]) -> [UInt8]?

    /// Bytes that nobody can guess.
    func randomBytes(_ count: Int) -> [UInt8]

    /// Names the key that `signES256` signs with (ALB-AUTH-016).
    var keyID: String { get }

    /// An ECDSA signature with P-256 and SHA-256, 64 bytes (RFC 7518, section 3.4).
    func signES256(_ message: [UInt8]) -> [UInt8]

    /// Whether an RSASSA-PKCS1-v1_5 signature with SHA-256 is good (RFC 7518, section 3.3).
    func verifiesRS256(_ signature: [UInt8], of message: [UInt8], by key: RSAPublicKey) -> Bool
}

/// An RSA key as a key set has it: two numbers, big-endian.
package struct RSAPublicKey: Hashable, Sendable {
    package let modulus: [UInt8]
    package let exponent: [UInt8]

    /// - Parameter modulus: leading zeros do not count.
    package init(modulus: [UInt8], exponent: [UInt8]) {
        self.modulus = Array(modulus.drop { $0 == 0 })
        self.exponent = Array(exponent.drop { $0 == 0 })
    }

    /// The modulus's length in bits.
    package var size: Int {
        guard let first = self.modulus.first else { return 0 }
        return self.modulus.count * 8 - first.leadingZeroBitCount
    }
}

/// What authentication knows of the moment and the place.
package struct AuthenticationContext: Sendable {
    /// Microseconds since 1970.
    package var time: Int64
    /// How many of them make a second of the configuration; a million at scale 1.
    package var secondLength: Int64
    package var cryptography: any AuthenticationCryptography
    /// The load balancer's ARN, which signs what targets are told of the user (ALB-AUTH-014).
    package var signer: String

    package init(
        time: Int64,
        secondLength: Int64,
        cryptography: any AuthenticationCryptography,
        signer: String
    ) {
        self.time = time
        self.secondLength = secondLength
        self.cryptography = cryptography
        self.signer = signer
    }

    /// A moment so many seconds of the configuration later.
    func later(seconds: Int) -> Int64 {
        let (length, overflow) = self.secondLength.multipliedReportingOverflow(by: Int64(clamping: seconds))
        return overflow ? .max : self.time.addingReportingOverflow(length).overflow ? .max : self.time + length
    }
}
