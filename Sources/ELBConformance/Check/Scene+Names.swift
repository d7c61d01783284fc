package import ELBModel

/// What a check needs of the subject's name server.
package struct Naming: Hashable, Sendable {
    package var scheme: LoadBalancer.Scheme
    /// Records of hosted zones, made when the load balancer's name is known.
    package var records: Records

    /// Sets of records that checks can ask for.
    package enum Records: Hashable, Sendable {
        case none
        /// An alias at a zone's apex, and a CNAME in it.
        case aliases
        /// A CNAME whose names are as long as names may be.
        case long
    }

    package init(scheme: LoadBalancer.Scheme = .internetFacing, records: Records = .none) {
        self.scheme = scheme
        self.records = records
    }

    /// AWS's two layouts (ALB-DNS-003, NLB-AZ-006), and what internal names begin with (ALB-DNS-005).
    func dnsName(of kind: LoadBalancer.Kind) -> String {
        let prefix = self.scheme == .internal ? "internal-" : ""
        return switch kind {
        case .network: "\(prefix)conformance-0123456789abcdef.elb.ap-northeast-2.aws.test"
        case .application, .gateway, .classic: "\(prefix)conformance-1.ap-northeast-2.elb.aws.test"
        }
    }

    static let hostedZone = "shop.example"
    static let canonicalTimeToLive = 300
    /// Four labels, 251 letters and dots.
    static let longName =
        ([String(repeating: "l", count: 62)] + Array(repeating: String(repeating: "o", count: 62), count: 2)
        + [String(repeating: "n", count: 49), Self.hostedZone]).joined(separator: ".")

    func recordSets(of dnsName: String) -> [RecordSet] {
        switch self.records {
        case .none: []
        case .aliases:
            [
                RecordSet(name: Self.hostedZone, zone: Self.hostedZone, value: .alias(dnsName)),
                RecordSet(
                    name: "www.\(Self.hostedZone)",
                    zone: Self.hostedZone,
                    value: .canonicalName(dnsName, timeToLive: Self.canonicalTimeToLive)
                ),
            ]
        case .long:
            [
                RecordSet(
                    name: Self.longName,
                    zone: Self.hostedZone,
                    value: .canonicalName("x" + Self.longName.dropFirst(), timeToLive: Self.canonicalTimeToLive)
                )
            ]
        }
    }
}

// What checks of names need.
extension Scene {
    /// The load balancer's name.
    var dnsName: String { self.stage.dnsName }

    /// The addresses of these zones' nodes, sorted as text.
    func addresses(of zones: AvailabilityZone...) -> [String] {
        self.stage.nodes.filter { zones.contains($0.zone) }.map { "\($0.address)" }.sorted()
    }

    /// Asks the subject's name server by datagram; the check ends as failed when no answer comes.
    ///
    /// - Parameters:
    ///   - payloadSize: `nil` does not speak EDNS.
    ///   - source: who asks.
    func ask(
        _ name: String,
        _ type: DNSMessage.RecordType = .a,
        payloadSize: UInt16? = nil,
        from source: IPAddress? = nil
    ) async throws -> DNSAnswer {
        let question = self.question(name, type, payloadSize)
        let bytes = question.bytes
        let server = try self.nameServer
        let heard = await self.stage.raw.onDatagrams(to: server, from: source) { socket -> [UInt8]? in
            // A datagram may be lost, and one that comes before the server listens is.
            for _ in 0..<50 {
                socket.send(bytes)
                if let answer = socket.receiveBytes(within: .milliseconds(200)) { return answer }
            }
            return nil
        }
        switch heard {
        case .failure(let error): throw Problem.uncertain("no socket for datagrams: \(error)")
        case .success(let answer): return try self.read(answer.map { [$0] } ?? [], [question], "by UDP")[0]
        }
    }

    /// Asks by TCP, one question behind the other on one connection.
    func askByStream(_ names: [String]) async throws -> [DNSAnswer] {
        let questions = names.map { self.question($0, .a, nil) }
        let answers = try await self.onConnection(to: self.nameServer) { connection -> [[UInt8]] in
            for question in questions {
                let bytes = question.bytes
                connection.send([UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes)
            }
            connection.receive(within: .seconds(5)) { Self.messages(in: $0).count >= questions.count }
            return Self.messages(in: connection.received)
        }
        return try self.read(answers, questions, "by TCP")
    }

    /// Waits until the name stands for these addresses.
    func waitForAddresses(
        _ name: String,
        _ expected: [String],
        after what: String,
        within limit: Duration = .seconds(15)
    ) async throws {
        let deadline = ContinuousClock.now + limit
        var last = try await self.ask(name)
        while last.addresses != expected {
            try self.expect(
                ContinuousClock.now < deadline,
                tried: "ask for \(name) after \(what)",
                expected: expected.joined(separator: ", "),
                actual: "\(last.summary), even after \(limit)"
            )
            try await Task.sleep(for: .milliseconds(20))
            last = try await self.ask(name)
        }
    }

    private var nameServer: Endpoint {
        get throws {
            guard let server = self.stage.nameServer else {
                throw Problem.uncertain("the check asks for names, but its setting does not say so")
            }
            return server
        }
    }

    private func question(_ name: String, _ type: DNSMessage.RecordType, _ payloadSize: UInt16?) -> DNSMessage.Question
    {
        let id = self.random { UInt16.random(in: 1...UInt16.max, using: &$0) }
        return DNSMessage.Question(id: id, name: name, type: type, payloadSize: payloadSize)
    }

    private func read(
        _ messages: [[UInt8]],
        _ questions: [DNSMessage.Question],
        _ way: String
    ) throws -> [DNSAnswer] {
        let tried = "ask for \(questions.map(\.name).joined(separator: " and ")) \(way)"
        try self.expect(
            messages.count == questions.count,
            tried: tried,
            expected: questions.count == 1 ? "an answer" : "\(questions.count) answers",
            actual: "\(messages.isEmpty ? "none" : "\(messages.count)")"
        )
        return try zip(messages, questions).map { bytes, question in
            do throws(DNSMessage.Malformed) {
                let answer = try DNSAnswer(bytes)
                guard answer.id == question.id, answer.question.lowercased() == question.name.lowercased() else {
                    throw DNSMessage.Malformed(reason: "it answers '\(answer.question)', message \(answer.id)")
                }
                return answer
            } catch {
                throw Problem.broken(
                    tried: tried,
                    expected: "an answer to message \(question.id)",
                    actual: error.reason,
                    evidence: []
                )
            }
        }
    }

    /// The whole messages of a connection, each of which has its length before it.
    private static func messages(in bytes: [UInt8]) -> [[UInt8]] {
        var rest = bytes[...]
        var messages: [[UInt8]] = []
        while rest.count >= 2 {
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            guard rest.count >= 2 + length else { break }
            messages.append(Array(rest.dropFirst(2).prefix(length)))
            rest = rest.dropFirst(2 + length)
        }
        return messages
    }
}
