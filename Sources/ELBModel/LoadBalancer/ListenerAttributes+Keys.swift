/// The attributes by AWS's keys, as ModifyListenerAttributes and CloudFormation write them.
extension ListenerAttributes {
    /// The keys that the lab obeys for a listener of this protocol, which are all that AWS has for it.
    package static func keys(for protocol: Listener.Proto) -> [String] {
        switch `protocol` {
        case .http, .https: Self.keys
        case .tcp: [Self.tcpIdleTimeoutKey]
        case .tls, .udp, .tcpUDP: []
        }
    }

    /// Those of an Application Load Balancer.
    package static let keys =
        [Self.serverKey] + ResponseHeader.allCases.map(\.key) + RequestHeader.allCases.map(\.key)

    private static let tcpIdleTimeoutKey = "tcp.idle_timeout.seconds"
    static let tcpOnly = ModelError(
        .invalidConfigurationRequest,
        "attribute '\(tcpIdleTimeoutKey)' is for TCP listeners only",
        at: "Key"
    )
    /// NLB-TO-001.
    private static let tcpIdleTimeouts = 60...6000
    private static let serverKey = "routing.http.response.server.enabled"
    /// Bytes of a configured value (ALB-HMOD-011).
    package static let longestValue = 1024
    /// Characters of a configured name.
    package static let longestName = 40

    /// The settings that differ from the defaults, by key, in the order of `keys`.
    package var settings: [(key: String, value: String)] {
        var settings: [(key: String, value: String)] = []
        if self.tcpIdleTimeoutSeconds != Self.usualTCPIdleTimeout {
            settings.append((Self.tcpIdleTimeoutKey, "\(self.tcpIdleTimeoutSeconds)"))
        }
        if !self.serverHeaderEnabled { settings.append((Self.serverKey, "false")) }
        for header in ResponseHeader.allCases {
            if let value = self.responseHeaders[header] { settings.append((header.key, value)) }
        }
        for header in RequestHeader.allCases {
            if let name = self.requestHeaderNames[header] { settings.append((header.key, name)) }
        }
        return settings
    }

    /// Every attribute that a listener of this protocol has, by key, defaults too, as DescribeListenerAttributes shows them: what is
    /// not set is empty. Names of request headers are for HTTPS listeners (ALB-HMOD-010).
    package func values(for protocol: Listener.Proto) -> [(key: String, value: String)] {
        switch `protocol` {
        case .http, .https: break
        case .tcp: return [(Self.tcpIdleTimeoutKey, "\(self.tcpIdleTimeoutSeconds)")]
        case .tls, .udp, .tcpUDP: return []
        }
        var values = [(key: Self.serverKey, value: "\(self.serverHeaderEnabled)")]
        for header in ResponseHeader.allCases { values.append((header.key, self.responseHeaders[header] ?? "")) }
        guard `protocol` == .https else { return values }
        for header in RequestHeader.allCases { values.append((header.key, self.requestHeaderNames[header] ?? "")) }
        return values
    }

    /// Sets one attribute from AWS's text; an empty value or name restores the default (ALB-HMOD-013). A key that a listener of
    /// this protocol has not, or a value out of its range, changes nothing and throws what AWS would answer.
    package mutating func set(
        _ key: String,
        to value: String,
        for protocol: Listener.Proto = .http
    ) throws(ModelError) {
        switch `protocol` {
        case .http, .https: try self.set(applicationKey: key, to: value)
        case .tcp where key == Self.tcpIdleTimeoutKey:
            self.tcpIdleTimeoutSeconds = try AttributeText.integer(value, in: Self.tcpIdleTimeouts, of: key)
        case .tcp, .tls, .udp, .tcpUDP:
            guard key != Self.tcpIdleTimeoutKey else { throw Self.tcpOnly }
            try AttributeText.requireDefault(value, of: key, among: [:])
        }
    }

    private mutating func set(applicationKey key: String, to value: String) throws(ModelError) {
        if key == Self.serverKey {
            self.serverHeaderEnabled = try AttributeText.boolean(value, of: key)
        } else if let header = ResponseHeader.allCases.first(where: { $0.key == key }) {
            try Self.require(value: value, of: key)
            self.responseHeaders[header] = value.isEmpty ? nil : value
        } else if let header = RequestHeader.allCases.first(where: { $0.key == key }) {
            try Self.require(name: value, of: key)
            self.requestHeaderNames[header] = value.isEmpty ? nil : value
        } else {
            try AttributeText.requireDefault(value, of: key, among: [:])
        }
    }

    /// Basic only: nothing is asked but the characters and the length, so that a value may mean nothing for its header
    /// (ALB-HMOD-011, -012).
    private static func require(value: String, of key: String) throws(ModelError) {
        let allowed = Characters.alphanumerics(and: "_ :;.,\\/'?!(){}[]@<>=-+*#&`|~^%")
        guard value.utf8.count <= Self.longestValue, value.utf8.allSatisfy(allowed) else {
            throw AttributeText.invalid(
                value,
                of: key,
                allowed: "up to \(Self.longestValue) of letters, digits and _ :;.,\\/'?!(){}[]@<>=-+*#&`|~^%"
            )
        }
    }

    private static func require(name: String, of key: String) throws(ModelError) {
        let allowed = Characters.alphanumerics(and: "-_")
        guard name.utf8.count <= Self.longestName, name.utf8.allSatisfy(allowed) else {
            throw AttributeText.invalid(
                name,
                of: key,
                allowed: "up to \(Self.longestName) of letters, digits, - and _"
            )
        }
        // Under these names the header would change what the request means or where it ends.
        guard !Self.reservedNames.contains(name.lowercased()) else {
            throw AttributeText.invalid(name, of: key, allowed: "a name that HTTP gives no meaning to")
        }
    }

    private static let reservedNames: Set = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto",
    ]
}

extension ListenerAttributes.ResponseHeader {
    /// `routing.http.response.x_frame_options.header_value` for X-Frame-Options.
    package var key: String { "routing.http.response.\(HeaderKey.part(for: self.rawValue)).header_value" }
}

extension ListenerAttributes.RequestHeader {
    /// `routing.http.request.x_amzn_tls_version.header_name` for X-Amzn-Tls-Version.
    package var key: String { "routing.http.request.\(HeaderKey.part(for: self.rawValue)).header_name" }
}

/// How a header's name is written inside an attribute's key.
private enum HeaderKey {
    static func part(for name: String) -> String {
        String(name.lowercased().map { $0 == "-" ? "_" : $0 })
    }
}
