import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `A rule's transforms` {
    private static let path =
        "Transforms.member.1.Type=url-rewrite&Transforms.member.1.UrlRewriteConfig.Rewrites.member.1.Regex=^/api/(.*)$"
        + "&Transforms.member.1.UrlRewriteConfig.Rewrites.member.1.Replace=/$1"

    @Test(.covers("ALB-XFRM-014")) func `stay, are replaced, or are all taken away, one of these at a time`() throws {
        var account = TestAccount()
        let group = try account.targetGroup()
        let rule = try account.rule(account.listener(account.loadBalancer()), priority: 1, to: group)
        let modify = "Action=ModifyRule&RuleArn=\(rule)"

        try account.perform("\(modify)&\(Self.path)")
        let given = try #require(account.account.rules[rule]?.rule.transforms)
        #expect(given == [RuleTransform(.urlRewrite, rewrites: [.init(regex: "^/api/(.*)$", replace: "/$1")])])

        #expect(account.refusal("\(modify)&\(Self.path)&ResetTransforms=true") == "ValidationError")
        try account.perform("\(modify)&\(TestAccount.actions(group, "Actions"))")
        #expect(account.account.rules[rule]?.rule.transforms == given)

        // What is false resets nothing.
        try account.perform("\(modify)&ResetTransforms=false")
        #expect(account.account.rules[rule]?.rule.transforms == given)
        try account.perform("\(modify)&ResetTransforms=true")
        #expect(account.account.rules[rule]?.rule.transforms == [])
    }
}
