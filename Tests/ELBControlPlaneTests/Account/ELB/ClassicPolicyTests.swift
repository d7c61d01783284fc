import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Policies of a Classic Load Balancer` {
    private static let create = "CreateLoadBalancerPolicy"

    /// Parameters of CreateLoadBalancerPolicy; attributes as `NAME=VALUE`.
    private static func policy(_ name: String, _ type: String, _ attributes: String...) -> String {
        var form = "PolicyName=\(name)&PolicyTypeName=\(type)PolicyType"
        for (index, attribute) in attributes.enumerated() {
            let parts = attribute.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let prefix = "PolicyAttributes.member.\(index + 1)"
            form += "&\(prefix).AttributeName=\(parts[0])&\(prefix).AttributeValue=\(parts[1])"
        }
        return form
    }

    private func attributes(_ name: String, _ account: inout TestAccount) throws -> [String: String] {
        let output = try account.classic("DescribeLoadBalancerPolicies", "old", "PolicyNames.member.1=\(name)")
        return try Self.attributes(output)
    }

    private static func attributes(_ output: WireValue) throws -> [String: String] {
        guard case .list(let policies) = output["PolicyDescriptions"],
            case .list(let attributes) = policies.first?["PolicyAttributeDescriptions"]
        else { return [:] }
        var all: [String: String] = [:]
        for attribute in attributes { all[try attribute.text("AttributeName")] = try attribute.text("AttributeValue") }
        return all
    }

    @Test(.covers("CLB-SK-001", "CLB-SK-004", "CLB-AP-009"))
    func `bind clients, once they are set on a listener`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        try account.classic("CreateLBCookieStickinessPolicy", "old", "PolicyName=minute&CookieExpirationPeriod=60")
        try account.classic("CreateLBCookieStickinessPolicy", "old", "PolicyName=session")
        try account.classic("CreateLBCookieStickinessPolicy", "old", "PolicyName=zero&CookieExpirationPeriod=0")
        try account.classic("CreateAppCookieStickinessPolicy", "old", "PolicyName=app&CookieName=JSESSIONID")
        let seen = try account.describe()
        #expect(seen["Policies"]?.count("LBCookieStickinessPolicies") == 3)
        #expect(try seen.text("Policies", "AppCookieStickinessPolicies", 0, "CookieName") == "JSESSIONID")
        #expect(try self.attributes("minute", &account) == ["CookieExpirationPeriod": "60"])
        #expect(try self.attributes("zero", &account) == [:])
        #expect(try self.attributes("app", &account) == ["CookieName": "JSESSIONID"])
        let set = "SetLoadBalancerPoliciesOfListener"
        try account.classic(set, "old", "LoadBalancerPort=80&PolicyNames.member.1=minute")
        try account.classic(set, "old", "LoadBalancerPort=80&PolicyNames.member.1=app")
        #expect(try account.describe().text("ListenerDescriptions", 0, "PolicyNames", 0) == "app")
        #expect(account.classicRefusal(set, "old", "LoadBalancerPort=80&PolicyNames.member.1=none") == "PolicyNotFound")
        #expect(
            account.classicRefusal(set, "old", "LoadBalancerPort=81&PolicyNames.member.1=app") == "ListenerNotFound"
        )
        try account.classic("CreateLoadBalancerListeners", "old", TestAccount.listener("TCP", 81))
        #expect(
            account.classicRefusal(set, "old", "LoadBalancerPort=81&PolicyNames.member.1=app")
                == "InvalidConfigurationRequest"
        )
        try account.classic(set, "old", "LoadBalancerPort=80&PolicyNames=")
        #expect(account.account.classicLoadBalancers["old"]?.balancer.listeners.first?.policies == [])
    }

    @Test(.covers("CLB-AP-005"))
    func `cannot be deleted while something uses them`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        try account.classic("CreateLBCookieStickinessPolicy", "old", "PolicyName=minute")
        let set = "LoadBalancerPort=80&PolicyNames"
        try account.classic("SetLoadBalancerPoliciesOfListener", "old", "\(set).member.1=minute")
        let delete = "DeleteLoadBalancerPolicy"
        #expect(account.classicRefusal(delete, "old", "PolicyName=minute") == "InvalidConfigurationRequest")
        try account.classic("SetLoadBalancerPoliciesOfListener", "old", "\(set)=")
        try account.classic(delete, "old", "PolicyName=minute")
        try account.classic(delete, "old", "PolicyName=minute")
        try account.classic(Self.create, "old", Self.policy("key", "PublicKey", "PublicKey=TUlJ"))
        try account.classic(
            Self.create,
            "old",
            Self.policy("trust", "BackendServerAuthentication", "PublicKeyPolicyName=key")
        )
        #expect(account.classicRefusal(delete, "old", "PolicyName=key") == "InvalidConfigurationRequest")
        try account.classic(delete, "old", "PolicyName=trust")
        try account.classic(delete, "old", "PolicyName=key")
    }

    @Test(.covers("CLB-PP-001", "CLB-PP-006", "CLB-PP-004", "CLB-TL-007", "CLB-TL-008"))
    func `are set on instance ports`() throws {
        var account = TestAccount()
        let arn = try account.serverCertificate()
        try account.classicLoadBalancer()
        let listeners =
            TestAccount.listener("TCP", 81, nil, 81)
            + "&" + TestAccount.listener("HTTPS", 443, "HTTPS", 8443, number: 2, certificate: arn)
        try account.classic("CreateLoadBalancerListeners", "old", listeners)
        try account.classic(Self.create, "old", Self.policy("proxy", "ProxyProtocol", "ProxyProtocol=true"))
        try account.classic(Self.create, "old", Self.policy("key", "PublicKey", "PublicKey=TUlJ"))
        try account.classic(Self.create, "old", Self.policy("key2", "PublicKey", "PublicKey=TUlK"))
        try account.classic(
            Self.create,
            "old",
            Self.policy("trust", "BackendServerAuthentication", "PublicKeyPolicyName=key", "PublicKeyPolicyName=key2")
        )
        let set = "SetLoadBalancerPoliciesForBackendServer"
        try account.classic(set, "old", "InstancePort=81&PolicyNames.member.1=proxy")
        try account.classic(set, "old", "InstancePort=8443&PolicyNames.member.1=trust")
        let seen = try account.describe()
        #expect(try seen.text("BackendServerDescriptions", 0, "PolicyNames", 0) == "proxy")
        #expect(try seen.text("BackendServerDescriptions", 1, "PolicyNames", 0) == "trust")
        func refusal(_ port: Int, _ name: String) -> String? {
            account.classicRefusal(set, "old", "InstancePort=\(port)&PolicyNames.member.1=\(name)")
        }
        #expect(refusal(8443, "proxy") == "InvalidConfigurationRequest")
        #expect(refusal(81, "trust") == "InvalidConfigurationRequest")
        #expect(refusal(8443, "key") == "InvalidConfigurationRequest")
        #expect(refusal(82, "proxy") == "InvalidConfigurationRequest")
        #expect(refusal(81, "none") == "PolicyNotFound")
        #expect(refusal(0, "proxy") == "ValidationError")
        try account.classic(set, "old", "InstancePort=81&PolicyNames=")
        #expect(try account.describe().count("BackendServerDescriptions") == 1)
        try account.classic("DeleteLoadBalancerListeners", "old", "LoadBalancerPorts.member.1=443")
        #expect(try account.describe().count("BackendServerDescriptions") == 0)
    }

    @Test(.covers("CLB-TL-002"))
    func `negotiate as a predefined policy says, or cipher by cipher`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let type = "SSLNegotiation"
        try account.classic(
            Self.create,
            "old",
            Self.policy("given", type, "Reference-Security-Policy=ELBSecurityPolicy-2016-08")
        )
        let given = try self.attributes("given", &account)
        #expect(given["Reference-Security-Policy"] == "ELBSecurityPolicy-2016-08")
        #expect(given["Protocol-TLSv1.2"] == "true")
        #expect(given["Protocol-SSLv3"] == "false")
        #expect(given["AES256-SHA"] == "true")
        #expect(given["RC4-SHA"] == "false")
        // What the API shows can be given back to it.
        let shown = given.sorted { $0.key < $1.key }
        var form = "PolicyName=again&PolicyTypeName=SSLNegotiationPolicyType"
        for (index, pair) in shown.enumerated() {
            form +=
                "&PolicyAttributes.member.\(index + 1).AttributeName=\(pair.key)"
                + "&PolicyAttributes.member.\(index + 1).AttributeValue=\(pair.value)"
        }
        try account.classic(Self.create, "old", form)
        try account.classic(
            Self.create,
            "old",
            Self.policy(
                "mine",
                type,
                "Protocol-TLSv1.2=true",
                "Protocol-TLSv1=false",
                "ECDHE-RSA-AES128-GCM-SHA256=true",
                "Server-Defined-Cipher-Order=true"
            )
        )
        #expect(
            account.account.classicLoadBalancers["old"]?.balancer.policy("mine")?.kind
                == .sslNegotiation(
                    .custom(versions: [.v12], cipherSuites: ["ECDHE-RSA-AES128-GCM-SHA256"], serverOrder: true)
                )
        )
        func refusal(_ attributes: String...) -> String? {
            var policy = "PolicyName=bad&PolicyTypeName=SSLNegotiationPolicyType"
            for (index, attribute) in attributes.enumerated() {
                let parts = attribute.split(separator: "=")
                policy +=
                    "&PolicyAttributes.member.\(index + 1).AttributeName=\(parts[0])"
                    + "&PolicyAttributes.member.\(index + 1).AttributeValue=\(parts[1])"
            }
            return account.classicRefusal(Self.create, "old", policy)
        }
        let cipher = "ECDHE-RSA-AES128-GCM-SHA256=true"
        #expect(refusal() == "InvalidConfigurationRequest")
        #expect(refusal(cipher) == "InvalidConfigurationRequest")
        #expect(refusal("Protocol-TLSv1.2=true", "NULL-SHA=true") == "InvalidConfigurationRequest")
        #expect(refusal("Protocol-TLSv1.2=perhaps", cipher) == "InvalidConfigurationRequest")
        #expect(refusal("Protocol-TLSv1.2=true", "Protocol-TLSv1.2=true", cipher) == "InvalidConfigurationRequest")
        #expect(refusal("Protocol-SSLv3=true", "Protocol-TLSv1.2=true", cipher) == "OperationNotPermitted")
        #expect(refusal("Protocol-TLSv1.2=true", "RC4-SHA=true") == "OperationNotPermitted")
        #expect(refusal("Reference-Security-Policy=mine") == "InvalidConfigurationRequest")
        #expect(
            refusal("Reference-Security-Policy=ELBSecurityPolicy-2016-08", "RC4-SHA=true")
                == "InvalidConfigurationRequest"
        )
    }

    @Test(.covers("CLB-AP-004"))
    func `are refused in AWS's words`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let proxy = Self.policy("proxy", "ProxyProtocol", "ProxyProtocol=true")
        try account.classic(Self.create, "old", proxy)
        #expect(account.classicRefusal(Self.create, "old", proxy) == "DuplicatePolicyName")
        #expect(account.classicRefusal(Self.create, "none", proxy) == "LoadBalancerNotFound")
        #expect(account.classicRefusal(Self.create, "old", Self.policy("a", "Mine")) == "PolicyTypeNotFound")
        let app = "CreateAppCookieStickinessPolicy"
        #expect(account.classicRefusal(app, "old", "PolicyName=proxy&CookieName=c") == "DuplicatePolicyName")
        #expect(account.classicRefusal(app, "old", "PolicyName=a_b&CookieName=c") == "ValidationError")
        #expect(account.classicRefusal(app, "old", "PolicyName=a") == "ValidationError")
        for bad in [
            Self.policy("a", "ProxyProtocol"), Self.policy("a", "ProxyProtocol", "ProxyProtocol=yes"),
            Self.policy("a", "ProxyProtocol", "ProxyProtocol=true", "More=1"), Self.policy("a", "PublicKey"),
            Self.policy("a", "PublicKey", "PublicKey=a"), Self.policy("a", "AppCookieStickiness"),
            Self.policy("a", "LBCookieStickiness", "CookieExpirationPeriod=soon"),
            Self.policy("a", "BackendServerAuthentication"),
            Self.policy("a", "BackendServerAuthentication", "PublicKeyPolicyName=proxy"),
        ] {
            #expect(account.classicRefusal(Self.create, "old", bad) == "InvalidConfigurationRequest", "\(bad)")
        }
        for number in 1..<100 {
            try account.classic(Self.create, "old", Self.policy("p\(number)", "ProxyProtocol", "ProxyProtocol=true"))
        }
        #expect(
            account.classicRefusal(Self.create, "old", Self.policy("last", "ProxyProtocol", "ProxyProtocol=true"))
                == "TooManyPolicies"
        )
    }

    @Test(.covers("CLB-TL-001", "CLB-TL-002", "CLB-TL-003"))
    func `that AWS predefines are described without a load balancer`() throws {
        var account = TestAccount()
        let all = try account.perform("Action=DescribeLoadBalancerPolicies", .elb)
        #expect(all.count("PolicyDescriptions") == ClassicSecurityPolicy.all.count)
        let describe = "Action=DescribeLoadBalancerPolicies&PolicyNames.member.1="
        let modern = try Self.attributes(try account.perform("\(describe)ELBSecurityPolicy-TLS-1-2-2017-01", .elb))
        #expect(modern["Protocol-TLSv1.2"] == "true")
        #expect(modern["Protocol-TLSv1.1"] == "false")
        #expect(modern["Server-Defined-Cipher-Order"] == "true")
        #expect(modern.values.count(where: { $0 == "true" }) == 14)
        let old = try Self.attributes(try account.perform("\(describe)ELBSecurityPolicy-2011-08", .elb))
        #expect(old["Server-Defined-Cipher-Order"] == "false")
        #expect(account.refusal("\(describe)mine", .elb) == "PolicyNotFound")
        try account.classicLoadBalancer()
        #expect(
            account.classicRefusal(
                "DescribeLoadBalancerPolicies",
                "old",
                "PolicyNames.member.1=ELBSecurityPolicy-2016-08"
            )
                == "PolicyNotFound"
        )
        #expect(account.classicRefusal("DescribeLoadBalancerPolicies", "none") == "LoadBalancerNotFound")
    }

    @Test func `have types, which are described`() throws {
        var account = TestAccount()
        let all = try account.perform("Action=DescribeLoadBalancerPolicyTypes", .elb)
        #expect(all.count("PolicyTypeDescriptions") == 6)
        let one = try account.perform(
            "Action=DescribeLoadBalancerPolicyTypes&PolicyTypeNames.member.1=ProxyProtocolPolicyType",
            .elb
        )
        let attribute = "PolicyAttributeTypeDescriptions"
        #expect(try one.text("PolicyTypeDescriptions", 0, attribute, 0, "AttributeType") == "Boolean")
        #expect(try one.text("PolicyTypeDescriptions", 0, attribute, 0, "Cardinality") == "ONE")
        #expect(
            account.refusal("Action=DescribeLoadBalancerPolicyTypes&PolicyTypeNames.member.1=x", .elb)
                == "PolicyTypeNotFound"
        )
    }
}
