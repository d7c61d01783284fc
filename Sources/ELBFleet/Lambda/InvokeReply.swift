import FoundationEssentials

/// What Lambda's Invoke API answers to one invocation.
package struct InvokeReply: Hashable, Sendable {
    package var status = 200
    /// The function's answer, or the description of an error.
    package var payload: [UInt8]
    /// `Unhandled` when the function failed: the header X-Amz-Function-Error.
    package var functionError: String?
    /// The API's own error, such as `TooManyRequestsException`: the header X-Amzn-ErrorType.
    package var errorType: String?
    /// The end of what the function printed.
    package var log: [UInt8] = []
    /// Milliseconds to wait before the reply is sent.
    package var delayMilliseconds = 0

    /// A function's answer.
    package init(payload: [UInt8]) {
        self.payload = payload
    }

    /// An error of the API: the function was not invoked.
    package init(status: Int, error type: String, _ message: String) {
        self.status = status
        self.errorType = type
        self.payload = Self.json(ServiceError(Message: message, Type: status < 500 ? "User" : "Service"))
    }

    /// An error of the function, in Lambda's words.
    package init(functionError type: String, _ message: String) {
        self.functionError = "Unhandled"
        self.payload = Self.json(FunctionError(errorMessage: message, errorType: type))
    }

    private struct ServiceError: Encodable {
        var Message: String
        var `Type`: String
    }

    private struct FunctionError: Encodable {
        var errorMessage: String
        var errorType: String
    }

    static func json(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and numbers; none of them fails to encode.
        return (try? Array(encoder.encode(value))) ?? []
    }

    /// The fields of the reply's head.
    func fields(requestID: String, wantsLog: Bool) -> [RecordedField] {
        var fields = [RecordedField(name: "X-Amzn-RequestId", value: requestID)]
        if self.status == 200 { fields.append(RecordedField(name: "X-Amz-Executed-Version", value: "$LATEST")) }
        if let functionError { fields.append(RecordedField(name: "X-Amz-Function-Error", value: functionError)) }
        if let errorType { fields.append(RecordedField(name: "X-Amzn-ErrorType", value: errorType)) }
        if wantsLog, self.status == 200 {
            fields.append(RecordedField(name: "X-Amz-Log-Result", value: Data(self.log).base64EncodedString()))
        }
        return fields
    }
}
