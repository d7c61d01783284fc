import ELBCore
import ELBModel
import ELBNet
import NIOCore

/// What a node reads of the load balancer's attributes at each request, in the units it needs. Durations are scaled, in
/// nanoseconds.
struct NodeSettings: Sendable {
    var idleTimeout: UInt64
    var clientKeepAlive: UInt64
    /// 10 s of AWS time (ALB-CONN-012).
    var connectTimeout: TimeAmount
    var desyncMode: LoadBalancerAttributes.DesyncMitigationMode
    var dropsInvalidNames: Bool
    /// What ALPN may agree on, the preferred first (ALB-HTTP-002).
    var applicationProtocols: [String]
    var quirks: ExchangeQuirks

    init(_ loadBalancer: LoadBalancer, timeScale: TimeScale) {
        let attributes = loadBalancer.attributes
        self.idleTimeout = timeScale.nanoseconds(seconds: attributes.idleTimeoutSeconds)
        self.clientKeepAlive = timeScale.nanoseconds(seconds: attributes.clientKeepAliveSeconds)
        self.connectTimeout = timeScale.timeAmount(seconds: 10)
        let quirks = loadBalancer.quirks
        self.desyncMode = quirks.contains(.desyncAlwaysStrictest) ? .strictest : attributes.desyncMitigationMode
        self.dropsInvalidNames = attributes.dropInvalidHeaderFieldsEnabled && !quirks.contains(.invalidHeadersKept)
        let offersHTTP2 =
            (attributes.http2Enabled || quirks.contains(.http2AlwaysOffered)) && !quirks.contains(.http2NotOffered)
        self.applicationProtocols = offersHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        self.quirks = ExchangeQuirks(quirks, of: loadBalancer.kind)
    }
}

/// A listener at one node: the compiled rules, replaced when the configuration changes.
final class ListenerRuntime {
    var rules: CompiledListener
    /// What an HTTPS listener shows its clients. Replacing it concerns new connections only (ALB-TLS-011).
    private(set) var credentials: ListenerCredentials?
    let channel: any Channel

    init(rules: CompiledListener, credentials: ListenerCredentials?, channel: any Channel) {
        self.rules = rules
        self.credentials = credentials
        self.channel = channel
    }

    var port: Port { self.rules.port }

    /// Takes over what the configuration shows clients from now on.
    func renew(_ credentials: ListenerCredentials?) {
        if self.credentials != nil, credentials?.tls.quirks.contains(.certificateKept) == true { return }
        self.credentials = credentials
    }
}
