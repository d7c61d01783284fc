import ELBModel

/// What `Metadata.elblab` of an AWS::EC2::Instance says. AWS keeps metadata and ignores it, so the file still deploys.
///
///     Metadata:
///       elblab:
///         Ports: [8080]               # default: the ports that target groups register it with
///         Status: 200                 # 200 to 599
///         Body: "hello\n"             # default: the instance's name and zone
///         HealthPaths: [/health]      # the paths that answer HealthStatus instead of Status
///         HealthStatus: 200
///         DelayMilliseconds: 0        # 0 to 600,000, beside the size's service time
///         InstanceType: lab.unlimited # replaces the template's, which must be real at AWS
///         Protocol: http              # http, https, h2, grpc, ws, oidc, tcp or udp
///         TLS:                        # speaks it inside TLS; https implies it, {} takes what follows
///           Certificate: self-signed  # self-signed, expired or wrong-name
///           MinimumVersion: 1.2       # 1.0 to 1.3
///           MaximumVersion: 1.3
///           Flaw: silent              # default: none; plain-text or silent
///         IdentityProvider:           # of Protocol: oidc
///           Issuer: https://idp.example.com  # default: https://ADDRESS:PORT
///           Domains: [login.example.com]     # names that lead here, such as a user pool's domain
///           CallbackURLs: [https://app.example.com/oauth2/idpresponse]  # default: any
///           Clients: { app: secret }         # default: any
///         GRPCStatuses: { /pkg.Service/Method: 5 }  # gRPC's in place of Status; 0 to 99
struct BackendMetadata {
    var ports: [Port] = []
    var behaviour = BackendBehaviour()
    var type: InstanceType?

    init() {}

    init(_ source: ObjectReader) {
        var reader = source
        self.ports = Self.ports(&reader)
        self.behaviour.status = Self.integer("Status", in: 200...599, &reader) ?? self.behaviour.status
        self.behaviour.body = reader.text("Body")?.value
        self.behaviour.healthStatus = Self.integer("HealthStatus", in: 200...599, &reader)
        self.behaviour.healthPaths = Set((reader.texts("HealthPaths") ?? []).map(\.value))
        self.behaviour.delayMilliseconds = Self.integer("DelayMilliseconds", in: 0...600_000, &reader) ?? 0
        if let text = reader.text("InstanceType") {
            self.type = InstanceType.named(text.value)
            if self.type == nil { reader.refuse(text, for: "InstanceType", allowed: InstanceType.all.map(\.name)) }
        }
        self.readProtocol(&reader)
        if reader.value["HealthStatus"] != nil, reader.value["HealthPaths"] == nil {
            reader.collector.error(
                "'HealthStatus' has no paths",
                at: reader.value.location(ofProperty: "HealthStatus"),
                suggestion: "name them: HealthPaths: [/health]"
            )
        }
        reader.finish()
    }

    private mutating func readProtocol(_ reader: inout ObjectReader) {
        if let name = reader.text("Protocol"), !self.behaviour.speak(name.value) {
            reader.refuse(name, for: "Protocol", allowed: BackendBehaviour.protocolNames)
        }
        if var tls = reader.object("TLS", as: "Metadata.elblab.TLS") {
            var settings = BackendTLS()
            settings.certificate = tls.choice("Certificate") ?? settings.certificate
            settings.minimumVersion = tls.choice("MinimumVersion") ?? settings.minimumVersion
            settings.maximumVersion = tls.choice("MaximumVersion") ?? settings.maximumVersion
            settings.flaw = tls.choice("Flaw")
            tls.finish()
            self.behaviour.tls = settings
        }
        if var statuses = reader.object("GRPCStatuses", as: "Metadata.elblab.GRPCStatuses") {
            for entry in statuses.value.entries ?? [] {
                self.behaviour.grpcStatuses[entry.key] = Self.integer(entry.key, in: 0...99, &statuses)
            }
        }
        if let provider = reader.object("IdentityProvider", as: "Metadata.elblab.IdentityProvider") {
            self.behaviour.identityProvider = Self.identityProvider(provider)
        }
        if let problem = self.behaviour.problem { reader.collector.error(problem, at: reader.location) }
    }

    private static func identityProvider(_ source: ObjectReader) -> IdentityProviderSettings {
        var reader = source
        var settings = IdentityProviderSettings()
        settings.issuer = reader.text("Issuer")?.value
        settings.domains = (reader.texts("Domains") ?? []).map { $0.value.lowercased() }
        settings.callbackURLs = (reader.texts("CallbackURLs") ?? []).map(\.value)
        if var clients = reader.object("Clients", as: "Metadata.elblab.IdentityProvider.Clients") {
            for entry in clients.value.entries ?? [] {
                settings.clients[entry.key] = clients.text(entry.key)?.value
            }
        }
        reader.finish()
        return settings
    }

    private static func ports(_ reader: inout ObjectReader) -> [Port] {
        (reader.texts("Ports") ?? []).compactMap { text in
            if let port = Int(text.value).flatMap(Port.init) { return port }
            reader.collector.error(
                "'Ports' must hold ports from 1 to 65535, not '\(text.value.prefix(40))'",
                at: text.location
            )
            return nil
        }
    }

    private static func integer(_ key: String, in range: ClosedRange<Int>, _ reader: inout ObjectReader) -> Int? {
        guard let number = reader.integer(key) else { return nil }
        guard range.contains(number.value) else {
            reader.collector.error(
                "'\(key)' must be \(range.lowerBound) to \(range.upperBound), not \(number.value)",
                at: number.location
            )
            return nil
        }
        return number.value
    }
}
