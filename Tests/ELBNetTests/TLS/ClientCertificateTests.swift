import ELBCore
import ELBFleet
import ELBModel
import ELBNet
import ELBTestSupport
import NIOSSL
import Testing

@Suite struct `Verification of client certificates` {
    private static let now: Int64 = {
        // The authority makes certificates around the present.
        (try? CertificateAuthority().issue("now", validity: .current(days: 0)).notAfter) ?? 0
    }()

    /// DER of every certificate in the text.
    private static func presented(_ pem: String) throws -> [[UInt8]] {
        try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).map { try $0.toDERBytes() }
    }

    /// The failure, or `nil` if the client is let in.
    private static func verify(
        _ pem: String,
        trusting authority: CertificateAuthority,
        revocations: [String] = [],
        ignoresExpiry: Bool = false
    ) throws -> ClientCertificateFailure? {
        let verifier = try ClientCertificateVerifier(
            bundle: authority.certificate,
            revocations: revocations,
            ignoresExpiry: ignoresExpiry,
            advertisesNames: false
        )
        do throws(ClientCertificateFailure) {
            try verifier.verify(try Self.presentedOrFail(pem), at: Self.now)
            return nil
        } catch {
            return error
        }
    }

    private static func presentedOrFail(_ pem: String) throws(ClientCertificateFailure) -> [[UInt8]] {
        do { return try Self.presented(pem) } catch { throw .unmapped }
    }

    @Test(.covers("ALB-TLS-019", "ALB-CLOG-008")) func `a trusted client is let in, and a stranger is not`() throws {
        let (trusted, stranger) = (try CertificateAuthority(), try CertificateAuthority())
        let client = try trusted.issue("client", for: .client)
        #expect(try Self.verify(client.certificate, trusting: trusted) == nil)
        #expect(try Self.verify(client.certificate, trusting: stranger) == .untrusted)
        let below = try trusted.intermediate(name: "below")
        let grandchild = try below.issue("client", for: .client)
        #expect(try Self.verify(grandchild.certificate + below.chain, trusting: trusted) == nil)
        #expect(try Self.verify(grandchild.certificate, trusting: trusted) == .untrusted)
        #expect(try Self.verify(grandchild.certificate, trusting: below) == nil)
    }

    @Test(.covers("ALB-TLS-019", "ALB-TLS-021", "ALB-CLOG-008")) func `validity and purpose are looked at`() throws {
        let authority = try CertificateAuthority()
        let expired = try authority.issue("client", for: .client, validity: .expired)
        #expect(try Self.verify(expired.certificate, trusting: authority) == .expired)
        #expect(try Self.verify(expired.certificate, trusting: authority, ignoresExpiry: true) == nil)
        let future = try authority.issue("client", for: .client, validity: .future)
        #expect(try Self.verify(future.certificate, trusting: authority, ignoresExpiry: true) == .notYetValid)
        let server = try authority.issue("server", for: .server)
        #expect(try Self.verify(server.certificate, trusting: authority) == .purposeInvalid)
    }

    @Test(.covers("ALB-TLS-023", "ALB-CLOG-008")) func `keys must be long enough`() throws {
        let authority = try CertificateAuthority()
        for key in [CertificateAuthority.Key.ecdsaP384, .rsa(bits: 2048)] {
            let client = try authority.issue("client", for: .client, key: key)
            #expect(try Self.verify(client.certificate, trusting: authority) == nil)
        }
        let short = try authority.issue("client", for: .client, key: .rsa(bits: 1024))
        #expect(try Self.verify(short.certificate, trusting: authority) == .typeUnsupported)
    }

    @Test(.covers("ALB-TLS-024", "ALB-CLOG-008")) func `a chain may be four certificates long`() throws {
        let root = try CertificateAuthority()
        var authority = root
        for level in 1...4 {
            authority = try authority.intermediate(name: "level \(level)")
            let client = try authority.issue("client", for: .client)
            let failure = try Self.verify(client.certificate + authority.chain, trusting: root)
            #expect(failure == (level <= 3 ? nil : .maxChainDepthExceeded))
        }
        let names = (0..<800).map { "a-name-that-makes-the-certificate-long-\($0).example.com" }
        let huge = try root.issue(names: names, for: .client)
        #expect(try Self.verify(huge.certificate, trusting: root) == .maxSizeExceeded)
    }

    @Test(.covers("ALB-TLS-025", "ALB-CLOG-008")) func `revoked certificates are refused, and lists must be signed`()
        throws
    {
        let (authority, other) = (try CertificateAuthority(), try CertificateAuthority())
        let (bad, good) = (try authority.issue("bad", for: .client), try authority.issue("good", for: .client))
        let list = try authority.revocationList([bad])
        #expect(try Self.verify(bad.certificate, trusting: authority, revocations: [list]) == .crlHit)
        #expect(try Self.verify(good.certificate, trusting: authority, revocations: [list]) == nil)
        // Both authorities have the same name, so the list is taken for the authority's and its signature is wrong.
        let forged = try other.revocationList([bad])
        #expect(try Self.verify(good.certificate, trusting: authority, revocations: [forged]) == .crlProcessingError)
        #expect(throws: ModelError.self) {
            try Self.verify(good.certificate, trusting: authority, revocations: ["not PEM"])
        }
    }

    @Test(.covers("ALB-TLS-020")) func `a certificate is described for targets and logs`() throws {
        let authority = try CertificateAuthority(name: "clients")
        let client = try authority.issue("client.example.com", for: .client)
        let described = try #require(ClientCertificate(presented: try Self.presented(client.certificate)))
        #expect(described.serialNumber == client.serialNumber)
        #expect(described.subject == "CN=client.example.com,O=elblab,C=KR")
        #expect(described.issuer == "CN=clients")
        #expect(described.leafPEM == client.certificate)
        #expect(described.notAfter == client.notAfter)
        #expect(ClientCertificate(presented: [[1, 2, 3]]) == nil)
    }

    @Test func `garbage is refused and never traps`() throws {
        let authority = try CertificateAuthority()
        let verifier = try ClientCertificateVerifier(
            bundle: authority.certificate,
            revocations: [],
            ignoresExpiry: false,
            advertisesNames: false
        )
        #expect(throws: ClientCertificateFailure.invalid) { try verifier.verify([], at: Self.now) }
        #expect(throws: ClientCertificateFailure.invalid) { try verifier.verify([[0x30, 0x82]], at: Self.now) }
        let good = try Self.presented(try authority.issue("client", for: .client).certificate)[0]
        for index in stride(from: 0, to: good.count, by: 3) {
            var broken = good
            broken[index] ^= 0x5a
            #expect(throws: ClientCertificateFailure.self) { try verifier.verify([broken], at: Self.now) }
        }
        let leaf = try authority.issue("leaf", for: .client)
        #expect(throws: ModelError.self) {
            try ClientCertificateVerifier(
                bundle: leaf.certificate,
                revocations: [],
                ignoresExpiry: false,
                advertisesNames: false
            )
        }
    }
}
