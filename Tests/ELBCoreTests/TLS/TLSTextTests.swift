import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `What is told of TLS` {
    private static let arn = CertificateARN(rawValue: "arn:aws:acm:ap-northeast-2:123456789012:certificate/1")
    private static let client = ClientCertificate(
        serialNumber: "FEF257372D5C14D4",
        issuer: "CN=authority",
        subject: "CN=a\r\nX-Forged: 1,O=elblab",
        notBefore: 1_695_336_201,
        notAfter: 1_781_736_201,
        leafPEM: "-----BEGIN CERTIFICATE-----\nab+/=\n-----END CERTIFICATE-----\n",
        chainPEM: "-----BEGIN CERTIFICATE-----\nab+/=\n-----END CERTIFICATE-----\nmore"
    )

    private static func session(_ change: (inout TLSSession) -> Void = { _ in }) -> TLSSession {
        var session = TLSSession(
            version: .v12,
            cipherSuite: TLSCipherSuite(rawValue: 0xc02f),
            keyExchange: .x25519,
            serverName: "shop.example.com",
            certificate: Self.arn,
            isDefaultCertificate: false
        )
        change(&session)
        return session
    }

    private static func lines(
        _ mode: MutualAuthentication.Mode,
        _ session: TLSSession,
        tells: Bool = false,
        names: [ListenerAttributes.RequestHeader: String] = [:]
    ) -> [String] {
        var attributes = LoadBalancerAttributes()
        attributes.tlsVersionAndCipherSuiteEnabled = tells
        var listener = Listener(port: 443, protocol: .https, defaultActions: [])
        listener.attributes.requestHeaderNames = names
        listener.tls = ListenerTLS(
            defaultCertificate: Certificate(arn: Self.arn, source: .issued(names: ["a.b"], keyAlgorithm: .rsa2048)),
            mutualAuthentication: MutualAuthentication(mode: mode)
        )
        let headers = TLSRequestHeaders(listener, of: attributes, quirks: [])
        return String(decoding: headers.lines(for: session), as: UTF8.self).split(separator: "\r\n").map(String.init)
    }

    @Test(.covers("ALB-HDR-038", "ALB-HMOD-009")) func `version and suite, by the name that the listener gives them`() {
        #expect(Self.lines(.off, Self.session()) == [])
        #expect(
            Self.lines(.off, Self.session(), tells: true)
                == ["X-Amzn-Tls-Version: TLSv1.2", "X-Amzn-Tls-Cipher-Suite: ECDHE-RSA-AES128-GCM-SHA256"]
        )
        #expect(
            Self.lines(.off, Self.session(), tells: true, names: [.tlsVersion: "X-V"]).first == "X-V: TLSv1.2"
        )
    }

    @Test(.covers("ALB-TLS-016", "ALB-TLS-018")) func `the whole chain is passed on, URL-encoded`() {
        let session = Self.session { $0.clientCertificate = Self.client }
        #expect(
            Self.lines(.passthrough, session) == [
                "X-Amzn-Mtls-Clientcert: -----BEGIN%20CERTIFICATE-----%0Aab+/=%0A-----END%20CERTIFICATE-----%0Amore"
            ]
        )
        #expect(Self.lines(.passthrough, Self.session()) == [])
    }

    @Test(.covers("ALB-TLS-020")) func `a verified certificate is told in five headers that cannot be broken out of`() {
        let session = Self.session { $0.clientCertificate = Self.client }
        #expect(
            Self.lines(.verify, session) == [
                "X-Amzn-Mtls-Clientcert-Serial-Number: FEF257372D5C14D4",
                "X-Amzn-Mtls-Clientcert-Issuer: CN=authority",
                "X-Amzn-Mtls-Clientcert-Subject: CN=a??X-Forged: 1,O=elblab",
                "X-Amzn-Mtls-Clientcert-Validity: NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z",
                "X-Amzn-Mtls-Clientcert-Leaf: -----BEGIN%20CERTIFICATE-----%0Aab+/=%0A-----END%20CERTIFICATE-----%0A",
            ]
        )
    }

    @Test(.covers("ALB-LOG-023", "ALB-LOG-024"))
    func `the access log names the SNI and the certificate, unless resumed`() {
        let text = Self.session().accessLogText
        #expect(String(decoding: text.domainName, as: UTF8.self) == "shop.example.com")
        #expect(String(decoding: text.certificate, as: UTF8.self) == Self.arn.rawValue)
        let byDefault = Self.session { $0.isDefaultCertificate = true }.accessLogText
        #expect(byDefault.domainName.isEmpty)
        let resumed = Self.session { $0.isResumed = true }.accessLogText
        #expect(String(decoding: resumed.certificate, as: UTF8.self) == "session-reused")
    }

    private static func line(_ tls: ConnectionLogRecord.TLS?) -> String {
        let record = ConnectionLogRecord(
            timestamp: 1_696_439_115_514_108,
            client: .v4(IPv4Address(203, 0, 113, 1)),
            clientPort: 36280,
            listenerPort: 443,
            tls: tls,
            traceID: Array("TID_3180".utf8),
            loadBalancer: Array("app/my-alb/1".utf8),
            node: Array("127.50.1.4".utf8)
        )
        var output = ByteOutput()
        var clock = WallClockText()
        record.append(to: &output, clock: &clock)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    @Test(.covers("ALB-CLOG-003", "ALB-CLOG-004", "ALB-CLOG-006", "ALB-CLOG-007", "ALB-CLOG-009"))
    func `the connection log has 15 fields`() {
        var client = Self.client
        client.subject = "CN=amazondomains.com,O=endEntity,L=Seattle,ST=Washington,C=US"
        let line = Self.line(
            ConnectionLogRecord.TLS(
                version: .v12,
                cipherSuite: TLSCipherSuite(rawValue: 0xc02f),
                keyExchange: .x25519MLKEM768,
                handshakeLatency: 4_036_400_000,
                clientCertificate: client,
                verification: .success
            )
        )
        #expect(
            line == "2023-10-04T17:05:15.514108Z 203.0.113.1 36280 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 "
                + #""CN=amazondomains.com,O=endEntity,L=Seattle,ST=Washington,C=US" "#
                + "NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z FEF257372D5C14D4 Success TID_3180 "
                + "X25519MLKEM768 app/my-alb/1 127.50.1.4\n"
        )
    }

    @Test(.covers("ALB-CLOG-005")) func `what is not known is a dash`() {
        #expect(
            Self.line(nil) == "2023-10-04T17:05:15.514108Z 203.0.113.1 36280 443 - - - \"-\" - - - TID_3180 - "
                + "app/my-alb/1 127.50.1.4\n"
        )
    }

    @Test(.covers("ALB-CLOG-008"), arguments: ClientCertificateFailure.allCases)
    func `a refusal gives AWS's code`(failure: ClientCertificateFailure) {
        let line = Self.line(ConnectionLogRecord.TLS(version: .v13, verification: .failed(failure)))
        #expect(line.contains(#" TLSv1.3 - - "-" - - Failed:\#(failure.rawValue) TID_3180 - "#))
    }
}
