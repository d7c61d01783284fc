package import ELBModel

extension ELB {
    /// A listener as callers describe it; the account has the certificate behind the name.
    package struct ListenerChoice: Hashable, Sendable {
        package var port: Port
        package var `protocol`: ClassicListener.Proto
        package var instancePort: Port
        /// `nil` is the plain protocol of the same layer (CLB-LS-004).
        package var instanceProtocol: ClassicListener.Proto?
        package var certificate: String?

        init(_ input: CommandInput) throws(APIError) {
            var input = input
            self.protocol = try Self.proto(try input.required("Protocol"), "Protocol")
            self.port = try input.classicPort("LoadBalancerPort")
            self.instancePort = try input.classicPort("InstancePort")
            if let text = input.text("InstanceProtocol") {
                self.instanceProtocol = try Self.proto(text, "InstanceProtocol")
            }
            self.certificate = input.text("SSLCertificateId")
            try input.finish()
        }

        private static func proto(_ text: String, _ name: String) throws(APIError) -> ClassicListener.Proto {
            guard let known = ClassicListener.Proto(rawValue: text.uppercased()) else {
                throw APIError(
                    "UnsupportedProtocol",
                    "\(name) '\(text.prefix(80))' must be one of HTTP, HTTPS, TCP, SSL"
                )
            }
            return known
        }

        static func list(_ input: inout CommandInput) throws(APIError) -> [Self] {
            var listeners: [Self] = []
            for element in input.structures("Listeners") ?? [] { listeners.append(try Self(element)) }
            guard !listeners.isEmpty else { throw .validation("At least one listener must be specified") }
            return listeners
        }
    }

    package struct CreateLoadBalancerListeners: ELBCommand {
        package var loadBalancer: String
        package var listeners: [ListenerChoice]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.listeners = try ListenerChoice.list(&input)
        }
    }

    package struct DeleteLoadBalancerListeners: ELBCommand {
        package var loadBalancer: String
        package var ports: [Int]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.ports = input.integers("LoadBalancerPorts") ?? []
        }
    }

    package struct SetLoadBalancerListenerSSLCertificate: ELBCommand {
        package var loadBalancer: String
        package var port: Int
        package var certificate: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.loadBalancer = try input.required("LoadBalancerName")
            self.port = input.integer("LoadBalancerPort") ?? 0
            self.certificate = try input.required("SSLCertificateId")
        }
    }
}
