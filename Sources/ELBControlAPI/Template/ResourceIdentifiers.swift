import ELBModel

/// Makes the ids that AWS would have drawn at random. Here they come from the stack and the logical id, so that a file
/// that is read again means the same things.
struct ResourceIdentifiers {
    /// AWS's example account.
    static let account = "123456789012"

    let stack: String
    /// The stack's ARN, where CloudFormation's API has made it.
    let stackID: String?

    /// Where a resource's addresses and ids are kept apart from those of other stacks.
    func key(_ logicalID: String) -> String { Self.key(logicalID, in: self.stackID ?? self.stack) }

    static func key(_ logicalID: String, in stack: String) -> String { "\(stack)/\(logicalID)" }

    /// The id of what AWS calls by no id of its own.
    func label(_ logicalID: String) -> String { Self.key(logicalID, in: self.stack) }

    /// `i-0123456789abcdef0`: a prefix and 17 hexadecimal digits.
    func id(_ prefix: String, _ logicalID: String) -> String {
        "\(prefix)-0\(Self.hexadecimal(Self.hash(self.key(logicalID))))"
    }

    /// The 16 hexadecimal digits that end ARNs.
    func suffix(_ logicalID: String) -> String {
        Self.suffix(ofKey: self.key(logicalID))
    }

    /// The same of a resource by its key.
    static func suffix(ofKey key: String) -> String { Self.hexadecimal(Self.hash(key)) }

    /// A name as CloudFormation makes one: the beginnings of the stack's and the resource's name, and twelve characters.
    func generatedName(_ logicalID: String) -> String {
        let end = Self.hexadecimal(Self.hash(self.key(logicalID))).prefix(12).uppercased()
        let beginning = self.stack.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(5)
        return "\(beginning.isEmpty ? "stack" : beginning)-\(logicalID.prefix(5))-\(end)"
    }

    func loadBalancerARN(_ logicalID: String, name: String, kind: LoadBalancer.Kind) -> String {
        self.arn("loadbalancer/\(self.fullName(logicalID, name: name, kind: kind))")
    }

    /// `app/NAME/ID`.
    func fullName(_ logicalID: String, name: String, kind: LoadBalancer.Kind) -> String {
        "\(kind.prefix ?? "app")/\(name)/\(self.suffix(logicalID))"
    }

    func targetGroupARN(_ logicalID: String, name: String) -> String {
        self.arn("targetgroup/\(name)/\(self.suffix(logicalID))")
    }

    func functionARN(name: String) -> String {
        "arn:aws:lambda:\(AvailabilityZone.region):\(Self.account):function:\(name)"
    }

    func roleARN(name: String) -> String { "arn:aws:iam::\(Self.account):role/\(name)" }

    func trustStoreARN(_ logicalID: String, name: String) -> String {
        self.arn("truststore/\(name)/\(self.suffix(logicalID))")
    }

    /// Certificate Manager's ids are UUIDs.
    func certificateARN(_ logicalID: String) -> String {
        let digits = Array(self.suffix(logicalID) + Self.hexadecimal(Self.hash(self.key(logicalID) + "/certificate")))
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return "arn:aws:acm:\(AvailabilityZone.region):\(Self.account):certificate/\(parts.joined(separator: "-"))"
    }

    /// `NAME-1234567890.ap-northeast-2.elb.aws.test`, with `internal-` before it when the scheme is internal, as at AWS; of a Network
    /// Load Balancer `NAME-0123456789abcdef.elb.ap-northeast-2.aws.test` (NLB-AZ-006).
    func dnsName(_ logicalID: String, name: String, kind: LoadBalancer.Kind, scheme: LoadBalancer.Scheme) -> String {
        guard kind != .network else {
            return "\(name)-\(self.suffix(logicalID)).elb.\(AvailabilityZone.region).aws.test"
        }
        let number = Self.dnsNumber(ofKey: self.key(logicalID))
        let prefix = scheme == .internal ? "internal-" : ""
        return "\(prefix)\(name)-\(number).\(AvailabilityZone.region).elb.aws.test"
    }

    /// What tells DNS names of load balancers with the same name apart.
    static func dnsNumber(ofKey key: String) -> UInt64 { 1_000_000_000 + Self.hash(key) % 1_000_000_000 }

    private func arn(_ resource: String) -> String {
        "arn:aws:elasticloadbalancing:\(AvailabilityZone.region):\(Self.account):\(resource)"
    }

    /// FNV-1a, 64 bits, stirred once more so that similar names get dissimilar ids. The same on every machine and in every
    /// run, which Swift's `Hasher` is not.
    private static func hash(_ text: String) -> UInt64 {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let stirred = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        return stirred ^ stirred >> 33
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
