package import ELBModel
import FoundationEssentials

/// What a request asks of the backend in its query: `?elb-status=503&elb-delay=200`. Any backend obeys; a balancer passes
/// the query on and knows nothing of it. Every switch is in docs/fleet.md.
package struct AnswerSwitches: Hashable, Sendable {
    package var status: Int?
    package var delayMilliseconds = 0
    /// Body of this many bytes of a known pattern, see `AnswerPlan.pattern`.
    package var bodyBytes: Int?
    package var isChunked = false
    package var closes = false
    package var fields: [RecordedField] = []
    package var trailers: [RecordedField] = []
    /// Sends this many bytes of the body only, then closes.
    package var truncatedTo: Int?
    /// These bytes and nothing else are the answer; then the connection closes.
    package var raw: [UInt8]?
    /// Sends 100 Continue always (`true`), never (`false`), or when the request expects it (`nil`).
    package var sendsContinue: Bool?
    /// Answers when the head is read, before the body.
    package var isEarly = false
    /// Functions only: the body goes as Base64.
    package var isBase64 = false
    /// Functions only: the function fails.
    package var isFunctionError = false
    /// Functions only: the Invoke API answers this error, with `status` or 500.
    package var apiError: String?
    /// Waits this long in the middle of the body.
    package var pauseMilliseconds = 0

    // Only a gRPC backend obeys these, from a call's metadata.
    package var grpcStatus: Int?
    package var grpcMessage: String?
    /// How many messages a server stream has.
    package var messageCount: Int?
    // Only a WebSocket obeys these.
    /// A text sent as soon as the handshake is over.
    package var greeting: [UInt8]?
    /// Closes with this code behind the first message.
    package var closeCode: Int?
    /// Sends a text every so many milliseconds, unasked; 0 sends none.
    package var everyMilliseconds = 0

    /// The longest body that `elb-body-bytes` makes: 16 MiB.
    package static let longestBody = 16 << 20

    package init() {}

    /// A switch that cannot be obeyed; the backend answers 400 with this text.
    package struct Problem: Error, Hashable {
        package let message: String
    }

    /// Reads the query of a request's target; parts that do not begin with `elb-` are somebody else's.
    package init(target: some StringProtocol) throws(Problem) {
        guard let mark = target.firstIndex(of: "?") else { return }
        for part in target[target.index(after: mark)...].split(separator: "&") where part.hasPrefix("elb-") {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = pieces.count > 1 ? Self.percentDecoded(pieces[1]) : []
            try self.set(String(pieces[0]), value)
        }
    }

    /// Reads the switches of a gRPC call, which has no query but metadata: fields whose names begin with `elb-`.
    package init(metadata fields: [RecordedField]) throws(Problem) {
        for field in fields where field.name.hasPrefix("elb-") { try self.set(field.name, Array(field.value.utf8)) }
    }

    /// Refuses switches that make no sense for what a backend speaks.
    package func check(for spoken: BackendProtocol) throws(Problem) {
        let isForGRPC = self.grpcStatus != nil || self.grpcMessage != nil || self.messageCount != nil
        if isForGRPC, spoken != .grpc {
            throw Problem(message: "elb-grpc-status, elb-grpc-message and elb-count are for a gRPC backend")
        }
        if self.isBase64 || self.isFunctionError || self.apiError != nil {
            throw Problem(message: "elb-base64, elb-function-error and elb-api-error are for a Lambda function")
        }
        let isForWebSockets = self.greeting != nil || self.closeCode != nil || self.everyMilliseconds > 0
        if isForWebSockets, spoken != .ws {
            throw Problem(message: "elb-ws-greeting, elb-ws-close and elb-ws-every are for a ws backend")
        }
    }

    private mutating func set(_ name: String, _ value: [UInt8]) throws(Problem) {
        switch name {
        case "elb-status": self.status = try Self.number(name, value, 200...599)
        case "elb-delay": self.delayMilliseconds = try Self.number(name, value, 0...Fault.longestDelay)
        case "elb-pause": self.pauseMilliseconds = try Self.number(name, value, 0...Fault.longestDelay)
        case "elb-body-bytes": self.bodyBytes = try Self.number(name, value, 0...Self.longestBody)
        case "elb-truncate": self.truncatedTo = try Self.number(name, value, 0...Self.longestBody)
        case "elb-chunked": self.isChunked = try Self.number(name, value, 0...1) == 1
        case "elb-close": self.closes = try Self.number(name, value, 0...1) == 1
        case "elb-continue": self.sendsContinue = try Self.number(name, value, 0...1) == 1
        case "elb-early": self.isEarly = try Self.number(name, value, 0...1) == 1
        case "elb-header": self.fields.append(try Self.field(name, value))
        case "elb-trailer":
            self.trailers.append(try Self.field(name, value))
            self.isChunked = true
        case "elb-raw": self.raw = try Self.base64(name, value)
        case "elb-grpc-status": self.grpcStatus = try Self.number(name, value, 0...99)
        case "elb-grpc-message": self.grpcMessage = String(decoding: value, as: UTF8.self)
        case "elb-count": self.messageCount = try Self.number(name, value, 0...10_000)
        case "elb-ws-greeting": self.greeting = value
        case "elb-ws-close": self.closeCode = try Self.number(name, value, 1000...4999)
        case "elb-ws-every": self.everyMilliseconds = try Self.number(name, value, 0...Fault.longestDelay)
        case "elb-base64": self.isBase64 = try Self.number(name, value, 0...1) == 1
        case "elb-function-error": self.isFunctionError = try Self.number(name, value, 0...1) == 1
        case "elb-api-error":
            guard !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x7a).contains($0) }) else {
                throw Problem(message: "\(name) takes the name of an error, such as TooManyRequestsException")
            }
            self.apiError = String(decoding: value, as: UTF8.self)
        // Only there to be found in the record.
        case "elb-id": break
        default: throw Problem(message: "no such switch: \(name) (docs/fleet.md lists them)")
        }
    }

    private static func number(_ name: String, _ value: [UInt8], _ range: ClosedRange<Int>) throws(Problem) -> Int {
        guard let number = Int(String(decoding: value, as: UTF8.self)), range.contains(number) else {
            throw Problem(message: "\(name) takes a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func field(_ name: String, _ value: [UInt8]) throws(Problem) -> RecordedField {
        guard let colon = value.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            !value.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 })
        else {
            throw Problem(message: "\(name) takes Name:Value on one line; elb-raw sends anything else")
        }
        let text = String(decoding: value[(colon + 1)...], as: UTF8.self)
        return RecordedField(
            name: String(decoding: value[..<colon], as: UTF8.self),
            value: String(text.drop { $0 == " " })
        )
    }

    private static func base64(_ name: String, _ value: [UInt8]) throws(Problem) -> [UInt8] {
        // Both alphabets of RFC 4648, with or without padding: a query is easier to write with the second, unpadded.
        var text = value.filter { $0 != UInt8(ascii: "=") }.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        text += Array(repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4)
        guard let data = Data(base64Encoded: String(decoding: text, as: UTF8.self)) else {
            throw Problem(message: "\(name) takes base64")
        }
        return Array(data)
    }

    private static func percentDecoded(_ text: some StringProtocol) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            // One digit at a time: the number "+5" would be taken for a byte otherwise.
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let high = Self.hexDigit(rest[rest.startIndex]),
                let low = Self.hexDigit(rest[rest.index(after: rest.startIndex)])
            {
                decoded.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
