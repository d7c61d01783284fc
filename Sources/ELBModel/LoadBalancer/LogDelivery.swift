/// Where one of a load balancer's logs goes: three attributes, such as `access_logs.s3.enabled`, `.bucket` and `.prefix`
/// (ALB-LOG-001, ALB-CLOG-001, ALB-HLOG-001). Off by default.
package struct LogDelivery: Hashable, Codable, Sendable {
    package var isEnabled = false
    package var bucket = ""
    /// Stands before `AWSLogs` in the files' names; may be empty.
    package var prefix = ""

    package init(isEnabled: Bool = false, bucket: String = "", prefix: String = "") {
        self.isEnabled = isEnabled
        self.bucket = bucket
        self.prefix = prefix
    }
}

/// The logs that a load balancer can write. The raw value is how the attributes' keys begin.
package enum LogKind: String, Hashable, Codable, Sendable, CaseIterable {
    case access = "access_logs"
    case connection = "connection_logs"
    case healthCheck = "health_check_logs"

    /// What the names of its files begin with.
    package var filePrefix: String {
        switch self {
        case .access: ""
        // AWS's page writes `conn_log.`; the files that it delivers are called like this.
        case .connection: "conn_log_"
        case .healthCheck: "health_check_log_"
        }
    }
}

extension LoadBalancerAttributes {
    package subscript(log: LogKind) -> LogDelivery {
        get {
            switch log {
            case .access: self.accessLogs
            case .connection: self.connectionLogs
            case .healthCheck: self.healthCheckLogs
            }
        }
        set {
            switch log {
            case .access: self.accessLogs = newValue
            case .connection: self.connectionLogs = newValue
            case .healthCheck: self.healthCheckLogs = newValue
            }
        }
    }

    /// The attribute of a log that a key names, if it does.
    static func logAttribute(_ key: String) -> (log: LogKind, name: String)? {
        for log in LogKind.allCases {
            let start = log.rawValue + ".s3."
            if key.hasPrefix(start) { return (log, String(key.dropFirst(start.count))) }
        }
        return nil
    }

    mutating func set(_ log: LogKind, _ name: String, to value: String, of key: String) throws(ModelError) {
        switch name {
        case "enabled": self[log].isEnabled = try AttributeText.boolean(value, of: key)
        case "bucket":
            guard value.isEmpty || LogDelivery.isBucketName(value) else {
                throw AttributeText.invalid(
                    value,
                    of: key,
                    allowed: "a bucket's name: 3 to 63 small letters, digits, dots and hyphens"
                )
            }
            self[log].bucket = value
        case "prefix":
            guard LogDelivery.isPrefix(value) else {
                throw AttributeText.invalid(value, of: key, allowed: "a path without AWSLogs in it")
            }
            self[log].prefix = value
        default:
            throw ModelError(.invalidConfigurationRequest, "unknown attribute '\(key.prefix(80))'", at: "Key")
        }
    }
}

extension LogDelivery {
    package static func isBucketName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (3...63).contains(bytes.count), !text.contains("..") else { return false }
        let isEnd = { (byte: UInt8) in (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) }
        return isEnd(bytes[0]) && isEnd(bytes[bytes.count - 1])
            && bytes.allSatisfy { isEnd($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    /// At AWS any text without `AWSLogs`. In the lab it is a path below the bucket's folder, so it must stay in there.
    static func isPrefix(_ text: String) -> Bool {
        text.isEmpty || text.utf8.count <= 512 && !text.contains("AWSLogs") && Self.isObjectKey(text)
    }

    /// Whether a text can be the key of an object that stands below a bucket's folder.
    package static func isObjectKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 1024 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
