import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Validation of actions` {
    private typealias Action = Verdict<RuleAction>

    private static func errors(_ actions: [RuleAction], listenerProtocol: Listener.Proto = .http) -> [ModelError] {
        let rule = ListenerRule(priority: 1, conditions: [.httpRequestMethod(["GET"])], actions: actions)
        return rule.validate(listenerProtocol: listenerProtocol)
    }

    private static func check(_ action: Action) {
        let expected = action.property.map { ["Actions[0].\($0)"] } ?? []
        #expect(Self.errors([action.value]).map(\.property) == expected)
    }

    private static func redirect(
        _ `protocol`: String? = nil,
        _ host: String? = nil,
        _ port: String? = "81",
        _ path: String? = nil,
        _ query: String? = nil
    ) -> RuleAction {
        .redirect(
            RedirectAction(protocol: `protocol`, host: host, port: port, path: path, query: query, statusCode: .found)
        )
    }

    private static func forward(_ weights: Int...) -> RuleAction {
        .forward(
            ForwardAction(
                targetGroups: weights.enumerated().map {
                    .init(TargetGroupID(rawValue: "g\($0.offset)"), weight: $0.element)
                }
            )
        )
    }

    private static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    @Test(
        .covers("ALB-RDR-003", "ALB-RDR-005", "ALB-RDR-006", "ALB-RDR-007", "ALB-RDR-010", "ALB-RDR-012"),
        arguments: [
            Action(redirect("HTTPS")), Action(redirect("HTTP")), Action(redirect("#{protocol}")),
            Action(redirect("https"), "RedirectConfig.Protocol"), Action(redirect("FTP"), "RedirectConfig.Protocol"),
            Action(redirect(nil, nil, "1")), Action(redirect(nil, nil, "65535")),
            Action(redirect(nil, nil, "0"), "RedirectConfig.Port"),
            Action(redirect(nil, nil, "65536"), "RedirectConfig.Port"),
            Action(redirect(nil, nil, "+1"), "RedirectConfig.Port"),
            Action(redirect(nil, letters(128))), Action(redirect(nil, letters(129)), "RedirectConfig.Host"),
            Action(redirect(nil, ""), "RedirectConfig.Host"), Action(redirect(nil, "a\r\nb"), "RedirectConfig.Host"),
            Action(redirect(nil, nil, nil, "/" + letters(127))),
            Action(redirect(nil, nil, nil, "/" + letters(128)), "RedirectConfig.Path"),
            Action(redirect(nil, nil, nil, "new"), "RedirectConfig.Path"),
            Action(redirect(nil, nil, "81", nil, letters(128))),
            Action(redirect(nil, nil, "81", nil, letters(129)), "RedirectConfig.Query"),
            Action(redirect(nil, "#{host}x")), Action(redirect(nil, "#{path}"), "RedirectConfig.Host"),
            Action(redirect(nil, nil, nil, "/#{host}/#{port}/#{path}")),
            Action(redirect(nil, nil, nil, "/#{query}"), "RedirectConfig.Path"),
            Action(redirect(nil, nil, nil, "/#{protocol}"), "RedirectConfig.Path"),
            Action(redirect(nil, nil, "81", nil, "#{protocol}#{host}#{port}#{path}#{query}")),
            Action(redirect(nil, nil, "81", nil, "#{foo}"), "RedirectConfig.Query"),
            Action(redirect(nil, nil, "81", nil, "#{path"), "RedirectConfig.Query"),
            Action(redirect(nil, nil, nil), "RedirectConfig"),
            Action(redirect(nil, nil, nil, nil, "x=1"), "RedirectConfig"),
            Action(redirect("#{protocol}", "#{host}", "#{port}", "/#{path}", "#{query}"), "RedirectConfig"),
        ]
    )
    private func `judges redirects`(action: Action) {
        Self.check(action)
    }

    @Test(.covers("ALB-RDR-004")) func `lets no redirect lead from HTTPS to HTTP`() {
        #expect(
            Self.errors([Self.redirect("HTTP")], listenerProtocol: .https).map(\.code) == [.invalidLoadBalancerAction]
        )
        #expect(Self.errors([Self.redirect("HTTPS")], listenerProtocol: .https).isEmpty)
    }

    @Test(
        .covers("ALB-FIX-001", "ALB-FIX-002", "ALB-FIX-003"),
        arguments: [
            (199, false), (200, true), (299, true), (301, false), (399, false), (400, true), (499, true), (500, true),
            (599, true), (600, false),
            (100, false), (-200, false), (20, false),
        ]
    )
    func `judges the status of fixed responses`(status: Int, isAllowed: Bool) {
        let errors = Self.errors([.fixedResponse(FixedResponseAction(statusCode: status))])
        #expect(errors.map(\.property) == (isAllowed ? [] : ["Actions[0].FixedResponseConfig.StatusCode"]))
    }

    @Test(
        .covers("ALB-FIX-002", "ALB-FIX-003"),
        arguments: [
            Action(.fixedResponse(.init(statusCode: 200, contentType: "application/json", messageBody: letters(1024)))),
            Action(
                .fixedResponse(.init(statusCode: 200, messageBody: letters(1025))),
                "FixedResponseConfig.MessageBody"
            ),
            Action(.fixedResponse(.init(statusCode: 200, contentType: "image/png")), "FixedResponseConfig.ContentType"),
        ]
    )
    private func `judges the content of fixed responses`(action: Action) {
        Self.check(action)
    }

    @Test(
        .covers("ALB-FWD-002", "ALB-FWD-003"),
        arguments: [
            Action(forward(0)), Action(forward(999, 1, 1, 1, 1)),
            Action(forward(1, 1000), "ForwardConfig.TargetGroups[1].Weight"),
            Action(forward(-1), "ForwardConfig.TargetGroups[0].Weight"),
            Action(forward(1, 1, 1, 1, 1, 1), "ForwardConfig.TargetGroups"),
            Action(forward(), "ForwardConfig.TargetGroups"),
        ]
    )
    private func `judges forwards`(action: Action) {
        Self.check(action)
    }

    @Test(.covers("ALB-RULE-014")) func `wants exactly one routing action`() {
        #expect(Self.errors([]).map(\.property) == ["Actions"])
        #expect(Self.errors([Self.forward(1), Self.redirect()]).map(\.code) == [.invalidLoadBalancerAction])
    }
}
