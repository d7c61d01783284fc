package import ELBWire

/// Fields that speak to the next hop only and are therefore never passed on (RFC 9110, section 7.6.1).
package enum HopByHop {
    /// The named ones. Transfer-Encoding is hop-by-hop too, but belongs to the framing and is treated there; Trailer
    /// announces trailers, which are passed on.
    package static func isHopByHop(_ field: KnownField) -> Bool {
        switch field {
        case .connection, .keepAlive, .te, .upgrade:
            true
        case .proxyConnection:
            // Never standardised, but some clients still send it.
            true
        case .proxyAuthenticate, .proxyAuthorization:
            // Meant for the first proxy that asks for it, which the balancer is.
            true
        case .other, .contentLength, .expect, .host, .trailer, .transferEncoding, .userAgent, .xAmznOIDC, .xAmznTraceID,
            .xForwardedFor, .xForwardedPort, .xForwardedProto, .xAmznTLS, .date, .server:
            false
        }
    }

    /// Whether a Connection field of the same head names this field.
    package static func isNamed(
        _ field: HeaderFieldRange,
        byConnectionOf fields: [HeaderFieldRange],
        bytes: Span<UInt8>
    ) -> Bool {
        var isNamed = false
        for other in fields where other.known == .connection {
            bytes.forEachListElement(in: other.value.range) { element in
                if Self.areEqual(bytes, element, field.name.range) { isNamed = true }
            }
        }
        return isNamed
    }

    private static func areEqual(_ bytes: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for offset in 0..<left.count {
            let first = bytes[left.lowerBound + offset]
            let second = bytes[right.lowerBound + offset]
            guard first == second || (ByteClass.isLetter(first) && first ^ second == 0x20) else { return false }
        }
        return true
    }

    /// Appends a field whose line cannot be copied as it stands.
    package static func appendField(_ field: HeaderFieldRange, bytes: Span<UInt8>, to output: inout ByteOutput) {
        output.append(bytes.extracting(field.name.range))
        output.append(": ")
        output.append(bytes.extracting(field.value.range))
        output.append("\r\n")
    }
}
