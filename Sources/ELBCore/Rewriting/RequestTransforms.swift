package import ELBModel
package import ELBWire

/// What a rule's transforms have made of a request. What is `nil` stays as the client sent it.
package struct RewrittenRequest: Hashable, Sendable {
    /// Path and query.
    package var target: [UInt8]?
    package var host: [UInt8]?

    package init(target: [UInt8]? = nil, host: [UInt8]? = nil) {
        self.target = target
        self.host = host
    }
}

/// A rule's transforms, compiled (group ALB-XFRM). They are applied to requests that the rule has taken, before a target is
/// chosen; the client notices nothing of it (ALB-XFRM-008).
package final class RequestTransforms: Sendable {
    private let host: CompiledRewrite?
    private let url: CompiledRewrite?
    package let deviations: Deviations

    /// `nil` if the rule has none.
    init?(_ transforms: [RuleTransform], deviations: Deviations) {
        guard !transforms.isEmpty else { return nil }
        let rewrite = { (kind: RuleTransform.Kind) -> CompiledRewrite? in
            // Host names know no case (RFC 9110, section 4.2.3); paths do.
            transforms.first { $0.kind == kind }?.rewrites.first.map {
                CompiledRewrite(
                    $0,
                    foldsCase: kind == .hostHeaderRewrite,
                    ignoresCaptures: deviations.contains(.ignoresCaptures)
                )
            }
        }
        self.host = rewrite(.hostHeaderRewrite)
        self.url = rewrite(.urlRewrite)
        self.deviations = deviations
    }

    /// What came of a rule's transforms.
    package enum Outcome: Hashable, Sendable {
        /// Nothing matched: the request goes on as it is, and the log names no transform (ALB-XFRM-003, -011).
        case notApplied
        case applied(RewrittenRequest)
        /// The client gets 500 (ALB-XFRM-004).
        case failed(AccessLogRecord.Transform.Status)
    }

    /// Applies both to a request.
    package func apply(to head: borrowing RequestHead, bytes: Span<UInt8>) -> Outcome {
        var isApplied = false
        var rewritten = RewrittenRequest()
        if let host = self.host {
            switch Self.rewrite(host, head, bytes) {
            case .noMatch: break
            case .replaced(let name):
                isApplied = true
                rewritten.host = name
            case .failed(let status):
                return self.failure(status)
            }
        }
        // `*` is no URL, and there is nothing in it to rewrite.
        if let url = self.url, head.form != .asterisk {
            switch self.rewrite(url, head, bytes) {
            case .noMatch: break
            case .replaced(let target):
                isApplied = true
                rewritten.target = target
            case .failed(let status):
                return self.failure(status)
            }
        }
        if !isApplied { return self.deviations.contains(.failsWithoutMatch) ? .failed(.replaceError) : .notApplied }
        return .applied(rewritten.changes(of: head, bytes))
    }

    private func failure(_ status: AccessLogRecord.Transform.Status) -> Outcome {
        self.deviations.contains(.forwardsFailures) ? .notApplied : .failed(status)
    }

    // MARK: The host

    private static func rewrite(
        _ rewrite: CompiledRewrite,
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>
    ) -> CompiledRewrite.Outcome {
        // The expression sees the name without the port, which is the listener's business (ALB-XFRM-015).
        let name = EffectiveHost(head, bytes: bytes).name
        guard !name.isEmpty else { return .noMatch }
        let outcome = rewrite.apply(to: bytes.extracting(name))
        guard case .replaced(let host) = outcome, !Self.isHost(host) else { return outcome }
        return .failed(.invalidHost)
    }

    /// A name or an address in brackets, and perhaps a port.
    private static func isHost(_ text: [UInt8]) -> Bool {
        guard text.count <= 255 else { return false }
        var name = text[...]
        if let colon = name.lastIndex(of: UInt8(ascii: ":")), name.last != UInt8(ascii: "]") {
            let port = name[(colon + 1)...]
            guard (1...5).contains(port.count), port.allSatisfy(ASCII.isDigit) else { return false }
            name = name[..<colon]
        }
        if name.first == UInt8(ascii: "["), name.last == UInt8(ascii: "]") {
            let address = name.dropFirst().dropLast()
            return !address.isEmpty
                && address.allSatisfy { ByteClass.hexValue($0) != nil || $0 == 0x3a || $0 == 0x2e }
        }
        return !name.isEmpty
            && name.allSatisfy {
                ByteClass.isLetter($0) || ByteClass.isDigit($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f
            }
    }

    // MARK: The URL

    private func rewrite(
        _ rewrite: CompiledRewrite,
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>
    ) -> CompiledRewrite.Outcome {
        var url = self.normalizedPath(bytes.extracting(head.path.range))
        // The expression sees the query, too: otherwise none could change it (ALB-XFRM-005, -006). A query that it does not
        // match stays (ALB-XFRM-007).
        if let range = head.query?.range, !self.deviations.contains(.dropsQuery) {
            url.append(UInt8(ascii: "?"))
            for index in range { Self.append(bytes[index], to: &url) }
        }
        let outcome = rewrite.apply(to: url.span)
        guard case .replaced(var target) = outcome else { return outcome }
        if self.deviations.contains(.scrubsQuery) { target = Array(target.prefix { $0 != UInt8(ascii: "?") }) }
        guard target.first == UInt8(ascii: "/"),
            !target.contains(where: { Self.needsEscape($0) || $0 == UInt8(ascii: "#") })
        else { return .failed(.invalidPath) }
        return .replaced(target)
    }

    /// Bytes that would end the target early for some readers, as OutgoingRequestHead has them.
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x7f
    }

    private static func append(_ byte: UInt8, to output: inout [UInt8]) {
        guard Self.needsEscape(byte) else { return output.append(byte) }
        output.append(UInt8(ascii: "%"))
        output.append(hexadecimal: UInt64(byte), digits: 2)
    }

    /// The path with every escape decoded that stands for a character which needs none, which is how the service is reported
    /// to see it (ALB-XFRM-010). An escaped `/`, `?`, `#` or `%` stays: decoded it would mean something else.
    private func normalizedPath(_ path: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        var index = 0
        while index < path.count {
            let byte = path[index]
            if byte == UInt8(ascii: "%"), index + 2 < path.count, !self.deviations.contains(.keepsEscapes),
                let high = ByteClass.hexValue(path[index + 1]), let low = ByteClass.hexValue(path[index + 2]),
                Self.needsNoEscape.contains(high << 4 | low)
            {
                output.append(high << 4 | low)
                index += 3
                continue
            }
            Self.append(byte, to: &output)
            index += 1
        }
        return output.isEmpty ? [UInt8(ascii: "/")] : output
    }

    /// RFC 3986's pchar (section 3.3), escapes left out.
    private static let needsNoEscape = ByteSet.word.union(ByteSet("-.~!$&'()*+,;=:@".utf8))
}

