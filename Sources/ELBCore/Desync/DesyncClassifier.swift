package import ELBModel
package import ELBWire

/// The four classes of HTTP Desync Guardian, from harmless to dangerous (ALB-DSYNC-002 to -005).
package enum DesyncClass: UInt8, Hashable, Sendable, Comparable {
    case compliant
    case acceptable
    case ambiguous
    case severe

    /// As it stands in the access log (ALB-DSYNC-008).
    package var name: StaticString {
        switch self {
        case .compliant: "-"
        case .acceptable: "Acceptable"
        case .ambiguous: "Ambiguous"
        case .severe: "Severe"
        }
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Why a request is not compliant; the names are those of the access log's `classification_reason`.
package enum DesyncReason: UInt8, Hashable, Sendable, CaseIterable {
    case badMethod
    case badURI
    case badVersion
    case badHeader
    case badContentLength
    case badTransferEncoding
    case multipleContentLength
    case multipleTransferEncodingChunked
    case suspiciousTeClPresent
    case bothTeClPresent
    case duplicateContentLength
    case suspiciousHeader
    case undefinedContentLengthSemantics
    case undefinedTransferEncodingSemantics
    case ambiguousURI
    case emptyHeader
    case multilineHeader
    case missingHeaderColon
    case missingURI
    case transferEncodingInHTTP10
    case getHeadZeroContentLength
    case nonCompliantHeader
    case nonCompliantVersion
    case spaceInURI
    case nonCrLfLineTermination

    /// The code of the access log.
    package var code: StaticString {
        switch self {
        case .badMethod: "BadMethod"
        case .badURI: "BadUri"
        case .badVersion: "BadVersion"
        case .badHeader: "BadHeader"
        case .badContentLength: "BadContentLength"
        case .badTransferEncoding: "BadTransferEncoding"
        case .multipleContentLength: "MultipleContentLength"
        case .multipleTransferEncodingChunked: "MultipleTransferEncodingChunked"
        case .suspiciousTeClPresent: "SuspiciousTeClPresent"
        case .bothTeClPresent: "BothTeClPresent"
        case .duplicateContentLength: "DuplicateContentLength"
        case .suspiciousHeader: "SuspiciousHeader"
        case .undefinedContentLengthSemantics: "UndefinedContentLengthSemantics"
        case .undefinedTransferEncodingSemantics, .transferEncodingInHTTP10: "UndefinedTransferEncodingSemantics"
        case .ambiguousURI: "AmbiguousUri"
        case .emptyHeader: "EmptyHeader"
        case .multilineHeader: "MultilineHeader"
        case .missingHeaderColon: "MissingHeaderColon"
        case .missingURI: "MissingUri"
        case .getHeadZeroContentLength: "GetHeadZeroContentLength"
        case .nonCompliantHeader: "NonCompliantHeader"
        case .nonCompliantVersion: "NonCompliantVersion"
        case .spaceInURI: "SpaceInUri"
        case .nonCrLfLineTermination: "NonCrLfLineTermination"
        }
    }

    /// The class that the reason puts a request into.
    package var desyncClass: DesyncClass {
        switch self {
        case .badMethod, .badURI, .badVersion, .badHeader, .badContentLength, .badTransferEncoding,
            .multipleContentLength, .multipleTransferEncodingChunked, .suspiciousTeClPresent:
            .severe
        case .bothTeClPresent, .duplicateContentLength, .suspiciousHeader, .undefinedContentLengthSemantics,
            .undefinedTransferEncodingSemantics, .transferEncodingInHTTP10, .ambiguousURI, .emptyHeader,
            .multilineHeader, .missingHeaderColon, .missingURI:
            .ambiguous
        case .getHeadZeroContentLength, .nonCompliantHeader, .nonCompliantVersion, .spaceInURI,
            .nonCrLfLineTermination:
            .acceptable
        }
    }
}

/// What a mode does with a request of some class.
package enum DesyncHandling: UInt8, Hashable, Sendable {
    case forward
    /// Forward it, then close the client's and the target's connection (ALB-DSYNC-004).
    case forwardAndClose
    /// 400, and the client's connection is closed (ALB-DSYNC-006).
    case refuse
}

/// A request's class and the reason that put it there; no reason when compliant.
package struct DesyncVerdict: Hashable, Sendable {
    package var desyncClass: DesyncClass
    package var reason: DesyncReason?

    package static let compliant = Self(desyncClass: .compliant, reason: nil)

    /// The worst reason decides; among equals the first in the order of `DesyncReason`.
    package init(classifying head: borrowing RequestHead) {
        if head.findings.isEmpty, head.framing.contentLength == nil, head.framing.transferEncoding == .absent {
            self = .compliant
            return
        }
        let reason = Self.worstReason(head)
        self.reason = reason
        self.desyncClass = reason?.desyncClass ?? .compliant
    }

    package init(desyncClass: DesyncClass, reason: DesyncReason?) {
        self.desyncClass = desyncClass
        self.reason = reason
    }

    /// What `mode` does with the request (ALB-DSYNC-002 to -005).
    package func handling(in mode: LoadBalancerAttributes.DesyncMitigationMode) -> DesyncHandling {
        switch (mode, self.desyncClass) {
        case (_, .compliant), (.monitor, _), (.defensive, .acceptable): .forward
        case (.defensive, .ambiguous): .forwardAndClose
        case (.defensive, .severe), (.strictest, _): .refuse
        }
    }

    // In the order of `DesyncReason`, which is from severe to acceptable.
    private static func worstReason(_ head: borrowing RequestHead) -> DesyncReason? {
        let findings = head.findings
        if findings.contains(.badMethod) { return .badMethod }
        if findings.contains(.badURI) { return .badURI }
        if findings.contains(.badVersion) || findings.contains(.foreignVersion) { return .badVersion }
        if findings.contains(.badHeader) { return .badHeader }
        if findings.contains(.badContentLength) { return .badContentLength }
        if findings.contains(.repeatedChunked) { return .multipleTransferEncodingChunked }
        if findings.contains(.badTransferEncoding) || findings.contains(.unsupportedTransferEncoding) {
            return .badTransferEncoding
        }
        if findings.contains(.differingContentLengths) { return .multipleContentLength }
        return Self.framingReason(head) ?? Self.otherReason(head)
    }

    private static func framingReason(_ head: borrowing RequestHead) -> DesyncReason? {
        let findings = head.findings
        let length = head.framing.contentLength
        let hasTransferEncoding = head.framing.transferEncoding != .absent
        let suspiciousLength = findings.contains(.suspiciousContentLength)
        let suspiciousTransfer = findings.contains(.suspiciousTransferEncoding)
        if (length != nil || suspiciousLength) && (hasTransferEncoding || suspiciousTransfer) {
            return suspiciousLength || suspiciousTransfer ? .suspiciousTeClPresent : .bothTeClPresent
        }
        if findings.contains(.duplicateContentLength) { return .duplicateContentLength }
        if suspiciousLength || suspiciousTransfer || findings.contains(.suspiciousName) { return .suspiciousHeader }
        let isGetOrHead = head.knownMethod == .get || head.knownMethod == .head
        if isGetOrHead, let length, length > 0 { return .undefinedContentLengthSemantics }
        if isGetOrHead, hasTransferEncoding { return .undefinedTransferEncodingSemantics }
        if head.version == .http10, hasTransferEncoding { return .transferEncodingInHTTP10 }
        return nil
    }

    private static func otherReason(_ head: borrowing RequestHead) -> DesyncReason? {
        let findings = head.findings
        if findings.contains(.controlInURI) { return .ambiguousURI }
        if findings.contains(.emptyHeader) { return .emptyHeader }
        if findings.contains(.foldedLine) { return .multilineHeader }
        if findings.contains(.missingColon) { return .missingHeaderColon }
        if findings.contains(.missingURI) { return .missingURI }
        let isGetOrHead = head.knownMethod == .get || head.knownMethod == .head
        if isGetOrHead, head.framing.contentLength == 0 { return .getHeadZeroContentLength }
        if findings.contains(.oddByteInHeader) { return .nonCompliantHeader }
        if findings.contains(.oddVersion) || findings.contains(.missingVersion) { return .nonCompliantVersion }
        if findings.contains(.spaceInURI) { return .spaceInURI }
        if findings.contains(.bareLineFeed) { return .nonCrLfLineTermination }
        return nil
    }
}
