package import ELBWire

/// Writes the head that a target gets: the client's request line and fields, without what concerned the client's
/// connection only, with what the balancer adds.
///
/// Field lines that nobody touches are copied in runs. A head in which anything odd was found is written line by line, so that
/// what two readers could understand differently never reaches a target.
package enum OutgoingRequestHead {
    /// Appends the head with its empty line.
    ///
    /// - Parameters:
    ///   - length: the body's length, which decides the framing field.
    ///   - closesAfterwards: asks the target to close (ALB-DSYNC-004).
    ///   - upgrades: asks the target for a WebSocket (ALB-HTTP-031).
    ///   - dropsInvalidNames: `routing.http.drop_invalid_header_fields.enabled` (ALB-HDR-034).
    ///   - additions: whole field lines with their line ends, added behind the client's.
    ///   - rewritten: what the rule's transforms have made of the request, if they have.
    ///   - forwarded: writes Host, X-Forwarded-* and X-Amzn-Trace-Id, for which `client`, `epochSeconds` and `generator` are.
    /// - Returns: where in `output` the value of X-Amzn-Trace-Id stands.
    package static func append(
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        length: BodyLength,
        closesAfterwards: Bool,
        upgrades: Bool = false,
        dropsInvalidNames: Bool,
        additions: [UInt8] = [],
        quirks: ExchangeQuirks,
        rewritten: RewrittenRequest? = nil,
        forwarded: ForwardedHeaders,
        client: [UInt8],
        epochSeconds: UInt32,
        generator: inout SplitMix64,
        to output: inout ByteOutput
    ) -> Range<Int> {
        Self.appendRequestLine(head, bytes, rewritten: rewritten?.target, quirks, to: &output)
        let traceID = forwarded.append(
            to: &output,
            head,
            bytes: bytes,
            rewrittenHost: rewritten?.host,
            client: client,
            epochSeconds: epochSeconds,
            generator: &generator
        )
        let dropsInvalid = dropsInvalidNames && head.findings.contains(.nameOutsideAWSAlphabet)
        let regeneratesLength =
            !head.framing.findings.isEmpty || (length == .chunked) || head.framing.transferEncoding != .absent
        var run = 0..<0
        for index in head.fields.indices {
            let field = head.fields[index]
            var passes = Self.passes(field, of: head, bytes, quirks)
            if passes, forwarded.ownsRenamedFields, forwarded.owns(field, bytes) { passes = false }
            if regeneratesLength, field.known == .contentLength || field.known == .transferEncoding { passes = false }
            if passes, dropsInvalid, field.known == .other, !Self.isInAWSAlphabet(field, bytes) { passes = false }
            guard passes, field.passage == .verbatim else {
                output.append(bytes.extracting(run))
                run = 0..<0
                if passes { HopByHop.appendField(field, bytes: bytes, to: &output) }
                continue
            }
            let line = field.line.range
            if !run.isEmpty, run.upperBound == line.lowerBound {
                run = run.lowerBound..<line.upperBound
            } else {
                output.append(bytes.extracting(run))
                run = line
            }
        }
        output.append(bytes.extracting(run))
        if regeneratesLength { Self.appendFraming(length, to: &output) }
        output.append(additions)
        if quirks.contains(.viaAdded) { output.append("Via: 1.1 elb\r\n") }
        let closes = closesAfterwards || quirks.contains(.upstreamNeverReused)
        if upgrades, !closes {
            output.append(WebSocketUpgrade.fields)
        } else if closes {
            output.append("Connection: close\r\n")
        }
        output.append("\r\n")
        return traceID
    }

    // In `default` because most fields are none of the balancer's business.
    private static func passes(
        _ field: HeaderFieldRange,
        of head: borrowing RequestHead,
        _ bytes: Span<UInt8>,
        _ quirks: ExchangeQuirks
    ) -> Bool {
        guard field.passage != .withheld else { return false }
        switch field.known {
        case .other where quirks.contains(.requestHeadersDropped):
            return false
        case .other:
            guard head.framing.connection.contains(.namesFields) else { return true }
            return !HopByHop.isNamed(field, byConnectionOf: head.fields, bytes: bytes)
                || quirks.contains(.hopByHopForwarded)
        case .host, .xForwardedFor, .xForwardedPort, .xForwardedProto:
            return false
        case .xAmznTraceID:
            // To a Classic Load Balancer a field like any other (CLB-HD-006).
            return quirks.contains(.classic)
        case .xAmznTLS:
            // Only the balancer knows (ALB-HDR-040).
            return quirks.contains(.tlsHeadersTrusted)
        case .xAmznOIDC:
            // Only the load balancer says who the user is (ALB-AUTH-013); its own lines are among the additions.
            return quirks.contains(.identityTrusted)
        case .expect:
            // The balancer has answered it (ALB-HTTP-019).
            return quirks.contains(.expectForwarded)
        case .connection, .keepAlive, .proxyConnection, .te, .upgrade, .proxyAuthenticate, .proxyAuthorization:
            return quirks.contains(.hopByHopForwarded)
        case .contentLength, .transferEncoding, .trailer, .userAgent, .date, .server:
            return true
        }
    }

    private static func appendFraming(_ length: BodyLength, to output: inout ByteOutput) {
        switch length {
        case .chunked:
            output.append("Transfer-Encoding: chunked\r\n")
        case .bytes(let count):
            output.append("Content-Length: ")
            output.append(decimal: Int(clamping: count))
            output.append("\r\n")
        case .none, .untilClose: break
        }
    }

    private static func appendRequestLine(
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>,
        rewritten: [UInt8]?,
        _ quirks: ExchangeQuirks,
        to output: inout ByteOutput
    ) {
        switch head.knownMethod {
        case .get, .head, .post: output.append(bytes.extracting(head.method.range))
        default:
            if quirks.contains(.methodRewritten) {
                output.append("POST")
            } else {
                output.append(bytes.extracting(head.method.range))
            }
        }
        output.append(UInt8(ascii: " "))
        if let rewritten {
            output.append(rewritten)
            output.append(" HTTP/1.1\r\n")
            return
        }
        // Targets get origin-form, whatever form the client used (RFC 9112, section 3.2.1).
        let target =
            head.form == .absolute ? Int(head.path.lowerBound)..<head.target.range.upperBound : head.target.range
        if target.isEmpty || bytes[target.lowerBound] == UInt8(ascii: "?") { output.append(UInt8(ascii: "/")) }
        if quirks.contains(.urlDecoded) {
            Self.appendDecoded(bytes.extracting(target), to: &output)
        } else if head.findings.isDisjoint(with: .oddTarget) {
            output.append(bytes.extracting(target))
        } else {
            Self.appendEncoded(bytes.extracting(target), to: &output)
        }
        output.append(" HTTP/1.1\r\n")
    }

    // A space or control character in the target would end it early for some readers. Percent-encoded it means the same to all
    // ("should … respond with the properly encoded target", RFC 9112, section 3.2).
    private static func appendEncoded(_ target: Span<UInt8>, to output: inout ByteOutput) {
        for index in target.indices {
            let byte = target[index]
            if byte > 0x20, byte != 0x7f {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "%"))
                output.append(hexadecimal: UInt64(byte), digits: 2)
            }
        }
    }

    /// The quirk `url.decoded`: `%2F` becomes `/`, but nothing that would break the line.
    private static func appendDecoded(_ target: Span<UInt8>, to output: inout ByteOutput) {
        var index = 0
        while index < target.count {
            if target[index] == UInt8(ascii: "%"), index + 2 < target.count,
                let high = ByteClass.hexValue(target[index + 1]), let low = ByteClass.hexValue(target[index + 2]),
                (0x21...0x7e).contains(high << 4 | low)
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(target[index] > 0x20 ? target[index] : UInt8(ascii: "+"))
                index += 1
            }
        }
    }

    private static func isInAWSAlphabet(_ field: HeaderFieldRange, _ bytes: Span<UInt8>) -> Bool {
        field.name.range.allSatisfy { index in
            ByteClass.isLetter(bytes[index]) || ByteClass.isDigit(bytes[index]) || bytes[index] == UInt8(ascii: "-")
        }
    }
}
