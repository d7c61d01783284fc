package import ELBModel
package import ELBWire

/// The header fields that the load balancer itself puts into a forwarded request: Host, X-Forwarded-For, -Proto,
/// -Port and X-Amzn-Trace-Id. One object per listener, made when the configuration is compiled.
///
/// The caller copies the client's other fields and leaves out those for which `writes` is true; `append` writes
/// these, so that each stands in the request once and in one place.
package final class ForwardedHeaders: Sendable {
    /// X-Forwarded-For with more addresses than this is answered with 463 (ALB-HDR-011).
    package static let mostAddresses = 30
    /// Heads with more bytes of header fields than this get a fresh trace id (ALB-HDR-022).
    package static let largestTracedHead = 7 * 1024

    let mode: LoadBalancerAttributes.XFFHeaderProcessingMode
    let clientPortEnabled: Bool
    let preservesHost: Bool
    let listenerPort: Port
    /// On 80 and 443, whatever the protocol, Host carries no port; elsewhere it does (ALB-HDR-026 to -028).
    let stripsPort: Bool
    let dnsName: [UInt8]
    /// X-Forwarded-Proto and X-Forwarded-Port, both lines.
    let protoAndPort: [UInt8]
    let portLine: [UInt8]
    let quirks: QuirkSet
    /// In lower case: what the listener calls its fields about TLS, where it was given other names for them.
    private let renamedFields: [[UInt8]]
    let ownsRenamedFields: Bool
    /// Of the load balancers only the Classic one has no trace ids (CLB-HD-006), and no answer to too many addresses.
    private let writesTraceID: Bool
    private let limitsAddresses: Bool

    package init(
        attributes: LoadBalancerAttributes,
        listenerPort: Port,
        listenerProtocol: Listener.Proto,
        dnsName: String,
        renamedFields: [String] = [],
        quirks: QuirkSet = QuirkSet(),
        isClassic: Bool = false
    ) {
        self.writesTraceID = (!isClassic || quirks.contains(.classicTraceIDAdded)) && !quirks.contains(.traceIDMissing)
        self.limitsAddresses = !isClassic && !quirks.contains(.errorXFFLimitMissing)
        self.mode = attributes.xffHeaderProcessingMode
        self.clientPortEnabled = attributes.xffClientPortEnabled
        self.preservesHost = attributes.preserveHostHeaderEnabled
        self.listenerPort = listenerPort
        self.stripsPort = listenerPort == 80 || listenerPort == 443
        self.dnsName = Array(dnsName.utf8)
        self.portLine = quirks.contains(.xffPortMissing) ? [] : Array("X-Forwarded-Port: \(listenerPort)\r\n".utf8)
        self.protoAndPort =
            Array("X-Forwarded-Proto: \(listenerProtocol == .https ? "https" : "http")\r\n".utf8) + self.portLine
        self.quirks = quirks
        self.renamedFields =
            quirks.contains(.tlsHeadersTrusted) ? [] : renamedFields.map { Array($0.lowercased().utf8) }
        self.ownsRenamedFields = !self.renamedFields.isEmpty
    }

    /// Whether a client's field has a name that this listener tells targets about TLS by (ALB-HDR-040, ALB-HMOD-009).
    func owns(_ field: HeaderFieldRange, _ bytes: Span<UInt8>) -> Bool {
        let name = field.name.range
        return self.renamedFields.contains { own in
            own.count == name.count && zip(own, name).allSatisfy { $0 == ASCII.lowercase(bytes[$1]) }
        }
    }

    /// What a client's connection adds to X-Forwarded-For; made once per connection. With the client port enabled
    /// `192.0.2.1:4711` and `[2001:db8::1]:4711`, without it the bare address (ALB-HDR-008, -009).
    package func entry(of address: IPAddress, port: UInt16) -> [UInt8] {
        guard self.clientPortEnabled else { return Array(address.description.utf8) }
        switch address {
        case .v4(let address): return Array("\(address):\(port)".utf8)
        case .v6(let address): return Array("[\(address)]:\(port)".utf8)
        }
    }

    /// Whether `append` takes care of this field, so that the client's must not be copied.
    package func writes(_ field: KnownField) -> Bool {
        switch field {
        case .host, .xAmznTraceID, .xForwardedFor, .xForwardedPort, .xForwardedProto:
            true
        case .other, .xAmznOIDC, .xAmznTLS, .connection, .contentLength, .expect, .keepAlive, .proxyConnection, .te,
            .trailer, .transferEncoding, .upgrade, .userAgent, .date, .server, .proxyAuthenticate, .proxyAuthorization:
            false
        }
    }

    /// Whether X-Forwarded-For, all its lines taken together, names more than 30 addresses: 463, in every mode.
    package func hasTooManyAddresses(_ head: borrowing RequestHead, bytes: Span<UInt8>) -> Bool {
        guard self.limitsAddresses else { return false }
        var addresses = 0
        for index in head.fields.indices where head.fields[index].known == .xForwardedFor {
            let value = head.fields[index].value.range
            var isInside = false
            for position in value {
                switch bytes[position] {
                case UInt8(ascii: ","): isInside = false
                case UInt8(ascii: " "), UInt8(ascii: "\t"): continue
                default:
                    if !isInside { addresses += 1 }
                    isInside = true
                }
            }
        }
        return addresses > Self.mostAddresses
    }

    /// Appends the fields as whole lines.
    ///
    /// - Parameters:
    ///   - rewrittenHost: What a transform has made of the host, if one has.
    ///   - client: What `entry` made for the connection.
    ///   - epochSeconds: The wall clock, for fresh trace ids.
    ///   - generator: For fresh trace ids.
    /// - Returns: Where in `output` the value of X-Amzn-Trace-Id stands; the access log names it (ALB-HDR-025).
    @discardableResult
    package func append(
        to output: inout ByteOutput,
        _ head: borrowing RequestHead,
        bytes: Span<UInt8>,
        rewrittenHost: [UInt8]? = nil,
        client: [UInt8],
        epochSeconds: UInt32,
        generator: inout SplitMix64
    ) -> Range<Int> {
        if let rewrittenHost {
            self.append(host: rewrittenHost, to: &output, head, bytes)
        } else {
            self.appendHost(to: &output, head, bytes)
        }
        if !self.quirks.contains(.xffMissing) { self.appendForwardedFor(to: &output, head, bytes, client) }
        self.appendProtoAndPort(to: &output, head, bytes)
        guard self.writesTraceID else { return output.count..<output.count }
        return self.appendTraceID(to: &output, head, bytes, epochSeconds, &generator)
    }
}

