/// The one health check of a Classic Load Balancer; defaults are the API's (CLB-HC-002, -003).
package struct ClassicHealthCheck: Hashable, Codable, Sendable {
    package var target = Target(protocol: .tcp, port: 80, path: nil)
    /// 5 to 300 s.
    package var intervalSeconds = 30
    /// 2 to 60 s, and less than the interval.
    package var timeoutSeconds = 5
    /// 2 to 10. Counts for recovery only: a new instance is in service after its first pass (CLB-HC-009, -010).
    package var healthyThreshold = 10
    /// 2 to 10.
    package var unhealthyThreshold = 2

    package init() {}

    /// What is asked, and where: `TCP:80`, `SSL:443`, `HTTP:80/index.html`, `HTTPS:443/health` (CLB-HC-001).
    package struct Target: Hashable, Codable, Sendable {
        package var `protocol`: ClassicListener.Proto
        package var port: Port
        /// With its leading slash; `HTTP` and `HTTPS` have one, `TCP` and `SSL` have none.
        package var path: String?

        package init(protocol: ClassicListener.Proto, port: Port, path: String?) {
            self.protocol = `protocol`
            self.port = port
            self.path = path
        }

        /// Reads AWS's form. `nil` if it is not of that form, has more than 1024 characters, or has a path where none belongs.
        package init?(_ text: String) {
            guard text.unicodeScalars.count <= 1024, let colon = text.firstIndex(of: ":"),
                let `protocol` = ClassicListener.Proto(rawValue: text[..<colon].uppercased())
            else { return nil }
            let rest = text[colon...]
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            let digits = rest[rest.index(after: rest.startIndex)..<slash]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits).flatMap(Port.init),
                `protocol`.isHTTP == (slash < rest.endIndex),
                rest[slash...].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
            else { return nil }
            self.init(protocol: `protocol`, port: port, path: `protocol`.isHTTP ? String(rest[slash...]) : nil)
        }
    }
}

extension ClassicHealthCheck.Target: CustomStringConvertible {
    package var description: String { "\(self.protocol.rawValue):\(self.port)\(self.path ?? "")" }
}
