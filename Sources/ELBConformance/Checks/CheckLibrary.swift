/// Every check there is, in the order of reports.
package enum CheckLibrary {
    package static let all: [Check] =
        PathPatternChecks.all + HostHeaderChecks.all + HTTPHeaderChecks.all + MethodChecks.all + QueryStringChecks.all
        + SourceIPChecks.all + RuleOrderChecks.all + ForwardChecks.all + SelectionChecks.all + AlgorithmChecks.all
        + CrossZoneChecks.all + ZonalShiftChecks.all + NameChecks.all + NameHealthChecks.all + RecordSetChecks.all
        + BalancerCookieChecks.all + ApplicationCookieChecks.all + GroupCookieChecks.all + FixedResponseChecks.all
        + RedirectChecks.all + ForwardedForChecks.all + ForwardedHeaderChecks.all + TraceIDChecks.all + HostChecks.all
        + RelayChecks.all + ConnectionChecks.all + BodyChecks.all + MethodAnswerChecks.all + DesyncChecks.all
        + ForgedHeaderChecks.all + WebSocketChecks.all + HTTP2Checks.all + ProtocolVersionChecks.all
        + TransformChecks.all + ResponseHeaderChecks.all + TargetErrorChecks.all + ThresholdChecks.all + ProbeChecks.all
        + FailOpenChecks.all + LoginChecks.all + LoginFailureChecks.all + TokenChecks.all + CertificateChecks.all
        + PolicyChecks.all + ClientCertificateChecks.all + TargetTLSChecks.all
        + ChangeChecks.all
        + LambdaEventChecks.all + LambdaAnswerChecks.all
        + NetworkFlowChecks.all + NetworkEndChecks.all + ProxyProtocolChecks.all + DatagramChecks.all
        + ClassicChecks.all + ClassicStreamChecks.all + ClassicDesyncChecks.all

    /// The check of that id.
    package static func check(_ id: String) -> Check? {
        Self.all.first { $0.id == id }
    }

    /// Checks whose id matches one of the patterns: `routing.path.*`, with `*` for any characters.
    package static func checks(matching patterns: [String]) -> [Check] {
        Self.all.filter { check in
            patterns.contains { Self.matches(check.id, $0) }
        }
    }

    /// Whether the id is of the pattern's form.
    static func matches(_ id: String, _ pattern: String) -> Bool {
        Self.matches(Array(id.utf8)[...], Array(pattern.utf8)[...])
    }

    private static func matches(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == UInt8(ascii: "*") {
            return (text.startIndex...text.endIndex).contains { Self.matches(text[$0...], pattern.dropFirst()) }
        }
        return text.first == first && Self.matches(text.dropFirst(), pattern.dropFirst())
    }
}
