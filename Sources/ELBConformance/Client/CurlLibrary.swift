internal import CCurl

/// The libcurl that the program runs with, which may be another than it was built with.
package enum CurlLibrary {
    /// Such as `7.88.1`.
    package static var version: String {
        String(cString: curl_version_info(CURLVERSION_FIRST).pointee.version)
    }

    /// What this libcurl was built to do, as far as load balancing cares.
    package static var features: [Feature] {
        let bits = curl_version_info(CURLVERSION_FIRST).pointee.features
        return Feature.allCases.filter { bits & $0.bit != 0 }
    }

    package enum Feature: String, Sendable, CaseIterable {
        case ipv6 = "IPv6"
        case tls = "TLS"
        case http2 = "HTTP/2"
        case http3 = "HTTP/3"

        fileprivate var bit: Int32 {
            switch self {
            case .ipv6: CURL_VERSION_IPV6
            case .tls: CURL_VERSION_SSL
            case .http2: CURL_VERSION_HTTP2
            case .http3: CURL_VERSION_HTTP3
            }
        }
    }
}
