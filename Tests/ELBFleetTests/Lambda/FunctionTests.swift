import ELBFleet
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A function of the fleet` {
    private static let arn = "arn:aws:lambda:ap-northeast-2:123456789012:function:hello"

    private static func description(
        _ code: LambdaFunction.Code,
        timeout: Int = 20,
        concurrency: Int = 8,
        permissions: [LambdaFunction.Permission] = []
    ) -> BackendDescription {
        var description = BackendDescription(
            LambdaFunction(
                arn: Self.arn,
                name: "Hello",
                endpoint: Endpoint(address: .loopback, port: 3001),
                code: code,
                timeoutSeconds: timeout,
                concurrency: concurrency,
                environment: ["GREETING": "hi"],
                permissions: permissions
            )
        )
        description.ports = [0]
        return description
    }

    /// Head and body of the Invoke API's answer.
    private static func invoke(
        _ backend: Backend,
        _ event: String = #"{"a":1}"#,
        name: String = "hello",
        fields: [String] = []
    ) async throws -> RawHTTP.Answer {
        try await RawHTTP.send(
            "POST /2015-03-31/functions/\(name)/invocations",
            port: backend.port,
            headers: fields,
            body: event
        )
    }

    private static func python(_ body: String, timeout: Int = 20) -> BackendDescription {
        let source = "import json, os, sys, time\ndef handler(event, context):\n    \(body)\n"
        return Self.description(.inline(source: source, runtime: .python, handler: "index.handler"), timeout: timeout)
    }

    @Test func `runs inline Python`() async throws {
        let body = #"return {"event": event, "greeting": os.environ["GREETING"], "name": context.function_name}"#
        try await withBackend(Self.python(body)) { backend in
            let answer = try await Self.invoke(backend)
            #expect(answer.status == 200)
            #expect(answer.body == #"{"event": {"a": 1}, "greeting": "hi", "name": "hello"}"#)
            #expect(answer.head.contains("X-Amz-Executed-Version: $LATEST"))
            #expect(!answer.head.contains("X-Amz-Function-Error"))
            let record = try #require(await backend.records().first)
            #expect(record.body.text == #"{"a":1}"#)
            #expect(record.outcome == .answered)
        }
    }

    @Test func `keeps what it prints apart from what it answers`() async throws {
        try await withBackend(Self.python("print('noise'); os.system('echo more'); return 5")) { backend in
            let answer = try await Self.invoke(backend, fields: ["X-Amz-Log-Type: Tail"])
            #expect(answer.body == "5")
            // "noise\nmore\n", in whatever order the two were flushed.
            #expect(answer.head.contains("X-Amz-Log-Result: "))
            #expect(!answer.head.contains("X-Amz-Log-Result: \r\n"))
        }
    }

    @Test(.covers("ALB-LMB-021"), arguments: ["raise KeyError('k')", "return {1, 2}", "sys.exit(0)", "syntax error"])
    func `says that it failed`(body: String) async throws {
        try await withBackend(Self.python(body)) { backend in
            let answer = try await Self.invoke(backend)
            #expect(answer.status == 200)
            #expect(answer.head.contains("X-Amz-Function-Error: Unhandled"))
            #expect(answer.body.contains("errorMessage"))
            #expect(answer.body.contains("errorType"))
        }
    }

    @Test(.covers("ALB-LMB-021"))
    func `ends with its time, and with all that it started`() async throws {
        let marker = "97531.\(UInt32.random(in: 1...1_000_000))"
        let body = "os.system('sleep \(marker) & sleep \(marker)'); return 1"
        try await withBackend(Self.python(body, timeout: 1)) { backend in
            let answer = try await Self.invoke(backend)
            #expect(answer.head.contains("X-Amz-Function-Error: Unhandled"))
            #expect(answer.body.contains("Task timed out after 1.00 seconds"))
        }
        #expect(!Self.isRunning(marker))
    }

    @Test func `leaves nothing behind when its backend stops`() async throws {
        let marker = "86420.\(UInt32.random(in: 1...1_000_000))"
        let backend = try await Backend.start(Self.description(.command(["sleep", marker]), timeout: 900))
        async let answer = Self.invoke(backend)
        _ = try await backend.waitForRecords(count: 1, settled: false)
        while !Self.isRunning(marker) { await Task.yield() }
        await backend.stop()
        while Self.isRunning(marker) { await Task.yield() }
        _ = try? await answer
    }

    /// Whether any process has this text among its arguments.
    private static func isRunning(_ marker: String) -> Bool {
        ProcessTable.commandLines().contains { $0.contains(marker) && $0.hasPrefix("sleep") }
    }

    @Test func `is any program that reads an event and writes an answer`() async throws {
        try await withBackend(Self.description(.command(["sh", "-c", "printf '[%s]' \"$(cat)\""]))) { backend in
            let answer = try await Self.invoke(backend)
            #expect(answer.body == #"[{"a":1}]"#)
        }
        // Whether it reads or not.
        try await withBackend(Self.description(.command(["echo", "7"]))) { backend in
            let event = "\"\(String(repeating: "a", count: 1 << 20))\""
            let answer = try await Self.invoke(backend, event)
            #expect(answer.body == "7\n")
        }
        try await withBackend(Self.description(.command(["false"]))) { backend in
            let answer = try await Self.invoke(backend)
            #expect(answer.body.contains("exit status 1"))
        }
        try await withBackend(Self.description(.command(["/no/such/program"]))) { backend in
            let answer = try await Self.invoke(backend)
            #expect(answer.head.contains("X-Amz-Function-Error: Unhandled"))
        }
    }

    @Test(
        .covers("ALB-LMB-001"),
        arguments: [
            ([], "arn:group", 403), ([.init(sourceARN: "arn:other")], "arn:group", 403),
            ([.init(sourceARN: "arn:group")], "arn:group", 200), ([.init()], "arn:group", 200), ([], nil, 200),
        ] as [([LambdaFunction.Permission], String?, Int)]
    )
    func `is invoked by whom its policy lets`(
        permissions: [LambdaFunction.Permission],
        source: String?,
        status: Int
    ) async throws {
        let description = Self.description(.command(["echo", "1"]), permissions: permissions)
        try await withBackend(description) { backend in
            let fields = source.map { ["X-Amz-Source-Arn: \($0)"] } ?? []
            let answer = try await Self.invoke(backend, fields: fields)
            #expect(answer.status == status)
            #expect(answer.head.contains("X-Amzn-ErrorType: AccessDeniedException") == (status == 403))
        }
    }

    @Test(arguments: [
        ("other", #"{"a":1}"#, 404, "ResourceNotFoundException"),
        ("hello", "not JSON", 400, "InvalidRequestContentException"),
        ("arn%3Aaws%3Alambda%3Aap-northeast-2%3A123456789012%3Afunction%3Ahello", "{}", 200, ""),
        ("123456789012:function:hello", "{}", 200, ""),
        ("hello?Qualifier=live", "{}", 404, "UnknownOperationException"),
    ])
    func `speaks Lambda's Invoke API`(name: String, event: String, status: Int, error: String) async throws {
        try await withBackend(Self.description(.command(["echo", "1"]))) { backend in
            let answer = try await Self.invoke(backend, event, name: name)
            #expect(answer.status == status)
            if !error.isEmpty { #expect(answer.head.contains("X-Amzn-ErrorType: \(error)")) }
        }
    }

    @Test(.covers("ALB-LMB-021"))
    func `throttles what is too much at once`() async throws {
        let description = Self.description(.command(["sleep", "30"]), concurrency: 1)
        try await withBackend(description) { backend in
            async let first = Self.invoke(backend)
            _ = try await backend.waitForRecords(count: 1, settled: false)
            let second = try await Self.invoke(backend)
            #expect(second.status == 429)
            #expect(second.head.contains("X-Amzn-ErrorType: TooManyRequestsException"))
            await backend.stop()
            _ = try? await first
        }
    }

    @Test(arguments: [
        (#""queryStringParameters":{"elb-status":"201"},"headers":{}"#, #""statusCode":201"#),
        (#""multiValueQueryStringParameters":{"elb-body-bytes":["3"]},"multiValueHeaders":{}"#, #""body":"012""#),
        (#""queryStringParameters":{"elb-base64":"1","elb-body-bytes":"3"}"#, #""body":"MDEy""#),
        (#""queryStringParameters":{"elb-raw":"Wzdd"}"#, "[7]"),
        (#""queryStringParameters":{"elb-no":"1"}"#, "no such switch"),
    ])
    func `obeys switches in its event`(members: String, expected: String) async throws {
        try await withBackend(Self.description(.switches)) { backend in
            let answer = try await Self.invoke(backend, #"{"path":"/",\#(members)}"#)
            #expect(answer.status == 200)
            #expect(answer.body.contains(expected))
        }
    }

    @Test func `meets the fleet's faults like any backend`() async throws {
        try await withBackend(Self.description(.switches)) { backend in
            try await backend.set(.fail(status: 429))
            #expect(try await Self.invoke(backend).status == 429)
            try await backend.heal()
            #expect(try await Self.invoke(backend, #"{"path":"/"}"#).status == 200)
        }
    }

    @Test func `travels to another process and back`() throws {
        let descriptions = [
            Self.description(.switches, permissions: [.init(), .init(sourceARN: "arn:x")]),
            Self.description(.command(["a", "b"])), Self.python("return 1"),
        ]
        for description in descriptions {
            let line = try ControlLines.encode(FleetCommand.launch([description]))
            let command = try ControlLines.decode(FleetCommand.self, from: line)
            var expected = description
            // Where it listens is the backend's own.
            expected.function?.endpoint = Endpoint(address: .loopback, port: LambdaFunction.apiPort)
            #expect(command == .launch([expected]))
        }
    }
}
