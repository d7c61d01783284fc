import ELBModel
import NIOCore

/// Runs a function's invocations for its backend, on the backend's event loop as far as the outside sees.
final class FunctionHost {
    let function: LambdaFunction
    private let eventLoop: any EventLoop
    private var running: [Int: Task<Void, Never>] = [:]

    init(_ function: LambdaFunction, eventLoop: any EventLoop) {
        self.function = function
        self.eventLoop = eventLoop
    }

    /// Carries out one request to the Invoke API; `done` is called once, later, on the event loop, unless all is stopped before.
    func invoke(_ record: RequestRecord, event: [UInt8], done: @escaping (InvokeReply) -> Void) {
        let isBusy = self.running.count >= self.function.concurrency
        if let refusal = InvokeRequest.refusal(of: record, event: event, function: self.function, isBusy: isBusy) {
            done(refusal)
            return
        }
        let ticket = record.sequence
        let completion = NIOLoopBound(Completion(host: self, ticket: ticket, done: done), eventLoop: self.eventLoop)
        self.running[ticket] = Self.start(self.function, event: event, ticket: ticket, completion)
    }

    private static func start(
        _ function: LambdaFunction,
        event: [UInt8],
        ticket: Int,
        _ completion: NIOLoopBound<Completion>
    ) -> Task<Void, Never> {
        Task {
            let reply = await Self.run(function, event: event, requestID: Self.requestID(ticket))
            completion.eventLoop.execute { completion.value.finish(reply) }
        }
    }

    /// Ends what runs; nothing of it is left and nobody hears of it.
    func stop() {
        for task in self.running.values { task.cancel() }
        self.running = [:]
    }

    /// The id of a request, in the form of AWS's.
    static func requestID(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "00000000-0000-4000-8000-\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits)"
    }

    private final class Completion {
        let host: FunctionHost
        let ticket: Int
        let done: (InvokeReply) -> Void

        init(host: FunctionHost, ticket: Int, done: @escaping (InvokeReply) -> Void) {
            self.host = host
            self.ticket = ticket
            self.done = done
        }

        func finish(_ reply: InvokeReply) {
            guard self.host.running.removeValue(forKey: self.ticket) != nil else { return }
            guard reply.delayMilliseconds > 0 else { return self.done(reply) }
            // Still under way as far as concurrency goes.
            let wait = Task<Void, Never> {}
            self.host.running[self.ticket] = wait
            self.host.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(reply.delayMilliseconds))) {
                guard self.host.running.removeValue(forKey: self.ticket) != nil else { return }
                self.done(reply)
            }
        }
    }

    // MARK: Running

    private static func run(_ function: LambdaFunction, event: [UInt8], requestID: String) async -> InvokeReply {
        switch function.code {
        case .switches:
            return SwitchFunction.reply(to: event, name: function.name)
        case .command(let arguments):
            return self.reply(await self.process(function, arguments, handler: "").run(input: event), of: function)
        case .inline(let source, let runtime, let handler):
            let context = FunctionRuntime.Context(
                function_name: FunctionARN(function.arn)?.name ?? function.name,
                invoked_function_arn: function.arn,
                aws_request_id: requestID,
                timeout_ms: function.timeoutSeconds * 1000
            )
            guard
                let document = try? FunctionRuntime.document(
                    source: source,
                    handler: handler,
                    event: event.isEmpty ? Array("{}".utf8) : event,
                    context: context
                )
            else { return InvokeReply(functionError: "Runtime.ExitError", "the event cannot be handed over") }
            let process = self.process(function, FunctionRuntime.arguments(of: runtime), handler: handler)
            return self.reply(await process.run(input: document), of: function)
        }
    }

    private static func process(
        _ function: LambdaFunction,
        _ arguments: [String],
        handler: String
    ) -> FunctionProcess {
        var environment = function.environment
        environment["AWS_REGION"] = AvailabilityZone.region
        environment["AWS_LAMBDA_FUNCTION_NAME"] = FunctionARN(function.arn)?.name ?? function.name
        environment["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST"
        environment["_HANDLER"] = handler
        return FunctionProcess(arguments, environment: environment, timeout: .seconds(function.timeoutSeconds))
    }

    private static func reply(_ outcome: FunctionProcess.Outcome, of function: LambdaFunction) -> InvokeReply {
        var reply: InvokeReply
        switch outcome.ending {
        case .exited(0):
            reply = InvokeReply(payload: outcome.output)
        case .exited(FunctionRuntime.errorCode) where !outcome.output.isEmpty:
            reply = InvokeReply(payload: outcome.output)
            reply.functionError = "Unhandled"
        case .exited(let code):
            reply = InvokeReply(functionError: "Runtime.ExitError", "Runtime exited with error: exit status \(code)")
        case .signaled(let signal):
            reply = InvokeReply(functionError: "Runtime.ExitError", "Runtime exited with error: signal \(signal)")
        case .timedOut:
            reply = InvokeReply(
                functionError: "Sandbox.Timedout",
                "Task timed out after \(function.timeoutSeconds).00 seconds"
            )
        case .tooMuchOutput:
            reply = InvokeReply(
                functionError: "Function.ResponseSizeTooLarge",
                "Response payload size exceeded maximum allowed payload size (\(FunctionProcess.outputLimit) bytes)."
            )
        case .notStarted(let reason):
            reply = InvokeReply(functionError: "Runtime.InvalidEntrypoint", reason)
        }
        reply.log = outcome.log
        return reply
    }
}
