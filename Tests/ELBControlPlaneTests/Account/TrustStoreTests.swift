import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Trust stores of an account` {
    private static let bundle = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
    private static let list = "-----BEGIN X509 CRL-----\n!!\n-----END X509 CRL-----\n"

    private func account() -> TestAccount {
        var account = TestAccount()
        account.materials.objects = [
            "certificates/ca.pem": Self.bundle, "certificates/two.pem": Self.bundle + Self.bundle,
            "certificates/revoked.pem": Self.list, "certificates/text.txt": "hello",
        ]
        return account
    }

    private static func create(_ name: String, _ key: String = "ca.pem") -> String {
        "Action=CreateTrustStore&Name=\(name)&CaCertificatesBundleS3Bucket=certificates&CaCertificatesBundleS3Key=\(key)"
    }

    private static func revoke(_ arn: String, _ key: String = "revoked.pem") -> String {
        "Action=AddTrustStoreRevocations&TrustStoreArn=\(arn)&RevocationContents.member.1.S3Bucket=certificates"
            + "&RevocationContents.member.1.S3Key=\(key)&RevocationContents.member.1.RevocationType=CRL"
    }

    private func trustStore(_ account: inout TestAccount) throws -> String {
        try account.perform(Self.create("clients")).text("TrustStores", 0, "TrustStoreArn")
    }

    /// An HTTPS listener that lets in whom the trust store knows.
    private func listener(_ store: String, _ account: inout TestAccount) throws -> String {
        let certificate = try account.perform(json: #"{"DomainName":"www.example.com"}"#, "RequestCertificate")
            .text("CertificateArn")
        let balancer = try account.loadBalancer()
        let output = try account.perform(
            "Action=CreateListener&LoadBalancerArn=\(balancer)&Protocol=HTTPS&Port=443&MutualAuthentication.Mode=verify"
                + "&MutualAuthentication.TrustStoreArn=\(store)&Certificates.member.1.CertificateArn=\(certificate)"
                + "&\(TestAccount.actions(nil))"
        )
        return try output.text("Listeners", 0, "ListenerArn")
    }

    @Test(.covers("ALB-TLS-026"))
    func `are made from a bucket's object`() throws {
        var account = self.account()
        let arn = try self.trustStore(&account)
        #expect(arn.hasPrefix("arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:truststore/clients/"))
        let seen = try account.perform("Action=DescribeTrustStores&Names.member.1=clients")
        #expect(try seen.text("TrustStores", 0, "Status") == "ACTIVE")
        #expect(account.refusal(Self.create("clients")) == "DuplicateTrustStoreName")
        #expect(account.refusal(Self.create("b", "none.pem")) == "CaCertificatesBundleNotFound")
        #expect(account.refusal(Self.create("b", "text.txt")) == "InvalidCaCertificatesBundle")
        #expect(account.refusal("Action=DescribeTrustStores&Names.member.1=b") == "TrustStoreNotFound")
        for number in 1..<20 { try account.perform(Self.create("store\(number)")) }
        #expect(account.refusal(Self.create("more")) == "TooManyTrustStores")
    }

    @Test func `are what their listeners trust, also after a change`() throws {
        var account = self.account()
        let arn = try self.trustStore(&account)
        let listener = try self.listener(arn, &account)
        let users = try account.perform("Action=DescribeTrustStoreAssociations&TrustStoreArn=\(arn)")
        #expect(try users.text("TrustStoreAssociations", 0, "ResourceArn") == listener)
        #expect(account.refusal("Action=DeleteTrustStore&TrustStoreArn=\(arn)") == "TrustStoreInUse")
        try account.perform(
            "Action=ModifyTrustStore&TrustStoreArn=\(arn)&CaCertificatesBundleS3Bucket=certificates"
                + "&CaCertificatesBundleS3Key=two.pem"
        )
        try account.perform(Self.revoke(arn))
        let trusted = account.account.listeners[listener]?.listener.tls?.mutualAuthentication.trustStore
        #expect(trusted?.caCertificates == .text(Self.bundle + Self.bundle))
        #expect(trusted?.revocations == [.text(Self.list)])
        try account.perform("Action=DeleteListener&ListenerArn=\(listener)")
        try account.perform("Action=DeleteTrustStore&TrustStoreArn=\(arn)")
        #expect(account.refusal("Action=DeleteTrustStore&TrustStoreArn=\(arn)") == "TrustStoreNotFound")
    }

    @Test(.covers("ALB-TLS-025"))
    func `revoke by numbered lists`() throws {
        var account = self.account()
        let arn = try self.trustStore(&account)
        let added = try account.perform(Self.revoke(arn))
        #expect(added.count("TrustStoreRevocations") == 1)
        try account.perform(Self.revoke(arn))
        let describe = "Action=DescribeTrustStoreRevocations&TrustStoreArn=\(arn)"
        #expect(try account.perform(describe).count("TrustStoreRevocations") == 2)
        try account.perform("Action=RemoveTrustStoreRevocations&TrustStoreArn=\(arn)&RevocationIds.member.1=1")
        #expect(account.refusal("\(describe)&RevocationIds.member.1=1") == "RevocationIdNotFound")
        #expect(account.refusal(Self.revoke(arn, "none.pem")) == "RevocationContentNotFound")
        #expect(account.refusal(Self.revoke(arn, "text.txt")) == "InvalidRevocationContent")
        for _ in 2...30 { try account.perform(Self.revoke(arn)) }
        #expect(account.refusal(Self.revoke(arn)) == "TooManyTrustStoreRevocationEntries")
    }

    @Test func `are handed out by the lab`() throws {
        var account = self.account()
        let arn = try self.trustStore(&account)
        try account.perform(Self.revoke(arn))
        let path = arn.split(separator: "/").dropFirst().joined(separator: "/")
        let bundle = try account.perform("Action=GetTrustStoreCaCertificatesBundle&TrustStoreArn=\(arn)")
        #expect(try bundle.text("Location") == "http://127.0.0.1:4566/_lab/trust-stores/\(path)/bundle.pem")
        let list = try account.perform("Action=GetTrustStoreRevocationContent&TrustStoreArn=\(arn)&RevocationId=1")
        #expect(try list.text("Location").hasSuffix("\(path)/revocations/1.pem"))
        #expect(account.account.trustStoreText("\(path)/bundle.pem") == Self.bundle)
        #expect(account.account.trustStoreText("\(path)/revocations/1.pem") == Self.list)
        #expect(account.account.trustStoreText("\(path)/revocations/2.pem") == nil)
        #expect(account.account.trustStoreText("x") == nil)
    }

    @Test(arguments: ["a/../b", "/a", "a//b", "..", "", "a\nb"])
    func `are never read from outside the buckets`(key: String) {
        #expect(!LogDelivery.isObjectKey(key))
    }
}
