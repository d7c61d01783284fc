extension AccessLogRecord {
    /// What a request and its connection are (ALB-LOG-010).
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case http
        case https
        /// HTTP/2 over TLS.
        case h2
        /// gRPC over TLS.
        case grpcs
        case ws
        /// WebSocket over TLS.
        case wss

        /// With the space behind it.
        var name: StaticString {
            switch self {
            case .http: "http "
            case .https: "https "
            case .h2: "h2 "
            case .grpcs: "grpcs "
            case .ws: "ws "
            case .wss: "wss "
            }
        }

        /// Between the method and the host of the request line (ALB-LOG-021).
        var scheme: StaticString {
            switch self {
            case .http, .ws: " http://"
            case .https, .h2, .grpcs, .wss: " https://"
            }
        }

        /// Whether the client speaks HTTP/2, whatever form its head has been brought into.
        var isHTTP2: Bool {
            switch self {
            case .http, .https, .ws, .wss: false
            case .h2, .grpcs: true
            }
        }

        /// What the connection becomes when the target switches to WebSocket.
        package var upgraded: Self {
            switch self {
            case .http, .ws: .ws
            case .https, .h2, .grpcs, .wss: .wss
            }
        }
    }

    /// The routing action in `actions_executed` (ALB-LOG-025).
    package enum Action: UInt8, Hashable, Sendable {
        case none
        case forward
        case redirect
        case fixedResponse

        /// Quoted, with a space before it and the next text's quote behind it.
        var quoted: StaticString {
            switch self {
            case .none: #" "-" ""#
            case .forward: #" "forward" ""#
            case .redirect: #" "redirect" ""#
            case .fixedResponse: #" "fixed-response" ""#
            }
        }

        var name: StaticString? {
            switch self {
            case .none: nil
            case .forward: "forward"
            case .redirect: "redirect"
            case .fixedResponse: "fixed-response"
            }
        }
    }

    /// What happened before the routing action, or instead of it, in `actions_executed` (ALB-LOG-025). Printed in the order of
    /// these constants, before the routing action.
    package struct EarlierActions: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let waf = Self(rawValue: 1)
        /// The firewall did not answer, and the request went on (ALB-WAF-004).
        package static let wafFailed = Self(rawValue: 2)
        package static let authenticate = Self(rawValue: 4)
        /// The URL was changed by a transform.
        package static let rewrite = Self(rawValue: 8)

        static let names: [(Self, StaticString)] = [
            (.waf, "waf"), (.wafFailed, "waf-failed"), (.authenticate, "authenticate"), (.rewrite, "rewrite"),
        ]
    }

    /// What a transform did to the request: fields 31 to 33 (ALB-LOG-009).
    package struct Transform: Sendable {
        package var status: Status
        /// Only if it changed; otherwise empty.
        package var host: [UInt8]
        /// Only if it changed; otherwise empty.
        package var uri: [UInt8]

        package init(_ status: Status, host: [UInt8] = [], uri: [UInt8] = []) {
            self.status = status
            self.host = host
            self.uri = uri
        }

        /// The raw value is the log's.
        package enum Status: String, Hashable, Sendable, CaseIterable {
            case success = "TransformSuccess"
            case bufferTooSmall = "TransformBufferTooSmall"
            case compileError = "TransformCompileError"
            case compileTooBig = "TransformCompileTooBig"
            case invalidHost = "TransformInvalidHost"
            case invalidPath = "TransformInvalidPath"
            case regexSyntaxError = "TransformRegexSyntaxError"
            case replaceError = "TransformReplaceError"
        }
    }

    /// Appends `actions_executed` in its quotes, with a space before it and the next text's quote behind it.
    func appendActions(to output: inout ByteOutput) {
        guard !self.earlierActions.isEmpty else {
            output.append(self.action.quoted)
            return
        }
        output.append(#" ""#)
        var isFirst = true
        for (action, name) in EarlierActions.names where self.earlierActions.contains(action) {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            output.append(name)
        }
        if let name = self.action.name {
            output.append(UInt8(ascii: ","))
            output.append(name)
        }
        output.append(#"" ""#)
    }
}
