import ELBModel

/// The methods that a gRPC backend has. It takes messages as bytes, so that clients need no generated code either.
enum GRPCMethod: Hashable {
    /// `/elblab.Echo/Unary`: the message comes back.
    case unary
    /// `/elblab.Echo/ServerStream`: the message comes back three times, or as often as `elb-count` says.
    case serverStream
    /// `/elblab.Echo/ClientStream`: all messages come back as one.
    case clientStream
    /// `/elblab.Echo/Bidirectional`: each message comes back at once.
    case bidirectional
    /// `/grpc.health.v1.Health/Check`, the health protocol of gRPC's own tools.
    case healthCheck
    case unknown

    init(path: String) {
        switch path {
        case "/elblab.Echo/Unary": self = .unary
        case "/elblab.Echo/ServerStream": self = .serverStream
        case "/elblab.Echo/ClientStream": self = .clientStream
        case "/elblab.Echo/Bidirectional": self = .bidirectional
        case "/grpc.health.v1.Health/Check": self = .healthCheck
        default: self = .unknown
        }
    }

    /// Whether the answer can begin before the last message has come.
    var answersEarly: Bool {
        switch self {
        case .bidirectional, .unknown: true
        case .unary, .serverStream, .clientStream, .healthCheck: false
        }
    }
}

/// What a call is answered with, as a value: messages, then a status.
struct GRPCAnswer: Hashable {
    var messages: [[UInt8]] = []
    var status = 0
    /// What `grpc-message` says.
    var reason: String?

    /// The usual number of messages of a server stream.
    static let usualCount = 3

    /// The answer to a call that has been read to its end.
    init(_ method: GRPCMethod, _ received: [[UInt8]], _ switches: AnswerSwitches) {
        switch method {
        case .unary:
            self.messages = received
            if received.count != 1 { self.refuse(3, "a unary call has one message, not \(received.count)") }
        case .serverStream:
            let count = switches.messageCount ?? Self.usualCount
            self.messages = Array(repeating: received.first ?? [], count: count)
            if received.count != 1 { self.refuse(3, "a server stream has one request, not \(received.count)") }
        case .clientStream: self.messages = [Array(received.joined())]
        case .bidirectional: break
        case .healthCheck: self.checkHealth(received)
        case .unknown: self.refuse(12, "no such method")
        }
    }

    private mutating func refuse(_ status: Int, _ reason: String) {
        self.messages = []
        self.status = status
        self.reason = reason
    }

    /// HealthCheckRequest has one field, the service's name, as field 1 (tag 0x0A, length, text); HealthCheckResponse one
    /// enumeration as field 1 (tag 0x08), of which 1 is SERVING.
    private mutating func checkHealth(_ received: [[UInt8]]) {
        guard received.count == 1 else { return self.refuse(3, "a health check has one message") }
        let request = received[0]
        var service = ""
        if !request.isEmpty {
            guard request.count >= 2, request[0] == 0x0A, request[1] < 0x80, request.count == 2 + Int(request[1]) else {
                return self.refuse(3, "not a HealthCheckRequest")
            }
            service = String(decoding: request[2...], as: UTF8.self)
        }
        guard service.isEmpty || service == "elblab.Echo" else { return self.refuse(5, "no such service: \(service)") }
        self.messages = [[0x08, 0x01]]
    }
}
