internal import ELBFleet
internal import ELBModel

/// Connections of clients and to targets: how long they last, and who shares them.
enum ConnectionChecks {
    static let all = [Self.keepAlive, Self.pipelining, Self.oldClients, Self.targetCloses, Self.shared]

    private static let feature = "alb.http.connections"

    private static let keepAlive = Check(
        "http.connection.keep-alive",
        "A client's HTTP/1.1 connection stays open after an answer, unless it asks for close.",
        rows: ["ALB-HTTP-021", "ALB-CONN-006"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.keepAliveNever],
        lookAt: "what decides whether a client's connection is closed"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let exchanges = await scene.sendInOrder(Array(repeating: "/", count: 5), to: listener)
        let opened = try exchanges.map { try scene.expect($0, reached: web).response.openedConnection }
        try scene.expect(
            opened == [true, false, false, false, false],
            tried: "five requests one after another",
            expected: "one connection",
            actual: "\(opened.count { $0 }) connections"
        )
        let closing = await scene.sendRaw(
            "GET / HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n\r\n",
            to: listener,
            answers: 2,
            within: .seconds(3)
        )
        try scene.expect(
            closing.end == .closed && closing.answers(to: ["GET"]).map(\.status) == [200],
            tried: "a request with Connection: close",
            expected: "an answer, then the end of the connection",
            actual: closing.end == nil ? "the connection stays open" : "\(closing.answers(to: ["GET"]).count) answers"
        )
    }

    private static let pipelining = Check(
        "http.connection.pipelining",
        "Pipelined requests are accepted, answered in order, and never sent to a target before the last is answered.",
        rows: ["ALB-HTTP-014", "ALB-HTTP-015"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.keepAliveNever],
        lookAt: "what is done with bytes behind the first request"
    ) { scene in
        let web = try await scene.group("web", backends: 2)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let words = scene.random { random in (0..<4).map { _ in random.letters(6) } }
        // The first takes longest: answers in the order of completion would show.
        let requests = words.enumerated().map { index, word in
            "GET /?elb-delay=\(index == 0 ? 150 : 0)&elb-header=X-Word:\(word) HTTP/1.1\r\nHost: a.example.com\r\n\r\n"
        }
        let methods = Array(repeating: "GET", count: 4)
        let outcome = await scene.sendRaw(requests.joined(), to: listener, methods: methods, answers: 4)
        let answers = outcome.answers(to: methods)
        try scene.expect(
            answers.map { $0.header("X-Word") ?? "" } == words,
            tried: "four requests in one piece",
            expected: "four answers in their order",
            actual: "\(answers.count) answers: \(answers.map { $0.header("X-Word") ?? "\($0.status)" })",
            evidence: [.init("client", String(decoding: outcome.received.prefix(2000), as: UTF8.self))]
        )
        var records: [RequestRecord] = []
        for backend in web.backends { records += await backend.records().filter { $0.kind == .traffic } }
        records.sort { $0.monotonicNanoseconds < $1.monotonicNanoseconds }
        // The first is held for 150 ms before it is answered, so no other can have been read earlier than that.
        let overlaps = records.dropFirst().contains {
            $0.monotonicNanoseconds < records[0].monotonicNanoseconds + 140_000_000
        }
        try scene.expect(
            !overlaps,
            tried: "four requests in one piece",
            expected: "each reaches a target after the one before is answered",
            actual: "a target read one while another was in progress"
        )
    }

    private static let oldClients = Check(
        "http.connection.http-1.0",
        "An HTTP/1.0 client is answered and its connection closed, unless it negotiates keep-alive.",
        rows: ["ALB-CONN-006", "ALB-HTTP-001"],
        level: .provisional,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.keepAliveNever],
        lookAt: "which version of the protocol the client speaks"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let plain = await scene.sendRaw(
            "GET /?elb-chunked=1 HTTP/1.0\r\nHost: a.example.com\r\n\r\n",
            to: listener,
            answers: 2,
            within: .seconds(3)
        )
        let answer = plain.answers(to: ["GET"]).first
        try scene.expect(
            answer?.status == 200 && plain.end == .closed && answer?.header("Transfer-Encoding") == nil,
            tried: "GET by HTTP/1.0 of an answer in chunks",
            expected: "200 without chunks, then the end of the connection",
            actual: String(decoding: plain.received.prefix(300), as: UTF8.self).debugDescription
        )
        let line = "GET / HTTP/1.0\r\nHost: a.example.com\r\nConnection: keep-alive\r\n\r\n"
        let kept = await scene.sendRaw(line + line, to: listener, methods: ["GET", "GET"], answers: 2)
        try scene.expect(
            kept.answers(to: ["GET", "GET"]).map(\.status) == [200, 200],
            tried: "two requests by HTTP/1.0 with keep-alive",
            expected: "two answers on one connection",
            actual: "\(kept.answers(to: ["GET", "GET"]).count)"
        )
    }

    private static let targetCloses = Check(
        "http.connection.target-closes",
        "A target's Connection: close ends its own connection, not the client's.",
        rows: ["ALB-CONN-009", "ALB-HTTP-023"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.keepAliveNever],
        lookAt: "which of the two connections a header of the answer speaks of"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let exchanges = await scene.sendInOrder(Array(repeating: "/?elb-close=1", count: 4), to: listener)
        let found = try exchanges.map { try scene.expect($0, reached: web) }
        let connections = Set(found.map(\.record.connection)).count
        let opened = found.count { $0.response.openedConnection }
        try scene.expect(
            connections == 4 && opened == 1,
            tried: "four requests whose answers close the target's connection",
            expected: "four connections to the target, one of the client",
            actual: "\(connections) to the target, \(opened) of the client"
        )
    }

    private static let shared = Check(
        "http.connection.reused",
        "Connections to targets are kept and reused, also by requests of different clients.",
        rows: ["ALB-CONN-007", "ALB-CONN-008"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.upstreamNeverReused],
        lookAt: "what becomes of the connection to the target after an answer"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        var connections: Set<Int> = []
        for index in 1...4 {
            let exchange = await scene.send("GET", "/", to: listener) { request in
                request.interface = "127.200.0.\(index)"
                request.connection = .fresh
            }
            connections.insert(try scene.expect(exchange, reached: web).record.connection)
        }
        try scene.expect(
            connections.count < 4,
            tried: "four clients, one after another",
            expected: "a connection to the target serves more than one",
            actual: "four connections to the target"
        )
    }
}
