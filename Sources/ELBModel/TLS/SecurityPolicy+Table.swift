// AWS's policies as its guide and `describe-ssl-policies` print them, 1 : 1. What the lab's TLS library cannot do of them is
// said once, in `offeredByLab`.

extension SecurityPolicy {
    /// Every policy of an Application Load Balancer.
    package static let all: [SecurityPolicy] = Self.rows.map { row in
        SecurityPolicy(
            name: "ELBSecurityPolicy-\(row.name)",
            versions: TLSVersion.allCases.filter { row.versions.contains($0) },
            cipherSuites: row.suites.map { name in
                guard let suite = TLSCipherSuite(named: name) else {
                    preconditionFailure("the table names an unknown suite \(name)")
                }
                return suite
            },
            keyExchanges: row.name.contains("PQ") ? Self.hybrid + row.groups : row.groups,
            family: row.family
        )
    }

    /// The suites of AWS's policies that the lab's TLS library does not have; a client that has no others is refused here,
    /// and not at AWS. All four are CBC suites of TLS 1.2 that no current client prefers.
    package static let notInLab: Set<TLSCipherSuite> = Set(
        ["ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "AES128-SHA256", "AES256-SHA256"]
            .compactMap(TLSCipherSuite.init(named:))
    )

    /// The part of the policy's suites that the lab can speak, in the same order.
    package var offeredByLab: [TLSCipherSuite] {
        self.cipherSuites.filter { !Self.notInLab.contains($0) }
    }

    private typealias Row = (
        name: String, versions: ClosedRange<TLSVersion>, suites: [String], groups: [TLSKeyExchange], family: Family
    )

    private static let all13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
    private static let fips13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]
    private static let cnsa13 = ["TLS_AES_256_GCM_SHA384"]
    private static let interop13 = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"]

