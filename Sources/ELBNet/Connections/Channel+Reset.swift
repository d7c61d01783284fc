package import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension Channel {
    /// Closes with a reset in place of a farewell, and throws away what has not been sent. On the channel's event loop.
    package func reset() {
        // With SO_LINGER on and a time of 0 a close is a reset. `linger` is two C integers on every system; its members cannot be
        // named here, because the compiler attributes them to a private module of NIO.
        if let provider = self as? any SocketOptionProvider {
            _ = provider.setSoLinger(unsafeBitCast(SIMD2<CInt>(1, 0), to: linger.self))
        }
        self.close(promise: nil)
    }
}
