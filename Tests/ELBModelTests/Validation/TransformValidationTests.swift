import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Validation of transforms` {
    private static func rule(_ transforms: [RuleTransform]) -> ListenerRule {
        ListenerRule(
            priority: 1,
            conditions: [.pathPattern(.patterns(["/*"]))],
            actions: [.fixedResponse(FixedResponseAction(statusCode: 200))],
            transforms: transforms
        )
    }

    private static func url(_ regex: String, _ replace: String = "/") -> [RuleTransform] {
        [RuleTransform(.urlRewrite, regex: regex, replace: replace)]
    }

    private static let long = String(repeating: "a", count: 1025)

    @Test(
        .covers("ALB-XFRM-001", "ALB-XFRM-002"),
        arguments: [
            Verdict(url("^/a$")), Verdict(url("^/a/(.*)$", "/$1")), Verdict(url(String(repeating: "a", count: 1024))),
            Verdict(url("a", String(repeating: "a", count: 1024))), Verdict(url("a", "")),
            Verdict(url("^/a") + [RuleTransform(.hostHeaderRewrite, regex: "a", replace: "b")]),
            Verdict(url("^/a") + url("^/b"), "Transforms[1]"),
            Verdict(url(""), "Transforms[0].UrlRewriteConfig.Rewrites[0].Regex"),
            Verdict(url(long), "Transforms[0].UrlRewriteConfig.Rewrites[0].Regex"),
            Verdict(url("a", long), "Transforms[0].UrlRewriteConfig.Rewrites[0].Replace"),
            Verdict(url("a", "/\r\nX: y"), "Transforms[0].UrlRewriteConfig.Rewrites[0].Replace"),
            Verdict(url("(a"), "Transforms[0].UrlRewriteConfig.Rewrites[0].Regex"),
            Verdict(url("(?=a)"), "Transforms[0].UrlRewriteConfig.Rewrites[0].Regex"),
            Verdict(url("(a)\\1"), "Transforms[0].UrlRewriteConfig.Rewrites[0].Regex"),
            Verdict(
                [RuleTransform(.hostHeaderRewrite, rewrites: [])],
                "Transforms[0].HostHeaderRewriteConfig.Rewrites"
            ),
            // How big an expression is shows when it is used (ALB-XFRM-011).
            Verdict(url("((a{100}){100}){100}")),
        ]
    )
    private func `refuses what AWS refuses`(transforms: Verdict<[RuleTransform]>) {
        let errors = Self.rule(transforms.value).validate()
        #expect(errors.map(\.property) == (transforms.property.map { [$0] } ?? []))
        #expect(errors.allSatisfy { $0.code == .validationError })
    }
}
