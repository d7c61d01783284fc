import ELBFleet
import Testing

@Suite struct `Names of a certificate` {
    @Test func `are those that it lists, beside the kind of its key`() throws {
        let authority = try CertificateAuthority()
        let elliptic = try authority.issue("shop.example.com", "*.example.net")
        let rsa = try authority.issue("mail.example.com", key: .rsa(bits: 2048))
        let names = try #require(CertificateNames(pem: elliptic.certificate + rsa.certificate))
        #expect(names.names == ["shop.example.com", "*.example.net"] && names.isECDSA)
        #expect(CertificateNames(pem: rsa.certificate)?.isECDSA == false)
    }

    @Test func `are none of a text that holds no certificate`() throws {
        for text in ["", "no", try CertificateAuthority().issue("a.example.com").privateKey] {
            #expect(CertificateNames(pem: text) == nil)
        }
    }
}