extension RewrittenRequest {
    /// Only what is not what the client sent (ALB-XFRM-012).
    fileprivate func changes(of head: borrowing RequestHead, _ bytes: Span<UInt8>) -> Self {
        var changes = self
        if let host = self.host, bytes.extracting(EffectiveHost(head, bytes: bytes).name).isEqual(to: host) {
            changes.host = nil
        }
        let end = head.query.map { Int($0.range.upperBound) } ?? head.path.range.upperBound
        if let target = self.target, bytes.extracting(head.path.range.lowerBound..<end).isEqual(to: target) {
            changes.target = nil
        }
        return changes
    }
}

extension Span<UInt8> {
    fileprivate func isEqual(to other: [UInt8]) -> Bool {
        guard self.count == other.count else { return false }
        for index in self.indices where self[index] != other[index] { return false }
        return true
    }
}

extension RequestTransforms {
    /// The quirks of transforms, as bits; empty on an honest balancer.
    package struct Deviations: QuirkOptions {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        static let ignoresCaptures = Self(rawValue: 1)
        static let failsWithoutMatch = Self(rawValue: 2)
        static let forwardsFailures = Self(rawValue: 4)
        /// The expression does not see the query, and the target does not get it.
        static let dropsQuery = Self(rawValue: 8)
        /// A query that the replacement wrote is thrown away.
        static let scrubsQuery = Self(rawValue: 16)
        static let keepsEscapes = Self(rawValue: 32)
        /// Rules are tested again with the rewritten request.
        package static let matchesAgain = Self(rawValue: 64)
        /// The client is told to ask for the rewritten URL.
        package static let redirects = Self(rawValue: 128)

        package static let bits: [(quirk: Quirk, bit: Self)] = [
            (.transformCapturesIgnored, .ignoresCaptures), (.transformNoMatchFails, .failsWithoutMatch),
            (.transformFailureForwards, .forwardsFailures), (.transformDropsQuery, .dropsQuery),
            (.transformPathOnly, .scrubsQuery), (.transformKeepsEscapes, .keepsEscapes),
            (.transformBeforeRules, .matchesAgain), (.transformRedirects, .redirects),
        ]
    }
}
