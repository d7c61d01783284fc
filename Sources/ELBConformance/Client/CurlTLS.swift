internal import CCurl

/// How libcurl shall speak TLS. What is not said here is left to libcurl.
package struct CurlTLS: Hashable, Sendable {
    /// PEM: which authorities are trusted, in place of the machine's.
    package var authorities: String?
    /// PEM: the client's own certificate, and those that it sends beside it.
    package var certificate: String?
    /// PEM.
    package var privateKey: String?
    package var minimumVersion: Version?
    package var maximumVersion: Version?
    /// OpenSSL's names up to TLS 1.2, the preferred first, joined by colons.
    package var cipherSuites: String?
    /// The names of TLS 1.3.
    package var cipherSuites13: String?
    package var offersALPN = true

    package init(authorities: String? = nil) {
        self.authorities = authorities
    }

    package enum Version: Int, Hashable, Sendable, CaseIterable {
        case v10
        case v11
        case v12
        case v13
    }
}

/// A certificate that a server showed.
package struct ShownCertificate: Hashable, Sendable {
    /// libcurl's names: `Subject`, `Serial Number`, `Public Key Algorithm`, …
    package var fields: [String: String]

    package var subject: String { self.fields["Subject"] ?? "" }
    /// In hexadecimal, upper case, without separators or leading zeros.
    package var serialNumber: String {
        let digits = (self.fields["Serial Number"] ?? "").filter(\.isHexDigit).uppercased()
        return String(digits.drop { $0 == "0" })
    }
}

extension CurlTLS {
    func apply(to handle: UnsafeMutableRawPointer) {
        elb_curl_set_long(handle, CURLOPT_CERTINFO, 1)
        if let authorities { Self.set(authorities, as: CURLOPT_CAINFO_BLOB, handle) }
        if let certificate { Self.set(certificate, as: CURLOPT_SSLCERT_BLOB, handle) }
        if let privateKey { Self.set(privateKey, as: CURLOPT_SSLKEY_BLOB, handle) }
        let versions = (self.minimumVersion?.minimum ?? 0) | (self.maximumVersion?.maximum ?? 0)
        if versions != 0 { elb_curl_set_long(handle, CURLOPT_SSLVERSION, versions) }
        // OpenSSL's builds refuse what is old unless they are told that security does not matter.
        let isOld = (self.maximumVersion?.rawValue ?? 3) < 2
        if let suites = self.cipherSuites ?? (isOld ? "DEFAULT" : nil) {
            elb_curl_set_string(handle, CURLOPT_SSL_CIPHER_LIST, isOld ? "\(suites):@SECLEVEL=0" : suites)
        }
        if let suites = self.cipherSuites13 { elb_curl_set_string(handle, CURLOPT_TLS13_CIPHERS, suites) }
        if !self.offersALPN { elb_curl_set_long(handle, CURLOPT_SSL_ENABLE_ALPN, 0) }
    }

    private static func set(_ pem: String, as option: CURLoption, _ handle: UnsafeMutableRawPointer) {
        let bytes = Array(pem.utf8)
        bytes.withUnsafeBytes { _ = elb_curl_set_blob(handle, option, $0.baseAddress, $0.count) }
    }

    /// What the server of the last transfer showed, its own certificate first.
    static func shownCertificates(_ handle: UnsafeMutableRawPointer) -> [ShownCertificate] {
        var info: UnsafeMutablePointer<curl_certinfo>?
        guard elb_curl_get_certificates(handle, &info) == CURLE_OK, let info = info?.pointee, let lists = info.certinfo
        else { return [] }
        return (0..<Int(info.num_of_certs)).map { index in
            var fields: [String: String] = [:]
            var entry = lists[index]
            while let current = entry {
                if let data = current.pointee.data {
                    let parts = String(cString: data).split(separator: ":", maxSplits: 1)
                    if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
                }
                entry = current.pointee.next
            }
            return ShownCertificate(fields: fields)
        }
    }
}

extension CurlTLS.Version {
    fileprivate var minimum: Int {
        switch self {
        case .v10: Int(CURL_SSLVERSION_TLSv1_0)
        case .v11: Int(CURL_SSLVERSION_TLSv1_1)
        case .v12: Int(CURL_SSLVERSION_TLSv1_2)
        case .v13: Int(CURL_SSLVERSION_TLSv1_3)
        }
    }

    fileprivate var maximum: Int {
        switch self {
        case .v10: Int(CURL_SSLVERSION_MAX_TLSv1_0)
        case .v11: Int(CURL_SSLVERSION_MAX_TLSv1_1)
        case .v12: Int(CURL_SSLVERSION_MAX_TLSv1_2)
        case .v13: Int(CURL_SSLVERSION_MAX_TLSv1_3)
        }
    }
}
