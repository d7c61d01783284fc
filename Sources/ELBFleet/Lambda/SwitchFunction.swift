import FoundationEssentials

/// The built-in function: answers as the switches in its event's query ask, as an HTTP backend does (docs/fleet.md).
enum SwitchFunction {
    /// What it reads of an event.
    private struct Event: Decodable {
        var path: String?
        var queryStringParameters: [String: String]?
        var multiValueQueryStringParameters: [String: [String]]?
        var multiValueHeaders: [String: [String]]?
    }

    private struct Answer: Encodable {
        var isBase64Encoded: Bool
        var statusCode: Int
        var statusDescription: String
        var headers: [String: String]?
        var multiValueHeaders: [String: [String]]?
        var body: String
    }

    /// The reply of the function called `name`.
    static func reply(to event: [UInt8], name: String) -> InvokeReply {
        guard let parsed = try? JSONDecoder().decode(Event.self, from: Data(event)) else {
            return InvokeReply(functionError: "ValueError", "the event is not one of Elastic Load Balancing")
        }
        let switches: AnswerSwitches
        do throws(AnswerSwitches.Problem) {
            switches = try AnswerSwitches(target: Self.target(of: parsed))
        } catch {
            return InvokeReply(functionError: "SwitchProblem", error.message)
        }
        var reply = Self.reply(to: parsed, event, switches, name)
        reply.delayMilliseconds = switches.delayMilliseconds
        return reply
    }

    private static func reply(
        to event: Event,
        _ bytes: [UInt8],
        _ switches: AnswerSwitches,
        _ name: String
    ) -> InvokeReply {
        if let error = switches.apiError {
            return InvokeReply(status: switches.status ?? 500, error: error, "as \(name) was asked to answer")
        }
        if switches.isFunctionError { return InvokeReply(functionError: "Error", "as \(name) was asked to fail") }
        if let raw = switches.raw { return InvokeReply(payload: raw) }
        let isEcho = event.path == AnswerPlan.echoPath
        let text = isEcho ? bytes : switches.bodyBytes.map(AnswerPlan.pattern) ?? Array("\(name)\n".utf8)
        let isBase64 = switches.isBase64
        let status = switches.status ?? 200
        let fields = [
            RecordedField(name: "Content-Type", value: isEcho ? "application/json" : "text/plain; charset=utf-8"),
            RecordedField(name: "X-Backend", value: name),
        ]
        var values: [String: [String]] = [:]
        for field in fields + switches.fields { values[field.name, default: []].append(field.value) }
        let isMultiValue = event.multiValueHeaders != nil
        let answer = Answer(
            isBase64Encoded: isBase64,
            statusCode: status,
            statusDescription: "\(status) \(ResponseDraft.reason(status))",
            headers: isMultiValue ? nil : values.compactMapValues(\.last),
            multiValueHeaders: isMultiValue ? values : nil,
            body: isBase64 ? Data(text).base64EncodedString() : String(decoding: text, as: UTF8.self)
        )
        return InvokeReply(payload: InvokeReply.json(answer))
    }

    /// The request target that the event's query came from, as far as switches are concerned.
    private static func target(of event: Event) -> String {
        var parts = (event.queryStringParameters ?? [:]).map { "\($0.key)=\($0.value)" }
        for (key, values) in event.multiValueQueryStringParameters ?? [:] {
            for value in values { parts.append("\(key)=\(value)") }
        }
        return "/?\(parts.sorted().joined(separator: "&"))"
    }
}
