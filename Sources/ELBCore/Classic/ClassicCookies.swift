import ELBModel
package import ELBWire

/// The cookies of a Classic Load Balancer: AWSELB, and AWSELBCORS with the same value for requests from other sites (CLB-SK-002,
/// -007). The value is what `StickySession` says, sealed, in capital hexadecimal digits (CLB-SK-003). Nothing in it ages: how long a
/// session lasts is the browser's business (CLB-SK-005).
extension CookieCodec {
    /// The session that a request's cookies speak of, if this load balancer has sealed it.
    package func classicSession(_ head: borrowing RequestHead, bytes: Span<UInt8>) -> StickySession? {
        var own: Range<Int>?
        var crossSite: Range<Int>?
        for index in head.fields.indices
        where bytes.equalsIgnoringCase("cookie", at: head.fields[index].name.range) {
            CookiePairs.forEach(in: bytes, head.fields[index].value.range) { name, value in
                if Self.spells(bytes, name, "AWSELB") { own = own ?? value }
                if Self.spells(bytes, name, "AWSELBCORS") { crossSite = crossSite ?? value }
            }
        }
        guard let value = own ?? crossSite, value.count <= Self.longestClassicValue,
            let sealed = Self.decode(bytes, value),
            let clear = self.sealer.open(sealed, at: 0), let session = StickySession(clear), session.kind == .classic
        else { return nil }
        return session
    }

    private static let longestClassicValue = 1024

    /// Appends the two Set-Cookie lines, and the line that keeps caches from storing them.
    ///
    /// - Parameter attributes: what stands behind the value, each with its semicolon before it.
    package func appendClassic(
        _ session: StickySession,
        _ attributes: ClassicCookieAttributes,
        to output: inout [UInt8]
    ) {
        var digits: [UInt8] = []
        for byte in self.sealer.seal(session.bytes, at: 0) {
            for nibble in [byte >> 4, byte & 15] {
                digits.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10)
            }
        }
        output.append("Set-Cookie: AWSELB=")
        output += digits
        output += attributes.all
        output.append("\r\n")
        output.append("Set-Cookie: AWSELBCORS=")
        output += digits
        output += attributes.withoutSameSite
        output.append(";SECURE;SAMESITE=None\r\n")
        output.append("Cache-control: no-cache=\"set-cookie\"\r\n")
    }

    private static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8]? {
        guard range.count.isMultiple(of: 2) else { return nil }
        var decoded: [UInt8] = []
        for index in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
            guard let high = ByteClass.hexValue(bytes[index]), let low = ByteClass.hexValue(bytes[index + 1]) else {
                return nil
            }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    private static func spells(_ bytes: Span<UInt8>, _ range: Range<Int>, _ expected: StaticString) -> Bool {
        guard range.count == expected.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != expected.utf8Start[offset] {
            return false
        }
        return true
    }
}

/// What stands behind the value of a Classic Load Balancer's cookie.
package struct ClassicCookieAttributes: Hashable, Sendable {
    package private(set) var all: [UInt8] = []
    /// For the cookie that has a SameSite of its own.
    package private(set) var withoutSameSite: [UInt8] = []

    /// Of a duration policy (CLB-SK-003, -004, -006).
    ///
    /// - Parameter seconds: `nil` for as long as the browser is open.
    package init(seconds: Int?) {
        self.append(";PATH=/".utf8)
        if let seconds { self.append(";MAX-AGE=\(seconds)".utf8) }
    }

    /// Of an application policy: those of the application's cookie of that name (CLB-SK-012); `nil` if the response does not set it.
    /// A line that ends with a semicolon sets nothing (CLB-SK-014).
    package init?(of cookie: [UInt8], _ head: borrowing ResponseHead, bytes: Span<UInt8>) {
        for index in head.fields.indices
        where bytes.equalsIgnoringCase("set-cookie", at: head.fields[index].name.range) {
            let line = bytes.trimmingWhitespace(head.fields[index].value.range)
            guard let equals = bytes.firstIndex(of: UInt8(ascii: "="), in: line),
                bytes[line.upperBound - 1] != UInt8(ascii: ";")
            else { continue }
            let name = bytes.trimmingWhitespace(line.lowerBound..<equals)
            guard name.count == cookie.count, zip(name, cookie).allSatisfy({ bytes[$0] == $1 }) else { continue }
            var start = bytes.firstIndex(of: UInt8(ascii: ";"), in: equals..<line.upperBound)
            while let semicolon = start {
                let next = bytes.firstIndex(of: UInt8(ascii: ";"), in: (semicolon + 1)..<line.upperBound)
                self.copy(bytes, bytes.trimmingWhitespace((semicolon + 1)..<(next ?? line.upperBound)))
                start = next
            }
            return
        }
        return nil
    }

    private static let copied: Set<String> = [
        "path", "port", "domain", "secure", "httponly", "discard", "max-age", "expires", "version", "comment",
        "commenturl", "samesite",
    ]

    private mutating func copy(_ bytes: Span<UInt8>, _ part: Range<Int>) {
        let end = bytes.firstIndex(of: UInt8(ascii: "="), in: part) ?? part.upperBound
        var text: [UInt8] = []
        text.append(bytes, bytes.trimmingWhitespace(part.lowerBound..<end))
        let name = String(decoding: text, as: UTF8.self).lowercased()
        guard Self.copied.contains(name) else { return }
        text = [UInt8(ascii: ";")]
        text.append(bytes, part)
        if name == "path" {
            // CLB-SK-013.
            text = text.flatMap { $0 == UInt8(ascii: "_") ? Array("%5F".utf8) : [$0] }
        }
        self.all += text
        if name != "samesite", name != "secure" { self.withoutSameSite += text }
    }

    private mutating func append(_ text: some Sequence<UInt8>) {
        self.all += text
        self.withoutSameSite += text
    }
}
