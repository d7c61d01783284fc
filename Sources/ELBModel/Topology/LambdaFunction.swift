/// A Lambda function that the fleet runs, behind an Invoke API of its own.
package struct LambdaFunction: Hashable, Codable, Sendable {
    package var arn: String
    /// The logical id in the template; what people call the function by.
    package var name: String
    /// Where its Invoke API stands.
    package var endpoint: Endpoint
    package var code: Code
    /// Seconds of real time that one invocation may take: 1 to 900, AWS's default 3.
    package var timeoutSeconds: Int
    /// Invocations at once; more are throttled.
    package var concurrency: Int
    package var environment: [String: String]
    /// Which load balancers may invoke it; without one, none (ALB-LMB-001).
    package var permissions: [Permission]

    /// AWS's default of `Timeout`.
    package static let usualTimeoutSeconds = 3
    /// Where the API of the lab's functions stands.
    package static let apiPort: Port = 3001
    /// The lab's limit of one function's invocations at once, in place of AWS's 1,000 per account.
    package static let usualConcurrency = 32

    package init(
        arn: String,
        name: String,
        endpoint: Endpoint,
        code: Code,
        timeoutSeconds: Int = Self.usualTimeoutSeconds,
        concurrency: Int = Self.usualConcurrency,
        environment: [String: String] = [:],
        permissions: [Permission] = []
    ) {
        self.arn = arn
        self.name = name
        self.endpoint = endpoint
        self.code = code
        self.timeoutSeconds = timeoutSeconds
        self.concurrency = concurrency
        self.environment = environment
        self.permissions = permissions
    }

    /// What an invocation runs.
    package enum Code: Hashable, Codable, Sendable {
        /// `Code.ZipFile`: the source of one module, as CloudFormation writes it to `index`.
        case inline(source: String, runtime: Runtime, handler: String)
        /// A program with its arguments: the event on its standard input, its answer on standard output.
        case command([String])
        /// Built in: answers as the switches in the event's query ask (docs/fleet.md).
        case switches
    }

    /// Languages that CloudFormation takes inline code in.
    package enum Runtime: String, Hashable, Codable, Sendable, CaseIterable {
        case python
        case nodejs
    }

    /// A statement of its resource policy: Elastic Load Balancing may invoke it.
    package struct Permission: Hashable, Codable, Sendable {
        /// The target group on whose behalf, `*` and `?` standing for any characters; `nil` is every one.
        package var sourceARN: String?

        package init(sourceARN: String? = nil) {
            self.sourceARN = sourceARN
        }

        /// Whether the statement covers invocations for this target group.
        package func covers(_ targetGroup: String) -> Bool {
            guard let sourceARN else { return true }
            return Self.matches(Array(sourceARN.utf8)[...], Array(targetGroup.utf8)[...])
        }

        private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
            var (pattern, text) = (pattern, text)
            var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
            while !text.isEmpty {
                if pattern.first == UInt8(ascii: "*") {
                    pattern = pattern.dropFirst()
                    retry = (pattern, text)
                } else if let byte = pattern.first, byte == UInt8(ascii: "?") || byte == text.first {
                    (pattern, text) = (pattern.dropFirst(), text.dropFirst())
                } else if let last = retry {
                    // The star takes one character more.
                    retry = (last.pattern, last.text.dropFirst())
                    (pattern, text) = (last.pattern, last.text.dropFirst())
                } else {
                    return false
                }
            }
            return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
        }
    }
}
