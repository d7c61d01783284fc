internal import ELBFleet
internal import ELBModel

/// What the client gets of a target's answer.
enum RelayChecks {
    static let all = [Self.answer, Self.ownErrors, Self.noContent, Self.head]

    private static let feature = "alb.http.relay"

    private static let answer = Check(
        "http.relay.answer",
        "Status, headers and body of a target's answer reach the client.",
        rows: ["ALB-ERR-002"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.responseHeadersDropped],
        lookAt: "which headers of the answer are copied"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let word = scene.random { $0.letters(8) }
        let path = "/?elb-status=201&elb-header=X-Word:\(word)&elb-header=Set-Cookie:a=1&elb-header=Set-Cookie:b=2"
        let exchange = await scene.send("GET", path, to: listener)
        let response = try scene.expect(exchange, reached: web).response
        try scene.expect("status", of: exchange, response.status, is: 201)
        try scene.expect("X-Word", of: exchange, response.header("X-Word"), is: word)
        let cookies = response.headers.filter { $0.name.lowercased() == "set-cookie" }.map(\.value)
        try scene.expect("Set-Cookie", of: exchange, cookies, is: ["a=1", "b=2"])
    }

    private static let ownErrors = Check(
        "http.relay.target-errors",
        "Errors that a target itself produces are relayed untouched.",
        rows: ["ALB-ERR-002"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.responseHeadersDropped],
        lookAt: "whether a target's 5xx is taken for the balancer's"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for status in [400, 404, 500, 502, 503, 504] {
            let path = "/?elb-status=\(status)&elb-header=X-From:target&elb-body-bytes=70"
            let exchange = await scene.send("GET", path, to: listener)
            let response = try scene.expect(exchange, reached: web).response
            try scene.expect("status", of: exchange, response.status, is: status)
            try scene.expect("X-From", of: exchange, response.header("X-From"), is: "target")
            try scene.expect("bytes of the body", of: exchange, response.body.count, is: 70)
        }
    }

    private static let noContent = Check(
        "http.relay.no-body",
        "204 and 304 have no body, and the connection goes on after them.",
        rows: ["ALB-ERR-002", "ALB-CONN-006"],
        level: .provisional,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.keepAliveNever],
        lookAt: "where an answer without a body ends"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let exchanges = await scene.sendInOrder(["/?elb-status=204", "/?elb-status=304", "/"], to: listener)
        let responses = try exchanges.map { try scene.expect($0, reached: web).response }
        try scene.expect(
            responses.map(\.status) == [204, 304, 200] && responses.map(\.openedConnection) == [true, false, false]
                && responses[0].body.isEmpty && responses[1].body.isEmpty,
            tried: "204, 304 and 200 on one connection",
            expected: "three answers on one connection, two without a body",
            actual: responses.map {
                "\($0.status) (\($0.body.count) bytes\($0.openedConnection ? ", new connection" : ""))"
            }
            .joined(separator: ", ")
        )
    }

    private static let head = Check(
        "http.relay.head",
        "HEAD reaches the target as HEAD; its answer's length is told and no body follows.",
        rows: ["ALB-HTTP-016"],
        feature: Self.feature,
        reference: .listeners,
        kills: [.responseHeadersDropped],
        lookAt: "where the answer to HEAD ends"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let exchange = await scene.send("HEAD", "/?elb-body-bytes=4321&elb-header=X-Word:kept", to: listener)
        let (response, record) = try scene.expect(exchange, reached: web)
        try scene.expect("method at the target", of: exchange, record.method, is: "HEAD")
        try scene.expect("Content-Length", of: exchange, response.header("Content-Length"), is: "4321")
        try scene.expect("X-Word", of: exchange, response.header("X-Word"), is: "kept")
        try scene.expect("bytes of the body", of: exchange, response.body.count, is: 0)
    }
}
