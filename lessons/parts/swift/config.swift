import FoundationEssentials

/// The configuration file (docs/subject-contract.md), as far as this balancer reads it.
struct Config: Decodable {
    var timeScale: Int
    var loadBalancerAttributes: [Attribute]?
    var nodes: [Node]
    var listeners: [Listener]
    var targetGroups: [GroupDescription]
    var certificates: [CertificateMaterial]?

    struct Node: Decodable {
        var address: String
    }

    init(file: String) throws {
        let decoder = JSONDecoder()
        // The file's names begin with a capital letter.
        decoder.keyDecodingStrategy = .custom { path in AnyKey(lowered: path[path.count - 1].stringValue) }
        self = try decoder.decode(Self.self, from: Data(contentsOf: URL(filePath: file)))
    }
}

struct Attribute: Decodable {
    var key: String
    var value: String
}

extension [Attribute] {
    var byKey: [String: String] { Dictionary(self.map { ($0.key, $0.value) }) { $1 } }
}

struct Listener: Decodable {
    var port: UInt16
    var `protocol`: String
    var defaultActions: [Action]
    var rules: [Rule]?
    var sslPolicy: String?
    var certificates: [CertificateName]?
    var listenerCertificates: [CertificateName]?

    struct CertificateName: Decodable {
        var certificateArn: String
    }
}

struct Rule: Decodable {
    var priority: Int
    var conditions: [Condition]
    var actions: [Action]
}

struct Condition: Decodable {
    var field: String
    var pathPatternConfig: Values?
    var hostHeaderConfig: Values?
    var httpHeaderConfig: Values?
    var httpRequestMethodConfig: Values?
    var sourceIpConfig: Values?
    var queryStringConfig: Pairs?

    struct Values: Decodable {
        var httpHeaderName: String?
        var values: [String]
    }

    struct Pairs: Decodable {
        var values: [Pair]
    }

    struct Pair: Decodable {
        var key: String?
        var value: String
    }
}

struct Action: Decodable {
    var type: String
    var forwardConfig: Forward?
    var fixedResponseConfig: FixedResponse?
    var redirectConfig: Redirect?

    struct Forward: Decodable {
        var targetGroups: [Share]
    }

    struct Share: Decodable {
        var targetGroupArn: String
    }

    struct FixedResponse: Decodable {
        var statusCode: String
        var contentType: String?
        var messageBody: String?
    }

    struct Redirect: Decodable {
        var `protocol`: String?
        var host: String?
        var port: String?
        var path: String?
        var query: String?
        var statusCode: String
    }
}

struct GroupDescription: Decodable {
    var name: String
    var targets: [TargetDescription]
    var targetGroupAttributes: [Attribute]?
    var healthCheckPath: String?
    var healthCheckPort: String?
    var healthCheckIntervalSeconds: Int?
    var healthCheckTimeoutSeconds: Int?
    var healthyThresholdCount: Int?
    var unhealthyThresholdCount: Int?
    var matcher: Matcher?

    struct Matcher: Decodable {
        var httpCode: String?
    }
}

struct TargetDescription: Decodable {
    var id: String
    var address: String?
    var port: UInt16
}

struct CertificateMaterial: Decodable {
    var certificateArn: String
    var certificate: String
    var privateKey: String
}

struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(lowered name: String) {
        self.stringValue = name == "DNSName" ? "dnsName" : name.prefix(1).lowercased() + name.dropFirst()
    }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
