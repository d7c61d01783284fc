import NIOSSL

/// The alert by which the other side of a TLS connection broke off.
///
/// The library has no name for it but an error's number: that of an alert which has come is the alert's with a thousand added
/// (`SSL_AD_REASON_OFFSET`), among the reasons of the library's part for TLS. The number stands in the error's description only.
enum ReceivedAlert {
    private static let tlsLibrary: UInt32 = 16
    private static let offset: UInt32 = 1000

    /// - Returns: the alert's number (RFC 8446, section 6), or `nil` if the error has another cause.
    static func number(in error: any Error) -> UInt8? {
        switch error {
        case NIOSSLError.handshakeFailed(let cause), NIOSSLError.shutdownFailed(let cause): Self.number(in: cause)
        case let cause as BoringSSLError: Self.number(in: cause)
        default: nil
        }
    }

    private static func number(in error: BoringSSLError) -> UInt8? {
        switch error {
        case .sslError(let stack), .unknownError(let stack):
            stack.lazy.compactMap { Self.number(in: $0.description) }.first
        case .noError, .zeroReturn, .wantRead, .wantWrite, .wantConnect, .wantAccept, .wantX509Lookup,
            .wantCertificateVerify, .syscallError, .invalidSNIName, .failedToSetALPN:
            nil
        }
    }

    /// `Error: 268436502 error:10000416:SSL routines:…`: the library's part in the highest eight bits, the reason in the lowest twelve.
    static func number(in description: String) -> UInt8? {
        let words = description.split(separator: " ")
        guard words.count > 1, words[0] == "Error:", let code = UInt32(words[1]), code >> 24 == Self.tlsLibrary,
            code & 0xFFF >= Self.offset
        else { return nil }
        return UInt8(exactly: code & 0xFFF - Self.offset)
    }
}
