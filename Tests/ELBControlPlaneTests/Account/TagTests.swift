import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Tags of an account` {
    private func tags(of arn: String, _ account: inout TestAccount) throws -> [String] {
        let output = try account.perform("Action=DescribeTags&ResourceArns.member.1=\(arn)")
        #expect(try output.text("TagDescriptions", 0, "ResourceArn") == arn)
        guard case .list(let descriptions) = output["TagDescriptions"] else { return [] }
        return try (0..<(descriptions.first?.count("Tags") ?? 0)).map { index in
            let key = try output.text("TagDescriptions", 0, "Tags", index, "Key")
            return "\(key)=\(try output.text("TagDescriptions", 0, "Tags", index, "Value"))"
        }
    }

    @Test func `come, change and go on every kind of resource`() throws {
        var account = TestAccount()
        let group = try account.targetGroup()
        let balancer = try account.loadBalancer()
        let listener = try account.listener(balancer, to: group)
        let rule = try account.rule(listener, priority: 1)
        for arn in [group, balancer, listener, rule] {
            #expect(try self.tags(of: arn, &account).isEmpty)
            let add = "Action=AddTags&ResourceArns.member.1=\(arn)&Tags.member.1.Key=team&Tags.member.1.Value="
            try account.perform("\(add)shop&Tags.member.2.Key=stage&Tags.member.2.Value=test")
            try account.perform("\(add)till")
            #expect(try self.tags(of: arn, &account) == ["team=till", "stage=test"])
            try account.perform(
                "Action=RemoveTags&ResourceArns.member.1=\(arn)&TagKeys.member.1=team&TagKeys.member.2=x"
            )
            #expect(try self.tags(of: arn, &account) == ["stage=test"])
        }
    }

    @Test func `are given with what is created`() throws {
        var account = TestAccount()
        let group = try account.targetGroup("one", "&Tags.member.1.Key=team&Tags.member.1.Value=shop")
        #expect(try self.tags(of: group, &account) == ["team=shop"])
    }

    @Test func `are refused in AWS's words`() throws {
        var account = TestAccount()
        let group = try account.targetGroup()
        let balancer = try account.loadBalancer()
        func add(_ arn: String, _ tags: String) -> String { "Action=AddTags&ResourceArns.member.1=\(arn)&\(tags)" }
        let tag = "Tags.member.1.Key=a&Tags.member.1.Value=b"
        let many = (1...50).map { "Tags.member.\($0).Key=k\($0)" }.joined(separator: "&")
        try account.perform(add(group, many))
        #expect(account.refusal(add(group, tag)) == "TooManyTags")
        #expect(account.refusal(add(balancer, "\(tag)&Tags.member.2.Key=a")) == "DuplicateTagKeys")
        #expect(account.refusal(add(balancer, "Tags.member.1.Key=aws:a")) == "ValidationError")
        #expect(account.refusal(add("\(balancer)0", tag)) == "LoadBalancerNotFound")
        #expect(account.refusal(add("\(group)0", tag)) == "TargetGroupNotFound")
        let listener = try account.listener(balancer)
        #expect(account.refusal(add("\(listener)0", tag)) == "ListenerNotFound")
        let rule = try account.rule(listener, priority: 1)
        #expect(account.refusal(add("\(rule)0", tag)) == "RuleNotFound")
        let store = balancer.replacing("loadbalancer/app", with: "truststore")
        #expect(account.refusal(add(store, tag)) == "TrustStoreNotFound")
        #expect(account.refusal(add("arn:aws:s3:::web", tag)) == "ValidationError")
        // All or nothing.
        #expect(
            account.refusal("Action=AddTags&ResourceArns.member.1=\(balancer)&ResourceArns.member.2=\(group)0&\(tag)")
                == "TargetGroupNotFound"
        )
        let arns = (1...21).map { "ResourceArns.member.\($0)=\(group)" }.joined(separator: "&")
        #expect(account.refusal("Action=DescribeTags&\(arns)") == "ValidationError")
    }
}
