import ELBModel

/// A function as it travels to the process that runs it.
struct FunctionDocument: Codable {
    var arn: String
    var name: String
    var source: String?
    var runtime: String?
    var handler: String?
    var command: [String]?
    var timeoutSeconds: Int?
    var concurrency: Int?
    var environment: [String: String]?
    /// One per statement; empty text stands for every target group.
    var permissions: [String]?

    init(_ function: LambdaFunction) {
        self.arn = function.arn
        self.name = function.name
        switch function.code {
        case .inline(let source, let runtime, let handler):
            self.source = source
            self.runtime = runtime.rawValue
            self.handler = handler
        case .command(let arguments): self.command = arguments
        case .switches: break
        }
        self.timeoutSeconds = function.timeoutSeconds
        self.concurrency = function.concurrency
        self.environment = function.environment
        self.permissions = function.permissions.map { $0.sourceARN ?? "" }
    }

    /// The function, or `nil` with a language that the fleet does not have.
    func function(at endpoint: Endpoint) -> LambdaFunction? {
        let code: LambdaFunction.Code
        if let source {
            guard let runtime = LambdaFunction.Runtime(rawValue: self.runtime ?? "") else { return nil }
            code = .inline(source: source, runtime: runtime, handler: self.handler ?? "index.handler")
        } else {
            code = self.command.map { .command($0) } ?? .switches
        }
        return LambdaFunction(
            arn: self.arn,
            name: self.name,
            endpoint: endpoint,
            code: code,
            timeoutSeconds: self.timeoutSeconds ?? LambdaFunction.usualTimeoutSeconds,
            concurrency: self.concurrency ?? LambdaFunction.usualConcurrency,
            environment: self.environment ?? [:],
            permissions: (self.permissions ?? [""]).map { .init(sourceARN: $0.isEmpty ? nil : $0) }
        )
    }
}

extension LambdaFunction {
    /// Why it cannot be run, in words; `nil` if it can.
    var problem: String? {
        if case .command(let arguments) = self.code, arguments.isEmpty { return "its command has no program" }
        if !(1...900).contains(self.timeoutSeconds) {
            return "a time limit is 1 to 900 seconds, not \(self.timeoutSeconds)"
        }
        return self.concurrency < 0 ? "a concurrency is 0 or more, not \(self.concurrency)" : nil
    }
}
