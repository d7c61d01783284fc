package import ELBModel

/// One of the logs of one node, and where AWS would put its files.
package struct LogSource: Hashable, Sendable {
    package var kind: LogKind
    package var delivery: LogDelivery
    /// `app/NAME/ID`; of a Classic Load Balancer its name.
    package var loadBalancer: String
    /// The node's address; empty where files do not tell, as those of Network Load Balancers (NLB-MT-009).
    package var node: String
    /// Files of Classic Load Balancers are not (CLB-LG-001).
    package var isCompressed: Bool

    package init(
        kind: LogKind,
        delivery: LogDelivery,
        loadBalancer: String,
        node: String,
        isCompressed: Bool = true
    ) {
        self.isCompressed = isCompressed
        self.kind = kind
        self.delivery = delivery
        self.loadBalancer = loadBalancer
        self.node = node
    }

    /// AWS's example account, which all the lab's resources belong to.
    package static let account = "123456789012"

    /// The file's bucket and key (ALB-LOG-003):
    /// `BUCKET[/PREFIX]/AWSLogs/ACCOUNT/elasticloadbalancing/REGION/yyyy/mm/dd/ACCOUNT_elasticloadbalancing_REGION_app.NAME.ID_END_IP_RANDOM.log.gz`.
    ///
    /// - Parameters:
    ///   - end: when the interval ends, in microseconds since 1970.
    ///   - random: tells files of one interval apart.
    package func key(end: Int64, random: UInt64) -> String {
        var clock = WallClockText()
        var text: [UInt8] = []
        clock.appendTimestamp(microseconds: end, to: &text)
        let time = String(decoding: text, as: UTF8.self)
        // 2015-05-13T23:39:43.945958Z
        let day = time.prefix(10)
        let minute = "\(day.filter { $0 != "-" })T\(time.dropFirst(11).prefix(5).filter { $0 != ":" })Z"
        let resource = self.loadBalancer.split(separator: "/").joined(separator: ".")
        let region = AvailabilityZone.region
        let name =
            "\(self.kind.filePrefix)\(Self.account)_elasticloadbalancing_\(region)_\(resource)_\(minute)_"
            + (self.node.isEmpty ? "" : "\(self.node)_") + "\(Self.suffix(random)).log\(self.isCompressed ? ".gz" : "")"
        let folders = [self.delivery.bucket] + (self.delivery.prefix.isEmpty ? [] : [self.delivery.prefix])
        return
            (folders + ["AWSLogs", Self.account, "elasticloadbalancing", region]
            + day.split(separator: "-").map(String.init) + [name])
            .joined(separator: "/")
    }

    /// Eight small letters and digits.
    private static func suffix(_ random: UInt64) -> String {
        let digits = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        var rest = random
        return String(
            (0..<8).map { _ in
                defer { rest /= 36 }
                return digits[Int(rest % 36)]
            }
        )
    }
}
