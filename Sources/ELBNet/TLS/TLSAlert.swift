import NIOSSL

/// The alert with which the other side of a connection broke it off (RFC 8446, section 6).
package enum TLSAlert {
    /// The number of the alert that the error tells of; `nil` if it tells of something else.
    ///
    /// NIO keeps the library's error codes to itself and shows them in words only: `Error: 268436504 error:10000418:…`. A code holds the
    /// part of the library in its upper byte and the reason in its lower twelve bits, and an alert that was received is reason 1000
    /// and more.
    package static func received(in error: any Error) -> UInt8? {
        let stack: NIOBoringSSLErrorStack
        switch error {
        case NIOSSLError.handshakeFailed(.sslError(let errors)), BoringSSLError.sslError(let errors): stack = errors
        default: return nil
        }
        for entry in stack {
            let words = entry.description.split(separator: " ")
            guard words.count > 1, let code = UInt32(words[1]), code >> 24 == Self.library else { continue }
            let reason = Int(code & 0xFFF)
            if reason >= Self.firstReason, let alert = UInt8(exactly: reason - Self.firstReason) { return alert }
        }
        return nil
    }

    /// The alert that came in clear, if these bytes, from the beginning of a record on, hold one.
    ///
    /// Before a client of TLS 1.3 has sent anything of its own it has no keys for it; OpenSSL's then says goodbye in clear, and the
    /// library can make nothing of that. An alert that is encrypted is longer than its two bytes.
    package static func inClear(_ bytes: Span<UInt8>) -> UInt8? {
        var start = 0
        while bytes.count - start >= Self.recordHeader {
            let length = Int(bytes[start + 3]) << 8 | Int(bytes[start + 4])
            let end = start + Self.recordHeader + length
            guard end <= bytes.count else { return nil }
            if bytes[start] == Self.alertRecord, length == 2 { return bytes[end - 1] }
            start = end
        }
        return nil
    }

    private static let recordHeader = 5
    private static let alertRecord: UInt8 = 21

    /// `ERR_LIB_SSL`.
    private static let library: UInt32 = 16
    /// `SSL_AD_REASON_OFFSET`.
    private static let firstReason = 1000
}
