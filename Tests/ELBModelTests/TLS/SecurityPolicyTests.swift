import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Security policies` {
    /// The table as AWS prints it: versions from oldest to newest, the number of suites, the first and the last of them.
    private static let expected = """
        2016-08 TLSv1,TLSv1.1,TLSv1.2 18 ECDHE-ECDSA-AES128-GCM-SHA256 AES256-SHA
        TLS-1-1-2017-01 TLSv1.1,TLSv1.2 18 ECDHE-ECDSA-AES128-GCM-SHA256 AES256-SHA
        TLS-1-2-2017-01 TLSv1.2 12 ECDHE-ECDSA-AES128-GCM-SHA256 AES256-SHA256
        TLS-1-2-Ext-2018-06 TLSv1.2 18 ECDHE-ECDSA-AES128-GCM-SHA256 AES256-SHA
        FS-2018-06 TLSv1,TLSv1.1,TLSv1.2 12 ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-SHA
        FS-1-1-2019-08 TLSv1.1,TLSv1.2 12 ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-SHA
        FS-1-2-2019-08 TLSv1.2 12 ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-SHA
        FS-1-2-Res-2019-08 TLSv1.2 8 ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-SHA384
        FS-1-2-Res-2020-10 TLSv1.2 4 ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384
        TLS13-1-3-2021-06 TLSv1.3 3 TLS_AES_128_GCM_SHA256 TLS_CHACHA20_POLY1305_SHA256
        TLS13-1-2-2021-06 TLSv1.2,TLSv1.3 11 TLS_AES_128_GCM_SHA256 ECDHE-RSA-AES256-SHA384
        TLS13-1-2-Res-2021-06 TLSv1.2,TLSv1.3 7 TLS_AES_128_GCM_SHA256 ECDHE-RSA-AES256-GCM-SHA384
        TLS13-1-2-Ext1-2021-06 TLSv1.2,TLSv1.3 15 TLS_AES_128_GCM_SHA256 AES256-SHA256
        TLS13-1-2-Ext2-2021-06 TLSv1.2,TLSv1.3 21 TLS_AES_128_GCM_SHA256 AES256-SHA
        TLS13-1-1-2021-06 TLSv1.1,TLSv1.2,TLSv1.3 21 TLS_AES_128_GCM_SHA256 AES256-SHA
        TLS13-1-0-2021-06 TLSv1,TLSv1.1,TLSv1.2,TLSv1.3 21 TLS_AES_128_GCM_SHA256 AES256-SHA
        TLS13-1-3-PQ-2025-09 TLSv1.3 3 TLS_AES_128_GCM_SHA256 TLS_CHACHA20_POLY1305_SHA256
        TLS13-1-2-PQ-2025-09 TLSv1.2,TLSv1.3 11 TLS_AES_128_GCM_SHA256 ECDHE-RSA-AES256-SHA384
        TLS13-1-2-Res-PQ-2025-09 TLSv1.2,TLSv1.3 7 TLS_AES_128_GCM_SHA256 ECDHE-RSA-AES256-GCM-SHA384
        TLS13-1-2-Ext1-PQ-2025-09 TLSv1.2,TLSv1.3 15 TLS_AES_128_GCM_SHA256 AES256-SHA256
        TLS13-1-2-Ext2-PQ-2025-09 TLSv1.2,TLSv1.3 21 TLS_AES_128_GCM_SHA256 AES256-SHA
        TLS13-1-0-PQ-2025-09 TLSv1,TLSv1.1,TLSv1.2,TLSv1.3 21 TLS_AES_128_GCM_SHA256 AES256-SHA
        TLS13-1-3-FIPS-2023-04 TLSv1.3 2 TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384
        TLS13-1-2-FIPS-2023-04 TLSv1.2,TLSv1.3 10 TLS_AES_128_GCM_SHA256 ECDHE-RSA-AES256-SHA384
        TLS13-1-2-Res-FIPS-2023-04 TLSv1.2,TLSv1.3 6 TLS_AES_128_GCM_SHA256 ECDHE-RSA-AES256-GCM-SHA384
        TLS13-1-2-Ext0-FIPS-2023-04 TLSv1.2,TLSv1.3 14 TLS_AES_128_GCM_SHA256 ECDHE-ECDSA-AES256-SHA
        TLS13-1-2-Ext1-FIPS-2023-04 TLSv1.2,TLSv1.3 14 TLS_AES_128_GCM_SHA256 AES256-SHA256
        TLS13-1-2-Ext2-FIPS-2023-04 TLSv1.2,TLSv1.3 20 TLS_AES_128_GCM_SHA256 AES256-SHA
        TLS13-1-1-FIPS-2023-04 TLSv1.1,TLSv1.2,TLSv1.3 20 TLS_AES_128_GCM_SHA256 AES256-SHA
        TLS13-1-0-FIPS-2023-04 TLSv1,TLSv1.1,TLSv1.2,TLSv1.3 20 TLS_AES_128_GCM_SHA256 AES256-SHA
        TLS13-1-3-FIPS-PQ-2025-09 TLSv1.3 2 TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384
        TLS13-1-2-FIPS-PQ-2025-09 TLSv1.2,TLSv1.3 10 TLS_AES_128_GCM_SHA256 ECDHE-RSA-AES256-SHA384
        TLS13-1-2-Res-FIPS-PQ-2025-09 TLSv1.2,TLSv1.3 6 TLS_AES_128_GCM_SHA256 ECDHE-RSA-AES256-GCM-SHA384
        TLS13-1-2-Ext0-FIPS-PQ-2025-09 TLSv1.2,TLSv1.3 14 TLS_AES_128_GCM_SHA256 ECDHE-ECDSA-AES256-SHA
        TLS13-1-2-Ext1-FIPS-PQ-2025-09 TLSv1.2,TLSv1.3 14 TLS_AES_128_GCM_SHA256 AES256-SHA256
        TLS13-1-2-Ext2-FIPS-PQ-2025-09 TLSv1.2,TLSv1.3 20 TLS_AES_128_GCM_SHA256 AES256-SHA
        TLS13-1-0-FIPS-PQ-2025-09 TLSv1,TLSv1.1,TLSv1.2,TLSv1.3 20 TLS_AES_128_GCM_SHA256 AES256-SHA
        TLS13-1-3-RFC9151-FIPS-2023-07 TLSv1.3 1 TLS_AES_256_GCM_SHA384 TLS_AES_256_GCM_SHA384
        TLS13-1-2-RFC9151-FIPS-2023-07 TLSv1.2,TLSv1.3 3 TLS_AES_256_GCM_SHA384 ECDHE-RSA-AES256-GCM-SHA384
        TLS13-1-2-Ext0-RFC9151-FIPS-2023-07 TLSv1.2,TLSv1.3 4 TLS_AES_256_GCM_SHA384 AES256-GCM-SHA384
        TLS13-1-2-RFC9151-INTEROP1-FIPS-2023-07 TLSv1.2,TLSv1.3 6 TLS_AES_256_GCM_SHA384 ECDHE-RSA-AES128-GCM-SHA256
        TLS13-1-2-RFC9151-INTEROP2-FIPS-2023-07 TLSv1.2,TLSv1.3 10 TLS_AES_256_GCM_SHA384 ECDHE-RSA-AES128-SHA256
        TLS13-1-2-RFC9151-INTEROP3-FIPS-2023-07 TLSv1.2,TLSv1.3 14 TLS_AES_256_GCM_SHA384 ECDHE-RSA-AES128-SHA
        TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07 TLSv1.2,TLSv1.3 20 TLS_AES_256_GCM_SHA384 AES128-SHA
        """

    @Test(.covers("ALB-TLS-002", "ALB-TLS-003", "NLB-TL-011")) func `are AWS's, 1 to 1, and no others`() {
        let found = SecurityPolicy.all.map { policy in
            let versions = policy.versions.map(\.name).joined(separator: ",")
            let (first, last) = (policy.cipherSuites.first?.name ?? "", policy.cipherSuites.last?.name ?? "")
            return "\(policy.name.dropFirst(18)) \(versions) \(policy.cipherSuites.count) \(first) \(last)"
        }
        #expect(found == Self.expected.split(separator: "\n").map(String.init))
        #expect(SecurityPolicy.named("ELBSecurityPolicy-Mine") == nil)
        for policy in SecurityPolicy.all {
            #expect(Set(policy.cipherSuites).count == policy.cipherSuites.count, "\(policy.name)")
            #expect(!policy.offeredByLab.isEmpty)
        }
    }

    @Test(.covers("ALB-TLS-003", "NLB-TL-010")) func `speak the versions that their names promise`() {
        for policy in SecurityPolicy.all {
            let name = policy.name.dropFirst(18)
            if name.hasPrefix("TLS13-1-3-") { #expect(policy.versions == [.v13]) }
            if name.hasPrefix("TLS13-1-2-") { #expect(policy.versions == [.v12, .v13]) }
            if name.hasPrefix("TLS13-1-1-") { #expect(policy.versions == [.v11, .v12, .v13]) }
            if name.hasPrefix("TLS13-1-0-") { #expect(policy.versions == [.v10, .v11, .v12, .v13]) }
        }
        #expect(SecurityPolicy.named("ELBSecurityPolicy-2016-08")?.versions == [.v10, .v11, .v12])
    }

    @Test(.covers("ALB-TLS-001")) func `default to 2016-08 where no console chooses`() {
        let certificate = Certificate(
            arn: CertificateARN(rawValue: "c"),
            source: .issued(names: ["example.com"], keyAlgorithm: .rsa2048)
        )
        #expect(ListenerTLS(defaultCertificate: certificate).sslPolicy == "ELBSecurityPolicy-2016-08")
        #expect(ListenerTLS(defaultCertificate: certificate).policy?.name == SecurityPolicy.defaultName)
    }

    @Test(
        .covers("ALB-TLS-013", "NLB-TL-012"),
        arguments: [
            ([], "2016-08"),
            (["2016-08", "FS-2018-06"], "2016-08"),
            (["2016-08", "TLS13-1-2-2021-06"], "TLS13-1-0-2021-06"),
            (["TLS13-1-3-PQ-2025-09", "TLS13-1-2-2021-06"], "TLS13-1-0-PQ-2025-09"),
            (["TLS13-1-2-FIPS-2023-04"], "TLS13-1-0-FIPS-2023-04"),
            (["TLS13-1-2-FIPS-PQ-2025-09", "TLS13-1-2-FIPS-2023-04"], "TLS13-1-0-FIPS-PQ-2025-09"),
            (
                ["TLS13-1-2-RFC9151-FIPS-2023-07", "TLS13-1-2-FIPS-PQ-2025-09"],
                "TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07"
            ),
        ]
    )
    func `towards targets follow those of the listeners`(listeners: [String], expected: String) {
        let policies = listeners.compactMap { SecurityPolicy.named("ELBSecurityPolicy-\($0)") }
        #expect(policies.count == listeners.count)
        #expect(SecurityPolicy.towardsTargets(of: policies).name == "ELBSecurityPolicy-\(expected)")
    }

    @Test func `offer hybrid key exchange where they are called PQ, and only there`() {
        for policy in SecurityPolicy.all {
            #expect(policy.keyExchanges.contains(.x25519MLKEM768) == policy.name.contains("PQ"), "\(policy.name)")
        }
    }
}
