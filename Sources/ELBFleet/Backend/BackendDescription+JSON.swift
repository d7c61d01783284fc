import ELBModel

extension BackendDescription: Codable {
    private enum CodingKeys: String, CodingKey {
        case name
        case id
        case zone
        case address
        case ports
        case type
        case status
        case body
        case healthStatus
        case healthPaths
        case delayMilliseconds
        case bodyLimit
        case speaks = "protocol"
        case tls
        case grpcStatuses
        case function
        case identityProvider
        case credentials
        case ingress
    }

    private enum IdentityProviderKeys: String, CodingKey {
        case issuer
        case domains
        case callbackURLs
        case clients
    }

    private enum TLSKeys: String, CodingKey {
        case certificate
        case minimumVersion
        case maximumVersion
        case flaw
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .name)
        self.init(
            name: name,
            id: try container.decodeIfPresent(String.self, forKey: .id),
            zone: try Self.value(container, .zone, "a zone, a to d") { AvailabilityZone($0) } ?? .a,
            address: try Self.value(container, .address, "an address") { IPAddress($0) } ?? .loopback,
            ports: try container.decodeIfPresent([UInt16].self, forKey: .ports) ?? [0],
            type: try Self.value(container, .type, "a size of the lab") { InstanceType.named($0) } ?? .t3Micro,
            bodyLimit: try container.decodeIfPresent(Int.self, forKey: .bodyLimit) ?? Self.usualBodyLimit
        )
        self.behaviour.status = try container.decodeIfPresent(Int.self, forKey: .status) ?? 200
        self.behaviour.body = try container.decodeIfPresent(String.self, forKey: .body)
        self.behaviour.healthStatus = try container.decodeIfPresent(Int.self, forKey: .healthStatus)
        self.behaviour.healthPaths = Set(try container.decodeIfPresent([String].self, forKey: .healthPaths) ?? [])
        self.behaviour.delayMilliseconds = try container.decodeIfPresent(Int.self, forKey: .delayMilliseconds) ?? 0
        try self.readProtocol(container)
        try self.readFunction(container)
        self.credentials = try container.decodeIfPresent(BackendCredentials.self, forKey: .credentials)
        self.ingress = try container.decodeIfPresent([String].self, forKey: .ingress).map { texts in
            guard let filter = TrafficFilter(texts: texts) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .ingress,
                    in: container,
                    debugDescription: "a rule is two ports and a block, such as '80-8080 127.10.0.0/16'"
                )
            }
            return filter
        }
        if container.contains(.identityProvider) {
            let inner = try container.nestedContainer(keyedBy: IdentityProviderKeys.self, forKey: .identityProvider)
            self.behaviour.identityProvider = IdentityProviderSettings(
                issuer: try inner.decodeIfPresent(String.self, forKey: .issuer),
                domains: try inner.decodeIfPresent([String].self, forKey: .domains) ?? [],
                callbackURLs: try inner.decodeIfPresent([String].self, forKey: .callbackURLs) ?? [],
                clients: try inner.decodeIfPresent([String: String].self, forKey: .clients) ?? [:]
            )
        }
    }

    private mutating func readProtocol(_ container: KeyedDecodingContainer<CodingKeys>) throws {
        if container.contains(.tls) {
            let inner = try container.nestedContainer(keyedBy: TLSKeys.self, forKey: .tls)
            var tls = BackendTLS()
            tls.certificate = try Self.value(inner, .certificate, "a certificate of the lab") ?? tls.certificate
            tls.minimumVersion = try Self.value(inner, .minimumVersion, "a version, 1.0 to 1.3") ?? tls.minimumVersion
            tls.maximumVersion = try Self.value(inner, .maximumVersion, "a version, 1.0 to 1.3") ?? tls.maximumVersion
            tls.flaw = try Self.value(inner, .flaw, "plain-text or silent")
            self.behaviour.tls = tls
        }
        if let name = try container.decodeIfPresent(String.self, forKey: .speaks), !self.behaviour.speak(name) {
            let names = BackendBehaviour.protocolNames.joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: .speaks,
                in: container,
                debugDescription: "'\(name)' is not a protocol of the lab: \(names)"
            )
        }
        self.behaviour.grpcStatuses = try container.decodeIfPresent([String: Int].self, forKey: .grpcStatuses) ?? [:]
    }

    private mutating func readFunction(_ container: KeyedDecodingContainer<CodingKeys>) throws {
        guard let document = try container.decodeIfPresent(FunctionDocument.self, forKey: .function) else { return }
        let port = self.ports.first.flatMap { Port(rawValue: $0) } ?? LambdaFunction.apiPort
        self.function = document.function(at: Endpoint(address: self.address, port: port))
        if self.function == nil {
            throw DecodingError.dataCorruptedError(
                forKey: .function,
                in: container,
                debugDescription: "'\(document.runtime ?? "")' is not a runtime of the lab"
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.name, forKey: .name)
        try container.encode(self.id, forKey: .id)
        try container.encode(self.zone.name, forKey: .zone)
        try container.encode(self.address.description, forKey: .address)
        try container.encode(self.ports, forKey: .ports)
        try container.encode(self.type.name, forKey: .type)
        try container.encode(self.behaviour.status, forKey: .status)
        try container.encodeIfPresent(self.behaviour.body, forKey: .body)
        try container.encodeIfPresent(self.behaviour.healthStatus, forKey: .healthStatus)
        try container.encode(self.behaviour.healthPaths.sorted(), forKey: .healthPaths)
        try container.encode(self.behaviour.delayMilliseconds, forKey: .delayMilliseconds)
        try container.encode(self.bodyLimit, forKey: .bodyLimit)
        try container.encodeIfPresent(self.function.map(FunctionDocument.init), forKey: .function)
        try container.encode(self.behaviour.speaks.rawValue, forKey: .speaks)
        if let tls = self.behaviour.tls {
            var inner = container.nestedContainer(keyedBy: TLSKeys.self, forKey: .tls)
            try inner.encode(tls.certificate.rawValue, forKey: .certificate)
            try inner.encode(tls.minimumVersion.rawValue, forKey: .minimumVersion)
            try inner.encode(tls.maximumVersion.rawValue, forKey: .maximumVersion)
            try inner.encodeIfPresent(tls.flaw?.rawValue, forKey: .flaw)
        }
        try container.encode(self.behaviour.grpcStatuses, forKey: .grpcStatuses)
        try container.encodeIfPresent(self.credentials, forKey: .credentials)
        try container.encodeIfPresent(self.ingress?.texts, forKey: .ingress)
        if let provider = self.behaviour.identityProvider {
            var inner = container.nestedContainer(keyedBy: IdentityProviderKeys.self, forKey: .identityProvider)
            try inner.encodeIfPresent(provider.issuer, forKey: .issuer)
            try inner.encode(provider.domains, forKey: .domains)
            try inner.encode(provider.callbackURLs, forKey: .callbackURLs)
            try inner.encode(provider.clients, forKey: .clients)
        }
    }

    private static func value<Value, Keys: CodingKey>(
        _ container: KeyedDecodingContainer<Keys>,
        _ key: Keys,
        _ expected: String,
        _ read: (String) -> Value?
    ) throws -> Value? {
        guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let value = read(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: container,
                debugDescription: "'\(text)' is not \(expected)"
            )
        }
        return value
    }

    private static func value<Value: RawRepresentable<String>, Keys: CodingKey>(
        _ container: KeyedDecodingContainer<Keys>,
        _ key: Keys,
        _ expected: String
    ) throws -> Value? {
        try self.value(container, key, expected) { Value(rawValue: $0) }
    }
}