extension ForwardedHeaders {
    private static let lineEnd = Array("\r\n".utf8)
    private static let hostName = Array("Host: ".utf8)
    private static let forwardedForName = Array("X-Forwarded-For: ".utf8)
    private static let separator = Array(", ".utf8)

    /// The Host that the target sees (ALB-HDR-026 to -032). The name in lower case and the port as the listener's port
    /// demands; with preservation, every Host line as it came.
    private func appendHost(to output: inout ByteOutput, _ head: borrowing RequestHead, _ bytes: Span<UInt8>) {
        if self.preservesHost, head.hostIndex != nil {
            for index in head.fields.indices where head.fields[index].known == .host {
                output.append(bytes, head.fields[index].line.range)
            }
            return
        }
        let host = EffectiveHost(head, bytes: bytes)
        output.append(Self.hostName)
        if host.whole.isEmpty {
            // HTTP/1.1 with an empty Host has none to complete; only a request without the field gets ours.
            if head.hostIndex == nil {
                output.append(self.dnsName)
                self.appendPort(to: &output)
            }
        } else {
            for position in host.name { output.append(ASCII.lowercase(bytes[position])) }
            if let port = host.port, !port.isEmpty, !self.stripsPort {
                output.append(UInt8(ascii: ":"))
                output.append(bytes, port)
            } else {
                self.appendPort(to: &output)
            }
        }
        output.append(Self.lineEnd)
    }

    /// A transform's host. It takes the place of the name alone, so that the port is what it would be without it: with
    /// preservation the client's, else as the listener's port demands; a port that the transform wrote stands (AWS does not say,
    /// ALB-XFRM-015).
    private func append(
        host: [UInt8],
        to output: inout ByteOutput,
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>
    ) {
        output.append(Self.hostName)
        let hasPort = EffectiveHost(0..<host.count, bytes: host.span).port != nil
        if self.preservesHost {
            output.append(host)
            let sent = EffectiveHost(head, bytes: bytes)
            if !hasPort { output.append(bytes, sent.name.upperBound..<sent.whole.upperBound) }
        } else {
            for byte in host { output.append(ASCII.lowercase(byte)) }
            if !hasPort {
                if let port = EffectiveHost(head, bytes: bytes).port, !port.isEmpty, !self.stripsPort {
                    output.append(UInt8(ascii: ":"))
                    output.append(bytes, port)
                } else {
                    self.appendPort(to: &output)
                }
            }
        }
        output.append(Self.lineEnd)
    }

    private func appendPort(to output: inout ByteOutput) {
        guard !self.stripsPort else { return }
        output.append(UInt8(ascii: ":"))
        output.append(decimal: Int(self.listenerPort.rawValue))
    }

    /// Several lines are joined to one with `, `, in the order sent, which is what they mean (RFC 9110, section 5.3);
    /// AWS does not say (ALB-HDR-012).
    private func appendForwardedFor(
        to output: inout ByteOutput,
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>,
        _ client: [UInt8]
    ) {
        switch self.mode {
        case .remove:
            return
        case .preserve:
            for index in head.fields.indices where head.fields[index].known == .xForwardedFor {
                output.append(bytes, head.fields[index].line.range)
            }
        case .append:
            output.append(Self.forwardedForName)
            if !self.quirks.contains(.xffReplaced) {
                for index in head.fields.indices where head.fields[index].known == .xForwardedFor {
                    let value = head.fields[index].value.range
                    guard !value.isEmpty else { continue }
                    output.append(bytes, value)
                    output.append(Self.separator)
                }
            }
            output.append(client)
            output.append(Self.lineEnd)
        }
    }

    /// What the client claims of protocol and port is not passed on (ALB-HDR-015).
    private func appendProtoAndPort(to output: inout ByteOutput, _ head: borrowing RequestHead, _ bytes: Span<UInt8>) {
        if self.quirks.contains(.xffProtoTrusted) {
            for index in head.fields.indices where head.fields[index].known == .xForwardedProto {
                output.append(bytes, head.fields[index].line.range)
                output.append(self.portLine)
                return
            }
        }
        output.append(self.protoAndPort)
    }
}
