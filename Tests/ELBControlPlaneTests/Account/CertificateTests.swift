import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Certificates of an account` {
    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private static func importJSON(_ certificate: String, key: String? = nil, _ more: String = "") -> String {
        let key = key ?? "key of \(certificate)"
        return #"{"Certificate":"\#(Self.base64(certificate))","PrivateKey":"\#(Self.base64(key))"\#(more)}"#
    }

    private static func json(_ arn: String) -> String { #"{"CertificateArn":"\#(arn)"}"# }

    private func listener(_ certificate: String, _ account: inout TestAccount) throws -> String {
        let balancer = try account.loadBalancer()
        let output = try account.perform(
            "Action=CreateListener&LoadBalancerArn=\(balancer)&Protocol=HTTPS&Port=443"
                + "&Certificates.member.1.CertificateArn=\(certificate)&\(TestAccount.actions(nil))"
        )
        return try output.text("Listeners", 0, "ListenerArn")
    }

    @Test func `are imported, described and handed out again`() throws {
        var account = TestAccount()
        let json = Self.importJSON(
            "certificate a.example.com b.example.com",
            #","CertificateChain":"\#(Self.base64("chain"))","Tags":[{"Key":"team","Value":"shop"}]"#
        )
        let arn = try account.perform(json: json, "ImportCertificate").text("CertificateArn")
        #expect(arn.hasPrefix("arn:aws:acm:ap-northeast-2:123456789012:certificate/"))
        let seen = try account.perform(json: Self.json(arn), "DescribeCertificate")
        #expect(try seen.text("Certificate", "DomainName") == "a.example.com")
        #expect(try seen.text("Certificate", "SubjectAlternativeNames", 1) == "b.example.com")
        #expect(try seen.text("Certificate", "Type") == "IMPORTED")
        let text = try account.perform(json: Self.json(arn), "GetCertificate")
        #expect(try text.text("CertificateChain") == "chain")
        let tags = try account.perform(json: Self.json(arn), "ListTagsForCertificate")
        #expect(try tags.text("Tags", 0, "Value") == "shop")
        #expect(try account.perform(json: "{}", "ListCertificates").count("CertificateSummaryList") == 1)
    }

    @Test func `are issued at once, and once for one token`() throws {
        var account = TestAccount()
        let json =
            #"{"DomainName":"www.example.com","SubjectAlternativeNames":["*.example.com"],"IdempotencyToken":"t"}"#
        let arn = try account.perform(json: json, "RequestCertificate").text("CertificateArn")
        #expect(try account.perform(json: json, "RequestCertificate").text("CertificateArn") == arn)
        let seen = try account.perform(json: Self.json(arn), "DescribeCertificate")
        #expect(try seen.text("Certificate", "Status") == "ISSUED")
        #expect(try seen.text("Certificate", "Type") == "AMAZON_ISSUED")
        #expect(try seen.text("Certificate", "DomainValidationOptions", 1, "ValidationStatus") == "SUCCESS")
        // AWS lists other keys than RSA's only when they are asked for.
        let elliptic = #"{"DomainName":"ec.example.com","KeyAlgorithm":"EC_prime256v1"}"#
        try account.perform(json: elliptic, "RequestCertificate")
        #expect(try account.perform(json: "{}", "ListCertificates").count("CertificateSummaryList") == 1)
        let all = #"{"Includes":{"keyTypes":["RSA_2048","EC_prime256v1"]},"MaxItems":1}"#
        #expect(try account.perform(json: all, "ListCertificates").text("NextToken") == arn)
    }

    @Test func `that are imported once more are the listeners' at once`() throws {
        var account = TestAccount()
        let arn = try account.perform(json: Self.importJSON("certificate old.example.com"), "ImportCertificate")
            .text("CertificateArn")
        let listener = try self.listener(arn, &account)
        let again = Self.importJSON("certificate new.example.com", #","CertificateArn":"\#(arn)""#)
        #expect(try account.perform(json: again, "ImportCertificate").text("CertificateArn") == arn)
        let shown = account.account.listeners[listener]?.listener.tls?.defaultCertificate.source
        #expect(
            shown
                == .imported(
                    certificate: .text("certificate new.example.com"),
                    privateKey: .text("key of certificate new.example.com")
                )
        )
    }

    @Test(
        .covers("NLB-TL-005", "INT-AC-008"),
        arguments: [("rsa4096.example.com", "UnsupportedCertificate"), ("a.example.com", nil)]
    )
    func `have no long RSA key at a Network Load Balancer`(name: String, code: String?) throws {
        var account = TestAccount()
        let arn = try account.perform(json: Self.importJSON("certificate \(name)"), "ImportCertificate")
            .text("CertificateArn")
        let balancer = try account.perform("Action=CreateLoadBalancer&Name=net&Type=network&\(account.subnets)")
            .text("LoadBalancers", 0, "LoadBalancerArn")
        let group = try account.perform(
            "Action=CreateTargetGroup&Name=tcp&Protocol=TCP&Port=80&VpcId=\(account.vpc)"
        ).text("TargetGroups", 0, "TargetGroupArn")
        let create =
            "Action=CreateListener&LoadBalancerArn=\(balancer)&Protocol=TLS&Port=443"
            + "&Certificates.member.1.CertificateArn=\(arn)&\(TestAccount.actions(group))"
        #expect(account.refusal(create) == code)
        // An Application Load Balancer takes it.
        _ = try self.listener(arn, &account)
    }

    @Test func `stay while a listener uses them`() throws {
        var account = TestAccount()
        let arn = try account.perform(json: #"{"DomainName":"www.example.com"}"#, "RequestCertificate")
            .text("CertificateArn")
        let listener = try self.listener(arn, &account)
        #expect(account.refusal(json: Self.json(arn), "DeleteCertificate") == "ResourceInUseException")
        let seen = try account.perform(json: Self.json(arn), "DescribeCertificate")
        #expect(try seen.text("Certificate", "InUseBy", 0) == account.account.listeners[listener]?.loadBalancer)
        try account.perform("Action=DeleteListener&ListenerArn=\(listener)")
        try account.perform(json: Self.json(arn), "DeleteCertificate")
        #expect(account.refusal(json: Self.json(arn), "DescribeCertificate") == "ResourceNotFoundException")
    }

    @Test func `are refused in Certificate Manager's words`() {
        var account = TestAccount()
        let arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/1"
        #expect(account.refusal(json: Self.importJSON("x"), "ImportCertificate") == "ValidationException")
        #expect(
            account.refusal(json: Self.importJSON("certificate a", key: "key of b"), "ImportCertificate")
                == "ValidationException"
        )
        let again = Self.importJSON("certificate a", #","CertificateArn":"\#(arn)""#)
        #expect(account.refusal(json: again, "ImportCertificate") == "ResourceNotFoundException")
        let tagged = Self.importJSON(
            "certificate a",
            #","Tags":[{"Key":"a","Value":"1"},{"Key":"a","Value":"2"}]"#
        )
        #expect(account.refusal(json: tagged, "ImportCertificate") == "InvalidTagException")
        #expect(
            account.refusal(json: #"{"DomainName":"www.example.com","KeyAlgorithm":"RSA_4096"}"#, "RequestCertificate")
                == "OperationNotPermitted"
        )
        let many = (1...10).map { #""n\#($0).example.com""# }.joined(separator: ",")
        #expect(
            account.refusal(
                json: #"{"DomainName":"example.com","SubjectAlternativeNames":[\#(many)]}"#,
                "RequestCertificate"
            ) == "LimitExceededException"
        )
    }

    @Test func `of IAM are known by their names`() throws {
        var account = TestAccount()
        func upload(_ name: String, _ text: String = "certificate a.example.com", key: String? = nil) -> String {
            "Action=UploadServerCertificate&ServerCertificateName=\(name)&Path=/shop/&CertificateBody=\(text)"
                + "&PrivateKey=\(key ?? "key of \(text)")"
        }
        let made = try account.perform(upload("web"), .iam)
        let arn = try made.text("ServerCertificateMetadata", "Arn")
        #expect(arn == "arn:aws:iam::123456789012:server-certificate/shop/web")
        let seen = try account.perform("Action=GetServerCertificate&ServerCertificateName=web", .iam)
        #expect(try seen.text("ServerCertificate", "CertificateBody") == "certificate a.example.com")
        _ = try self.listener(arn, &account)
        let delete = "Action=DeleteServerCertificate&ServerCertificateName=web"
        #expect(account.refusal(delete, .iam) == "DeleteConflict")
        #expect(account.refusal(upload("WEB"), .iam) == "EntityAlreadyExists")
        #expect(account.refusal(upload("two", "x"), .iam) == "MalformedCertificate")
        #expect(account.refusal(upload("two", key: "key of certificate b"), .iam) == "KeyPairMismatch")
        #expect(account.refusal("\(delete)2", .iam) == "NoSuchEntity")
        try account.perform(upload("two"), .iam)
        let list = try account.perform("Action=ListServerCertificates&PathPrefix=/shop/&MaxItems=1", .iam)
        #expect(list.count("ServerCertificateMetadataList") == 1)
        #expect(list["IsTruncated"] == true)
        try account.perform("\(delete.dropLast(3))two", .iam)
    }

    @Test func `and IAM's have tags, and other names while nobody uses them`() throws {
        var account = TestAccount()
        let text = "certificate%20a.example"
        let named = { (action: String, name: String) in "Action=\(action)&ServerCertificateName=\(name)" }
        try account.perform(
            "\(named("UploadServerCertificate", "one"))&CertificateBody=\(text)&PrivateKey=key%20of%20\(text)",
            .iam
        )
        try account.perform(
            "\(named("TagServerCertificate", "one"))&Tags.member.1.Key=team&Tags.member.1.Value=blue",
            .iam
        )
        try account.perform(
            "\(named("TagServerCertificate", "ONE"))&Tags.member.1.Key=team&Tags.member.1.Value=red",
            .iam
        )
        let tags = try account.perform(named("ListServerCertificateTags", "one"), .iam)
        #expect(tags.count("Tags") == 1)
        #expect(try tags.text("Tags", 0, "Value") == "red")
        try account.perform(
            "\(named("UpdateServerCertificate", "one"))&NewServerCertificateName=two&NewPath=/shop/",
            .iam
        )
        let moved = try account.perform(named("GetServerCertificate", "two"), .iam)
        #expect(
            try moved.text("ServerCertificate", "ServerCertificateMetadata", "Arn")
                == "arn:aws:iam::123456789012:server-certificate/shop/two"
        )
        try account.perform("\(named("UntagServerCertificate", "two"))&TagKeys.member.1=team", .iam)
        #expect(try account.perform(named("ListServerCertificateTags", "two"), .iam).count("Tags") == 0)
        #expect(
            account.refusal(named("TagServerCertificate", "one") + "&Tags.member.1.Key=a&Tags.member.1.Value=b", .iam)
                == "NoSuchEntity"
        )
    }

    @Test func `and keys for a role are handed out`() throws {
        var account = TestAccount()
        let form = "Action=AssumeRole&RoleSessionName=cdk&RoleArn=arn:aws:iam"
        let output = try account.perform("\(form)::123456789012:role/path/deploy", .sts)
        #expect(
            try output.text("AssumedRoleUser", "Arn") == "arn:aws:sts::123456789012:assumed-role/deploy/cdk"
        )
        // Those that --auth check knows.
        #expect(try output.text("Credentials", "AccessKeyId") == SignatureVerifier.Keys.lab.id)
        #expect(account.refusal("\(form)::210987654321:role/deploy", .sts) == "AccessDenied")
        #expect(account.refusal("\(form)::123456789012:user/me", .sts) == "ValidationError")
    }
}
