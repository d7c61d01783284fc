import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension SocketOptionProvider {
    /// Makes the next close send RST instead of FIN: with SO_LINGER on and a time of 0 the kernel throws away what is unsent.
    func resetWhenClosed() {
        // `linger` is two C integers, "on" and the seconds, on every system. Its members cannot be named here: the compiler
        // attributes them to a private module of NIO.
        _ = self.setSoLinger(unsafeBitCast(SIMD2<CInt>(1, 0), to: linger.self))
    }
}
