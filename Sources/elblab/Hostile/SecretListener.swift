import CSockets
import Dispatch
import Glibc

/// Listens on loopback, and tells the secret to whoever comes. It stands for everything on a machine that is none of a submission's
/// business.
final class SecretListener: Sendable {
    private let listener: Int32

    /// Where submissions look.
    static let port: UInt16 = 31998

    init?(_ secret: String) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { return nil }
        self.listener = listener
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var place = elblab_ipv4(0x7F00_0001, Self.port)
        let bound = withUnsafeBytes(of: &place) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { bind(listener, $0.baseAddress, 16) }
        }
        guard bound == 0, listen(listener, 16) == 0 else {
            Glibc.close(listener)
            return nil
        }
        DispatchQueue.global().async {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                _ = secret.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
                Glibc.close(client)
            }
        }
    }

    func close() {
        shutdown(self.listener, Int32(SHUT_RDWR))
        Glibc.close(self.listener)
    }
}
