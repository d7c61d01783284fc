package import ELBWire

/// The load balancer's own cookies in a request, as ranges over its head; the first of a name counts. Asked only where
/// stickiness is on.
package struct StickyCookies: Hashable, Sendable {
    package var target: Range<Int>?
    package var targetCORS: Range<Int>?
    package var group: Range<Int>?
    package var groupCORS: Range<Int>?
    /// AWSALBAPP-0 to AWSALBAPP-3, in this order.
    package var shards: [Range<Int>?] = [nil, nil, nil, nil]
    /// The client's user agent asks for cookies that cross sites, and knows how to keep them.
    package var wantsCrossSite = false

    /// Reads every Cookie line (HTTP/2 clients send several).
    package init(_ head: borrowing RequestHead, bytes: Span<UInt8>) {
        var isCrossOrigin = false
        var isModern = false
        for index in head.fields.indices {
            let name = head.fields[index].name.range
            let value = head.fields[index].value.range
            switch name.count {
            case 6 where bytes.equalsIgnoringCase("cookie", at: name): self.note(bytes, value)
            case 6 where bytes.equalsIgnoringCase("origin", at: name): isCrossOrigin = true
            case 10 where bytes.equalsIgnoringCase("user-agent", at: name):
                isModern = Self.isChromium80(bytes, value)
            default: break
            }
        }
        self.wantsCrossSite = isCrossOrigin && isModern
    }

    // cookie-string = cookie-pair *( ";" SP cookie-pair )        (RFC 6265, section 4.2.1)
    private mutating func note(_ bytes: Span<UInt8>, _ line: Range<Int>) {
        CookiePairs.forEach(in: bytes, line) { name, value in
            guard name.count >= 6, Self.spells(bytes, name.prefix(6), "AWSALB") else { return }
            switch name.count {
            case 6: self.target = self.target ?? value
            case 8 where Self.spells(bytes, name.dropFirst(6), "TG"): self.group = self.group ?? value
            case 10 where Self.spells(bytes, name.dropFirst(6), "CORS"): self.targetCORS = self.targetCORS ?? value
            case 12 where Self.spells(bytes, name.dropFirst(6), "TGCORS"): self.groupCORS = self.groupCORS ?? value
            case 11 where Self.spells(bytes, name.dropFirst(6).prefix(4), "APP-"):
                let shard = Int(bytes[name.upperBound - 1]) - 0x30
                if (0..<4).contains(shard) { self.shards[shard] = self.shards[shard] ?? value }
            default: break
            }
        }
    }

    /// Whether the request has a cookie of that name, whatever its value (ALB-STK-016).
    package static func hasCookie(
        _ wanted: [UInt8],
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>
    ) -> Bool {
        var isThere = false
        for index in head.fields.indices
        where bytes.equalsIgnoringCase("cookie", at: head.fields[index].name.range) {
            CookiePairs.forEach(in: bytes, head.fields[index].value.range) { name, _ in
                if name.count == wanted.count, name.indices.allSatisfy({ bytes[$0] == wanted[$0 - name.lowerBound] }) {
                    isThere = true
                }
            }
        }
        return isThere
    }

    /// Whether the response sets a cookie of that name; neither value nor attributes matter (ALB-STK-016).
    package static func setsCookie(
        _ wanted: [UInt8],
        _ head: borrowing ResponseHead,
        bytes: Span<UInt8>
    ) -> Bool {
        for index in head.fields.indices
        where bytes.equalsIgnoringCase("set-cookie", at: head.fields[index].name.range) {
            let line = head.fields[index].value.range
            guard let equals = bytes.firstIndex(of: UInt8(ascii: "="), in: line) else { continue }
            let name = bytes.trimmingWhitespace(line.lowerBound..<equals)
            if name.count == wanted.count, name.indices.allSatisfy({ bytes[$0] == wanted[$0 - name.lowerBound] }) {
                return true
            }
        }
        return false
    }

    /// `… Chrome/80.0 …` or newer: browsers of that family keep cross-site cookies only with `SameSite=None; Secure`
    /// (ALB-STK-021).
    private static func isChromium80(_ bytes: Span<UInt8>, _ agent: Range<Int>) -> Bool {
        for start in agent {
            for product in ["Chrome/", "Chromium/"] as [StaticString] {
                let end = start + product.utf8CodeUnitCount
                guard end < agent.upperBound, Self.spells(bytes, start..<end, product) else { continue }
                var version = 0
                for index in end..<agent.upperBound {
                    guard ByteClass.isDigit(bytes[index]), version < 100_000 else { break }
                    version = version * 10 + Int(bytes[index] - 0x30)
                }
                return version >= 80
            }
        }
        return false
    }

    private static func spells(_ bytes: Span<UInt8>, _ range: Range<Int>, _ expected: StaticString) -> Bool {
        guard range.count == expected.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != expected.utf8Start[offset] {
            return false
        }
        return true
    }
}

/// Walks over the pairs of a Cookie line. Names keep their case: cookies' names have one (RFC 6265, section 5.3).
enum CookiePairs {
    static func forEach(
        in bytes: Span<UInt8>,
        _ line: Range<Int>,
        _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void
    ) {
        var start = line.lowerBound
        while start < line.upperBound {
            let end = bytes.firstIndex(of: UInt8(ascii: ";"), in: start..<line.upperBound) ?? line.upperBound
            if let equals = bytes.firstIndex(of: UInt8(ascii: "="), in: start..<end) {
                body(bytes.trimmingWhitespace(start..<equals), bytes.trimmingWhitespace((equals + 1)..<end))
            }
            start = end + 1
        }
    }
}
