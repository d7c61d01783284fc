import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import FoundationEssentials
import Testing

/// One of botocore's examples of the classic API, as fixtures/aws-models/examples.py wrote it. It is somebody else's account, whose
/// ids count as existing (`--foreign-ids accept`).
struct ClassicExample: Decodable, CustomTestStringConvertible {
    var service: String
    var operation: String
    var request: String
    var response: String

    var testDescription: String { "\(self.operation) \(self.request.prefix(60))" }

    static let all: [ClassicExample] = {
        let levels = #filePath.split(separator: "/").dropLast(5)
        let path = "/" + levels.joined(separator: "/") + "/fixtures/aws-models/examples.json"
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { return [] }
        return (try? JSONDecoder().decode([ClassicExample].self, from: data))?.filter { $0.service == "elb" } ?? []
    }()

    /// The request without its version, in the lab's Region.
    var form: String {
        var form = self.request.replacing("&Version=2012-06-01", with: "").replacing(
            "us-west-2",
            with: "ap-northeast-2"
        )
        // The example sets a policy of TLS on a listener of port 80, of which another example says that it speaks HTTP.
        if self.operation == "SetLoadBalancerPoliciesOfListener" {
            form = form.replacing("LoadBalancerPort=80", with: "LoadBalancerPort=443")
        }
        return form
    }
}

@Suite(.timeLimit(.minutes(1))) struct `AWS's examples of the classic API` {
    private static let name = "my-load-balancer"

    /// The account that the examples come from, or what there was of it before the example.
    private static func account(before operation: String) throws -> TestAccount {
        var account = TestAccount()
        account.acceptsForeignIDs = true
        guard operation != "CreateLoadBalancer" else { return account }
        let listeners =
            TestAccount.listener("HTTP", 80, nil, 80)
            + "&"
            + TestAccount.listener(
                "HTTPS",
                443,
                "HTTP",
                80,
                number: 2,
                certificate: "arn:aws:iam::123456789012:server-certificate/my-server-cert"
            )
        let subnets = "Subnets.member.1=subnet-15aaab61&Subnets.member.2=subnet-0ecac448"
        try account.classic(
            "CreateLoadBalancer",
            Self.name,
            "\(listeners)&\(subnets)&SecurityGroups.member.1=sg-a61988c3"
        )
        let instances = ["i-d6f6fae3", "i-207d9717", "i-afefb49b"].enumerated()
            .map { "Instances.member.\($0.offset + 1).InstanceId=\($0.element)" }.joined(separator: "&")
        try account.classic("RegisterInstancesWithLoadBalancer", Self.name, instances)
        guard !operation.hasPrefix("Create") || operation == "CreateLoadBalancerPolicy" else { return account }
        for form in ClassicExample.all.filter({ $0.operation == "CreateLoadBalancerPolicy" }).map(\.form) {
            // An example that makes a policy must find the one that it refers to, and not itself.
            if operation == "CreateLoadBalancerPolicy", !form.contains("PolicyName=my-PublicKey-policy") { continue }
            try account.perform(form, .elb)
        }
        try account.classic(
            "CreateLBCookieStickinessPolicy",
            Self.name,
            "PolicyName=my-duration-cookie-policy&CookieExpirationPeriod=60"
        )
        try account.classic("CreateAppCookieStickinessPolicy", Self.name, "PolicyName=app&CookieName=my-app-cookie")
        try account.classic(
            "CreateLoadBalancerPolicy",
            Self.name,
            "PolicyName=my-SSLNegotiation-policy&PolicyTypeName=SSLNegotiationPolicyType"
                + "&PolicyAttributes.member.1.AttributeName=Reference-Security-Policy"
                + "&PolicyAttributes.member.1.AttributeValue=ELBSecurityPolicy-2015-03"
        )
        guard operation != "CreateLoadBalancerPolicy" else { return account }
        try account.classic(
            "SetLoadBalancerPoliciesForBackendServer",
            Self.name,
            "InstancePort=80&PolicyNames.member.1=my-ProxyProtocol-policy"
        )
        try account.perform(
            "Action=AddTags&LoadBalancerNames.member.1=\(Self.name)&Tags.member.1.Key=project&Tags.member.1.Value=lima",
            .elb
        )
        return account
    }

    @Test func `are 36`() {
        #expect(ClassicExample.all.count == 36)
        let operations = Set(ClassicExample.all.map(\.operation))
        // All but DescribeAccountLimits.
        #expect(operations.count == 28)
    }

    @Test(.covers("CLB-AP-001", "CLB-AP-002"), arguments: ClassicExample.all)
    func `are carried out`(example: ClassicExample) throws {
        var account = try Self.account(before: example.operation)
        if example.form.contains("PolicyName=my-PublicKey-policy&") {
            try account.classic("DeleteLoadBalancerPolicy", Self.name, "PolicyName=my-PublicKey-policy")
        }
        let output = try account.perform(example.form, .elb)
        let response = APIResponse(output, of: OperationName(.elb, example.operation), requestID: "1")
        #expect(response.status == 200)
        // Nothing that AWS tells is missing.
        #expect(Self.elements(example.response).subtracting(Self.elements(response.body)) == [])
    }

    /// The names of all elements.
    private static func elements(_ xml: String) -> Set<String> {
        Set(xml.split(separator: "<").map { String($0.prefix { $0.isLetter || $0 == "/" }) })
    }
}