    private static let restricted = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
    ]
    private static let usual = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384",
    ]
    private static let withRSA = usual + ["AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256"]
    private static let elliptic128 = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384",
    ]
    private static let rsaOnly = [
        "AES128-GCM-SHA256", "AES128-SHA256", "AES128-SHA", "AES256-GCM-SHA384", "AES256-SHA256", "AES256-SHA",
    ]
    private static let everything = elliptic128 + ["ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA"] + rsaOnly
    // The guide's order of the last two differs here; they never compete, since one certificate is of one kind.
    private static let forward = elliptic128 + ["ECDHE-RSA-AES256-SHA", "ECDHE-ECDSA-AES256-SHA"]
    private static let everythingFIPS = forward + rsaOnly

    private static let cnsa = ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"]
    private static let interop1 = cnsa + ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"]
    private static let interop2 = [
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384",
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256",
    ]
    private static let interop3 = [
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384",
        "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
    ]
    private static let interop4 =
        interop3 + [
            "AES256-GCM-SHA384", "AES256-SHA256", "AES256-SHA", "AES128-GCM-SHA256", "AES128-SHA256", "AES128-SHA",
        ]

    /// The guide does not list the classical groups; these are what AWS's TLS library offers in its policies.
    private static let curves: [TLSKeyExchange] = [.x25519, .secp256r1, .secp384r1]
    private static let fipsCurves: [TLSKeyExchange] = [.secp256r1, .secp384r1, .secp521r1]
    private static let cnsaCurves: [TLSKeyExchange] = [.secp384r1]
    private static let interopCurves: [TLSKeyExchange] = [.secp384r1, .secp256r1, .secp521r1]
    private static let hybrid: [TLSKeyExchange] = [.x25519MLKEM768, .secp256r1MLKEM768, .secp384r1MLKEM1024]

    private static let rows: [Row] = legacyRows + tls13Rows + fipsRows + rfc9151Rows

    private static let legacyRows: [Row] = [
        ("2016-08", .v10 ... .v12, everything, curves, .legacy),
        ("TLS-1-1-2017-01", .v11 ... .v12, everything, curves, .legacy),
        ("TLS-1-2-2017-01", .v12 ... .v12, withRSA, curves, .legacy),
        ("TLS-1-2-Ext-2018-06", .v12 ... .v12, everything, curves, .legacy),
        ("FS-2018-06", .v10 ... .v12, forward, curves, .legacy),
        ("FS-1-1-2019-08", .v11 ... .v12, forward, curves, .legacy),
        ("FS-1-2-2019-08", .v12 ... .v12, forward, curves, .legacy),
        ("FS-1-2-Res-2019-08", .v12 ... .v12, usual, curves, .legacy),
        ("FS-1-2-Res-2020-10", .v12 ... .v12, restricted, curves, .legacy),
    ]

    private static let tls13Rows: [Row] = [
        ("TLS13-1-3-2021-06", .v13 ... .v13, all13, curves, .tls13),
        ("TLS13-1-2-2021-06", .v12 ... .v13, all13 + usual, curves, .tls13),
        ("TLS13-1-2-Res-2021-06", .v12 ... .v13, all13 + restricted, curves, .tls13),
        ("TLS13-1-2-Ext1-2021-06", .v12 ... .v13, all13 + withRSA, curves, .tls13),
        ("TLS13-1-2-Ext2-2021-06", .v12 ... .v13, all13 + everything, curves, .tls13),
        ("TLS13-1-1-2021-06", .v11 ... .v13, all13 + everything, curves, .tls13),
        ("TLS13-1-0-2021-06", .v10 ... .v13, all13 + everything, curves, .tls13),
        ("TLS13-1-3-PQ-2025-09", .v13 ... .v13, all13, curves, .postQuantum),
        ("TLS13-1-2-PQ-2025-09", .v12 ... .v13, all13 + usual, curves, .postQuantum),
        ("TLS13-1-2-Res-PQ-2025-09", .v12 ... .v13, all13 + restricted, curves, .postQuantum),
        ("TLS13-1-2-Ext1-PQ-2025-09", .v12 ... .v13, all13 + withRSA, curves, .postQuantum),
        ("TLS13-1-2-Ext2-PQ-2025-09", .v12 ... .v13, all13 + everything, curves, .postQuantum),
        ("TLS13-1-0-PQ-2025-09", .v10 ... .v13, all13 + everything, curves, .postQuantum),
    ]

    private static let fipsRows: [Row] = [
        ("TLS13-1-3-FIPS-2023-04", .v13 ... .v13, fips13, fipsCurves, .fips),
        ("TLS13-1-2-FIPS-2023-04", .v12 ... .v13, fips13 + usual, fipsCurves, .fips),
        ("TLS13-1-2-Res-FIPS-2023-04", .v12 ... .v13, fips13 + restricted, fipsCurves, .fips),
        ("TLS13-1-2-Ext0-FIPS-2023-04", .v12 ... .v13, fips13 + forward, fipsCurves, .fips),
        ("TLS13-1-2-Ext1-FIPS-2023-04", .v12 ... .v13, fips13 + withRSA, fipsCurves, .fips),
        ("TLS13-1-2-Ext2-FIPS-2023-04", .v12 ... .v13, fips13 + everythingFIPS, fipsCurves, .fips),
        ("TLS13-1-1-FIPS-2023-04", .v11 ... .v13, fips13 + everythingFIPS, fipsCurves, .fips),
        ("TLS13-1-0-FIPS-2023-04", .v10 ... .v13, fips13 + everythingFIPS, fipsCurves, .fips),
        ("TLS13-1-3-FIPS-PQ-2025-09", .v13 ... .v13, fips13, fipsCurves, .fipsPostQuantum),
        ("TLS13-1-2-FIPS-PQ-2025-09", .v12 ... .v13, fips13 + usual, fipsCurves, .fipsPostQuantum),
        ("TLS13-1-2-Res-FIPS-PQ-2025-09", .v12 ... .v13, fips13 + restricted, fipsCurves, .fipsPostQuantum),
        ("TLS13-1-2-Ext0-FIPS-PQ-2025-09", .v12 ... .v13, fips13 + forward, fipsCurves, .fipsPostQuantum),
        ("TLS13-1-2-Ext1-FIPS-PQ-2025-09", .v12 ... .v13, fips13 + withRSA, fipsCurves, .fipsPostQuantum),
        ("TLS13-1-2-Ext2-FIPS-PQ-2025-09", .v12 ... .v13, fips13 + everythingFIPS, fipsCurves, .fipsPostQuantum),
        ("TLS13-1-0-FIPS-PQ-2025-09", .v10 ... .v13, fips13 + everythingFIPS, fipsCurves, .fipsPostQuantum),
    ]

    private static let rfc9151Rows: [Row] = [
        ("TLS13-1-3-RFC9151-FIPS-2023-07", .v13 ... .v13, cnsa13, cnsaCurves, .rfc9151),
        ("TLS13-1-2-RFC9151-FIPS-2023-07", .v12 ... .v13, cnsa13 + cnsa, cnsaCurves, .rfc9151),
        (
            "TLS13-1-2-Ext0-RFC9151-FIPS-2023-07", .v12 ... .v13, cnsa13 + cnsa + ["AES256-GCM-SHA384"], cnsaCurves,
            .rfc9151
        ),
        ("TLS13-1-2-RFC9151-INTEROP1-FIPS-2023-07", .v12 ... .v13, interop13 + interop1, interopCurves, .rfc9151),
        ("TLS13-1-2-RFC9151-INTEROP2-FIPS-2023-07", .v12 ... .v13, interop13 + interop2, interopCurves, .rfc9151),
        ("TLS13-1-2-RFC9151-INTEROP3-FIPS-2023-07", .v12 ... .v13, interop13 + interop3, interopCurves, .rfc9151),
        ("TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07", .v12 ... .v13, interop13 + interop4, interopCurves, .rfc9151),
    ]
}
