package import ELBModel

extension ELBv2 {
    /// What a listener needs to speak TLS, by name; the account has what is behind the names.
    package struct TLSChoice: Hashable, Sendable {
        package var policy: String?
        /// `nil` when the request does not name any.
        package var certificates: [String]?
        package var mutualAuthentication: MutualAuthenticationChoice?
        package var alpnPolicy: ALPNPolicy?

        init(_ input: inout CommandInput) throws(APIError) {
            self.policy = input.text("SslPolicy")
            if let elements = input.structures("Certificates") {
                var arns: [String] = []
                for var element in elements {
                    arns.append(try element.required("CertificateArn"))
                    element.accepts("IsDefault")
                    try element.finish()
                }
                self.certificates = arns
            }
            if let names = input.texts("AlpnPolicy"), let name = names.first {
                guard names.count == 1 else { throw .validation("A listener has one ALPN policy") }
                do throws(ModelError) {
                    self.alpnPolicy = try ALPNPolicy(named: name)
                } catch {
                    throw APIError(error)
                }
            }
            guard var mutual = input.structure("MutualAuthentication") else { return }
            self.mutualAuthentication = try MutualAuthenticationChoice(&mutual)
        }

        /// Whether the request says nothing of TLS.
        package var isEmpty: Bool {
            self.policy == nil && self.certificates == nil && (self.alpnPolicy ?? ALPNPolicy.none) == ALPNPolicy.none
                && (self.mutualAuthentication?.mode ?? .off) == .off
        }
    }

    package struct MutualAuthenticationChoice: Hashable, Sendable {
        package var mode: MutualAuthentication.Mode
        package var trustStore: String?
        package var ignoresExpiry: Bool
        package var advertisesNames: Bool

        init(_ input: inout CommandInput) throws(APIError) {
            let mode = input.text("Mode") ?? "off"
            guard let known = MutualAuthentication.Mode(rawValue: mode) else {
                throw .validation("Mutual authentication mode must be off, passthrough or verify, not '\(mode)'")
            }
            self.mode = known
            self.trustStore = input.text("TrustStoreArn")
            self.ignoresExpiry = input.boolean("IgnoreClientCertificateExpiry") ?? false
            self.advertisesNames = input.text("AdvertiseTrustStoreCaNames") == "on"
            input.accepts("TrustStoreAssociationStatus")
            try input.finish()
        }
    }

    package struct CreateListener: ELBv2Command {
        package var loadBalancer: String
        package var `protocol`: Listener.Proto
        package var port: Port
        package var tls: TLSChoice
        package var defaultActions: [RuleAction]
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerArn")
            guard let text = input.text("Protocol") else { throw .validation("A listener protocol must be specified") }
            self.protocol = try Self.listenerProtocol(text)
            guard let port = input.integer("Port").flatMap(Port.init) else {
                throw .validation("A listener port must be specified")
            }
            self.port = port
            self.tls = try TLSChoice(&input)
            self.defaultActions = try input.actions("DefaultActions") ?? []
            self.tags = try input.tags("Tags")
        }

        static func listenerProtocol(_ text: String) throws(APIError) -> Listener.Proto {
            guard let known = Listener.Proto(rawValue: text) else {
                // AWS's sentence.
                let names = Listener.Proto.allCases.map(\.rawValue).joined(separator: ", ")
                throw .validation("Listener protocol '\(text)' must be one of '\(names)'")
            }
            return known
        }
    }

    package struct DescribeListeners: ELBv2Command {
        package var loadBalancer: String?
        package var arns: [String]?
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = input.text("LoadBalancerArn")
            self.arns = input.texts("ListenerArns")
            self.page = try Page(&input)
        }
    }

    /// What is not given stays.
    package struct ModifyListener: ELBv2Command {
        package var arn: String
        package var `protocol`: Listener.Proto?
        package var port: Port?
        package var tls: TLSChoice
        package var defaultActions: [RuleAction]?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("ListenerArn")
            if let text = input.text("Protocol") { self.protocol = try CreateListener.listenerProtocol(text) }
            self.port = input.integer("Port").flatMap(Port.init)
            self.tls = try TLSChoice(&input)
            self.defaultActions = try input.actions("DefaultActions")
        }
    }

    package struct DeleteListener: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("ListenerArn")
        }
    }
}

extension WireValue {
    package static func listener(_ record: ListenerRecord) -> Self {
        let listener = record.listener
        let tls = listener.tls
        return [
            "ListenerArn": .text(record.arn),
            "LoadBalancerArn": .text(record.loadBalancer),
            "Port": .integer(Int(listener.port.rawValue)),
            "Protocol": .text(listener.protocol.rawValue),
            "Certificates": tls.map { [["CertificateArn": .text($0.defaultCertificate.arn.rawValue)]] },
            "SslPolicy": tls.map { .text($0.sslPolicy) },
            "DefaultActions": .list(WireValue.actions(listener.defaultActions)),
            "AlpnPolicy": listener.protocol == .tls ? tls.map { [.text($0.alpnPolicy.rawValue)] } : nil,
            "MutualAuthentication": listener.protocol == .https
                ? tls.map { .mutualAuthentication($0.mutualAuthentication) } : nil,
        ]
    }

    private static func mutualAuthentication(_ mutual: MutualAuthentication) -> Self {
        guard mutual.mode == .verify else { return ["Mode": .text(mutual.mode.rawValue)] }
        return [
            "Mode": .text(mutual.mode.rawValue),
            "TrustStoreArn": mutual.trustStore.map { .text($0.arn.rawValue) },
            "IgnoreClientCertificateExpiry": .boolean(mutual.ignoreClientCertificateExpiry),
            "TrustStoreAssociationStatus": "active",
            "AdvertiseTrustStoreCaNames": mutual.advertiseTrustStoreCANames ? "on" : "off",
        ]
    }
}
