/// A connection that carries any bytes: TCP, or TLS over it. Calls block and obey a deadline.
package protocol ByteStream: AnyObject {
    /// Everything received so far.
    var received: [UInt8] { get }
    /// Why nothing more will come, once that is known.
    var end: RawConnection.End? { get }

    /// Sends all bytes; false when the other side is gone or the limit is reached.
    @discardableResult
    func send(_ bytes: [UInt8], within limit: Duration) -> Bool

    /// Receives until `isEnough` holds for everything received so far, the other side ends, or the limit is reached.
    @discardableResult
    func receive(within limit: Duration, until isEnough: ([UInt8]) -> Bool) -> RawConnection.Wait
}

extension RawConnection: ByteStream {}

/// Whether and how a raw client does TLS; the name is the one asked for (SNI), or none.
package enum TLSChoice: Sendable {
    case none
    /// ALPN offers `http/1.1` only.
    case http11(name: String? = nil)
    /// ALPN offers `h2` too.
    case http2(name: String? = nil)
}
