import Glibc

/// What the system says against something that was asked of a socket.
package struct SocketFailure: Error, Hashable, CustomStringConvertible {
    /// As in `errno`.
    package var code: CInt

    package init(code: CInt) {
        self.code = code
    }

    package var description: String { String(cString: strerror(self.code)) }

    /// Takes the error out of a result of `CSockets`.
    static func check(_ result: CInt) throws(Self) -> CInt {
        guard result >= 0 else { throw Self(code: -result) }
        return result
    }

    /// Takes the error out of the result of a call of the C library.
    static func checkCall(_ result: CInt) throws(Self) -> CInt {
        guard result >= 0 else { throw Self(code: errno) }
        return result
    }
}
