package import ELBControlAPI
package import ELBModel

/// A command at work on an account: it reads and changes a copy, and every change is an event. Nothing of it counts until the whole
/// command has succeeded, so a command that throws half-way has changed nothing.
package struct Transaction {
    /// As it is after the changes so far.
    package private(set) var account: Account
    package private(set) var events: [AccountEvent] = []
    /// What time it is for this command.
    package let now: Timestamp
    /// What the running probers say; only for commands that ask for it.
    package let health: LabHealth
    /// How the caller reaches the endpoint: `127.0.0.1:4566`.
    package let host: String
    /// How long an AWS second lasts: milliseconds of real time.
    let secondLength: Double
    private var generator: any RandomNumberGenerator

    package static let usualHost = "127.0.0.1:4566"

    package init(
        _ account: Account,
        now: Timestamp,
        health: LabHealth = LabHealth(),
        host: String = Self.usualHost,
        secondLength: Double = 1000,
        generator: any RandomNumberGenerator
    ) {
        self.secondLength = secondLength
        self.account = account
        self.now = now
        self.health = health
        self.host = host
        self.generator = generator
    }

    /// The one reducer: what a command makes of an account.
    ///
    /// - Parameter foreignIDsOf: the command's parameters, where ids that nobody has made count as existing.
    /// - Returns: the events, the account after them, and the answer.
    /// - Throws: AWS's error; then nothing has changed.
    package static func reduce(
        _ command: some AccountCommand,
        _ account: Account,
        now: Timestamp,
        health: LabHealth = LabHealth(),
        host: String = Self.usualHost,
        secondLength: Double = 1000,
        foreignIDsOf input: WireValue? = nil,
        generator: any RandomNumberGenerator
    ) throws(APIError) -> (events: [AccountEvent], account: Account, output: WireValue) {
        var transaction = Transaction(
            account,
            now: now,
            health: health,
            host: host,
            secondLength: secondLength,
            generator: generator
        )
        if let input { ForeignIDs(input).adopt(&transaction) }
        let output = try command.perform(&transaction)
        return (transaction.events, transaction.account, output)
    }

    // MARK: Changing

    package mutating func save(_ record: AccountEvent.Record) { self.note(.saved(record)) }

    package mutating func remove(_ kind: AccountEvent.Kind, _ id: String) { self.note(.removed(kind, id: id)) }

    private mutating func note(_ event: AccountEvent) {
        self.account.apply(event)
        self.events.append(event)
    }

    // MARK: Time

    /// The moment of the wall clock at which that many AWS seconds will have passed.
    func time(in seconds: Int) -> Timestamp {
        Timestamp(milliseconds: self.now.milliseconds + Int64((Double(seconds) * self.secondLength).rounded()))
    }

    // MARK: Names

    /// Sixteen hexadecimal digits, as AWS ends its ARNs.
    mutating func makeID() -> String {
        let digits = String(self.generator.next() as UInt64, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// `arn:aws:acm:…:certificate/` and a UUID.
    mutating func makeCertificateARN() -> CertificateARN {
        let digits = self.makeID() + self.makeID()
        var parts: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        let name = parts.joined(separator: "-")
        return CertificateARN(
            rawValue: "arn:aws:acm:\(AvailabilityZone.region):\(Account.number):certificate/\(name)"
        )
    }

    /// EC2's ids: `i-` and 17 hexadecimal digits.
    mutating func makeID(_ prefix: String) -> String { "\(prefix)-0\(self.makeID())" }

    /// In the form of 01234567-89ab-cdef-0123-456789abcdef.
    mutating func makeUUID() -> String {
        let digits = Array(self.makeID() + self.makeID())
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return parts.joined(separator: "-")
    }

    /// `NAME-1234567890.ap-northeast-2.elb.aws.test`, with `internal-` before it when the scheme is internal, as at AWS.
    mutating func makeDNSName(_ name: LoadBalancerName, _ scheme: LoadBalancer.Scheme) -> String {
        let number = UInt64.random(in: 1_000_000_000...1_999_999_999, using: &self.generator)
        let prefix = scheme == .internal ? "internal-" : ""
        return "\(prefix)\(name)-\(number).\(AvailabilityZone.region).elb.aws.test"
    }

    // MARK: Judging

    /// Throws the first thing that AWS refuses about a load balancer and the groups it uses as they are now.
    func validate(loadBalancer arn: String) throws(APIError) {
        if let error = self.account.topology(ofLoadBalancer: arn).validate().first { throw APIError(error) }
    }
}

/// A command that the account carries out. Pure: time, randomness and health come with the transaction.
package protocol AccountCommand: Command {
    /// Gets what the command needs from outside before it can be decided on.
    mutating func prepare(_ materials: any LabMaterials) throws(APIError)
    /// - Returns: the operation's output.
    func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue
    /// What is left of the command when the data plane could not carry out what `perform` made of the account. It may change
    /// records that the data plane does not look at, such as a stack's history.
    ///
    /// - Returns: the operation's output, or `nil` when the caller is told of the failure and nothing has changed.
    func performFailed(_ reason: String, _ transaction: inout Transaction) throws(APIError) -> WireValue?
    /// Whether the answer shows what the probers see.
    static var needsHealth: Bool { get }
}

extension AccountCommand {
    package static var needsHealth: Bool { false }

    package mutating func prepare(_ materials: any LabMaterials) throws(APIError) {}

    package func performFailed(_ reason: String, _ transaction: inout Transaction) throws(APIError) -> WireValue? {
        nil
    }

    /// Whether the operation may change anything; those that only look need not wait for others.
    static var isChange: Bool {
        let name = Self.operation.name
        return !["Describe", "Get", "List", "Validate"].contains { name.hasPrefix($0) }
    }
}
