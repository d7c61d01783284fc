/// What a fake backend speaks on its ports, in clear text or inside TLS.
package enum BackendProtocol: String, Hashable, Codable, Sendable, CaseIterable {
    /// HTTP/1.
    case http
    /// HTTP/2 and nothing else: with prior knowledge in clear text, by ALPN inside TLS.
    case h2
    /// gRPC over HTTP/2.
    case grpc
    /// HTTP/1 that accepts WebSocket handshakes and echoes what it gets.
    case ws
    /// HTTP/1 with the endpoints of an identity provider that speaks OpenID Connect.
    case oidc
    /// No protocol at all: says who it is, then echoes what it gets, and understands a header of PROXY protocol before it.
    case tcp
    /// The same for datagrams, each answered with who it is and an echo; connections are echoed too.
    case udp
}

/// How a fake backend does TLS. Load balancers do not verify a target's certificate, so the flawed ones must work too.
package struct BackendTLS: Hashable, Codable, Sendable {
    /// What is wrong with the certificate, beside that nobody but the backend itself has signed it.
    package enum Certificate: String, Hashable, Codable, Sendable, CaseIterable {
        case selfSigned = "self-signed"
        /// Ended the day before the backend started.
        case expired
        /// Made out to `wrong.example`.
        case wrongName = "wrong-name"
    }

    package enum Version: String, Hashable, Codable, Sendable, CaseIterable, Comparable {
        case v1_0 = "1.0"
        case v1_1 = "1.1"
        case v1_2 = "1.2"
        case v1_3 = "1.3"

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// What can be wrong before a handshake is over.
    package enum Flaw: String, Hashable, Codable, Sendable, CaseIterable {
        /// Speaks its protocol in clear text where TLS is expected.
        case plainText = "plain-text"
        /// Reads the client's greeting and never answers it.
        case silent
    }

    package var certificate: Certificate = .selfSigned
    package var minimumVersion: Version = .v1_2
    package var maximumVersion: Version = .v1_3
    package var flaw: Flaw?

    package init() {}

    /// Why no backend can do that, in words; `nil` if one can.
    package var problem: String? {
        self.minimumVersion <= self.maximumVersion
            ? nil : "TLS \(self.minimumVersion.rawValue) is above TLS \(self.maximumVersion.rawValue)"
    }
}

extension BackendBehaviour {
    /// What `speak(_:)` takes, as the command line and templates write it.
    package static let protocolNames = BackendProtocol.allCases.map(\.rawValue) + ["https"]

    /// Sets what the backend speaks by name; `https` is HTTP/1 inside TLS of the usual kind.
    /// - Returns: whether there is such a name.
    package mutating func speak(_ name: String) -> Bool {
        if name == "https" {
            self.speaks = .http
            self.tls = self.tls ?? BackendTLS()
            return true
        }
        guard let named = BackendProtocol(rawValue: name) else { return false }
        self.speaks = named
        return true
    }
}
