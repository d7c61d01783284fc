package import ELBModel

/// The one file that an Envoy is started with. What it says of the rest is where that is to be found.
package struct EnvoyBootstrap: Sendable {
    /// Where the lab answers Envoys, by address or name.
    package var server: Server
    package var loadBalancer: LoadBalancerName
    /// Where this Envoy listens.
    package var address: IPAddress

    package static let fileName = "envoy.json"

    /// A host and a port.
    package struct Server: Hashable, Sendable {
        package var host: String
        package var port: Port

        /// Reads `127.0.0.1:4566`, `[::1]:4566` and `lab.example:4566`.
        package init?(_ text: String) {
            if let endpoint = Endpoint(text) {
                self.host = "\(endpoint.address)"
                self.port = endpoint.port
                return
            }
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, let port = UInt16(parts[1]).flatMap(Port.init(rawValue:)),
                parts[0].utf8.allSatisfy({ $0.isNameByte })
            else { return nil }
            self.host = String(parts[0])
            self.port = port
        }

        fileprivate var isName: Bool { IPAddress(self.host) == nil }
    }

    package init(server: Server, loadBalancer: LoadBalancerName, address: IPAddress) {
        self.server = server
        self.loadBalancer = loadBalancer
        self.address = address
    }

    /// The file's text.
    package var text: String { self.json.text }

    private var json: JSONText {
        let place = JSONText.object([
            (
                "socket_address",
                .object([
                    ("address", .string(self.server.host)), ("port_value", .number(Int(self.server.port.rawValue))),
                ])
            )
        ])
        let endpoint = JSONText.object([("endpoint", .object([("address", place)]))])
        let lab = JSONText.object([
            ("name", .string(EnvoySource.serverName)),
            ("type", self.server.isName ? "STRICT_DNS" : "STATIC"),
            ("connect_timeout", "2s"),
            (
                "load_assignment",
                .object([
                    ("cluster_name", .string(EnvoySource.serverName)),
                    ("endpoints", .array([.object([("lb_endpoints", .array([endpoint]))])])),
                ])
            ),
        ])
        let node = JSONText.object([
            ("id", .string("\(self.loadBalancer)@\(self.address)")),
            ("cluster", .string(self.loadBalancer.rawValue)),
            ("metadata", .object([("listen", .string("\(self.address)"))])),
        ])
        return .object([
            ("node", node),
            ("dynamic_resources", Self.resources(.server)),
            ("static_resources", .object([("clusters", .array([lab]))])),
        ])
    }

    /// The same for an Envoy that reads files.
    static func files(_ folder: String) -> JSONText {
        .object([
            ("node", .object([("id", "elblab"), ("cluster", "elblab")])),
            ("dynamic_resources", Self.resources(.files(folder: folder))),
        ])
    }

    private static func resources(_ source: EnvoySource) -> JSONText {
        .object([
            ("cds_config", source.reference(to: EnvoySource.clustersFile)),
            ("lds_config", source.reference(to: EnvoySource.listenersFile)),
        ])
    }
}

extension UInt8 {
    /// Letters, digits, `-`, `.` and `_`.
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
