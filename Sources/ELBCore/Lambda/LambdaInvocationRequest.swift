package import ELBModel

/// The request that invokes a function: Lambda's Invoke API, `POST /2015-03-31/functions/NAME/invocations`.
package struct LambdaInvocationRequest: Hashable, Sendable {
    /// Everything up to the length, which differs from call to call.
    private let beginning: [UInt8]

    /// - Parameters:
    ///   - function: the function's ARN; another text is taken for its name.
    ///   - endpoint: where the API stands.
    ///   - targetGroup: on whose behalf; a resource policy may ask for it as `aws:SourceArn`.
    ///   - isProbe: whether the health checker asks.
    package init(function: String, endpoint: Endpoint, targetGroup: String, isProbe: Bool) {
        let arn = FunctionARN(function)
        let qualifier = arn?.qualifier.map { "?Qualifier=\($0)" } ?? ""
        let lines = [
            "POST /2015-03-31/functions/\(arn?.name ?? function)/invocations\(qualifier) HTTP/1.1",
            "Host: \(endpoint)",
            "User-Agent: \(isProbe ? "ELB-HealthChecker/2.0" : "awselb/2.0")",
            "Content-Type: application/json",
            "X-Amz-Invocation-Type: RequestResponse",
            "X-Amz-Source-Arn: \(targetGroup)",
            "Content-Length: ",
        ]
        self.beginning = Array(lines.joined(separator: "\r\n").utf8)
    }

    /// Appends the head and the event.
    package func append(event: [UInt8], to output: inout [UInt8]) {
        output.reserveCapacity(output.count + self.beginning.count + 24 + event.count)
        output += self.beginning
        output.append(decimal: event.count)
        output.append("\r\n\r\n")
        output += event
    }
}
