package import ELBModel

extension ELBv2 {
    package struct DescribeAccountLimits: ELBv2Command {
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.page = try Page(&input)
        }
    }

    package struct DescribeSSLPolicies: ELBv2Command {
        package var names: [String]?
        package var kind: LoadBalancer.Kind
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.names = input.texts("Names")
            self.kind = input.text("LoadBalancerType").flatMap(LoadBalancer.Kind.init) ?? .application
            self.page = try Page(&input)
        }
    }

    package struct DescribeCapacityReservation: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("LoadBalancerArn")
        }
    }
}

extension WireValue {
    package static func sslPolicy(_ policy: SecurityPolicy) -> Self {
        let ciphers = policy.cipherSuites.enumerated().map { index, suite -> WireValue in
            ["Name": .text(suite.name), "Priority": .integer(index + 1)]
        }
        return [
            "SslProtocols": .texts(policy.versions.map(\.name)),
            "Ciphers": .list(ciphers),
            "Name": .text(policy.name),
            "SupportedLoadBalancerTypes": ["application", "network"],
        ]
    }
}
