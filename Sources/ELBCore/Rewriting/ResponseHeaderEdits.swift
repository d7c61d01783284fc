import ELBModel
import ELBWire

/// The headers that a listener sets in responses (ALB-HMOD-005), ready to be written.
package final class ResponseHeaderEdits: Sendable {
    /// Whole lines, one per header.
    package let lines: [UInt8]
    /// The headers that the target may have sent and that do not pass, in lower case.
    private let replaced: [[UInt8]]
    /// Bit n is set if one of them has n letters, so that most of a target's headers cost one test.
    private let lengths: UInt64
    /// The statuses that they are set on; all since February 2025 (ALB-HMOD-007).
    private let statuses: ClosedRange<Int>

    /// `nil` if the attributes set nothing (ALB-HMOD-001).
    init?(_ attributes: ListenerAttributes, quirks: Set<Quirk>) {
        var lines = ""
        var replaced: Set<String> = []
        for header in ListenerAttributes.ResponseHeader.allCases {
            if let value = attributes.responseHeaders[header] {
                lines += "\(header.rawValue): \(value)\r\n"
                replaced.insert(header.rawValue)
            } else if quirks.contains(.headerInsertionStripsUnset) {
                replaced.insert(header.rawValue)
            }
        }
        if quirks.contains(.headerInsertionAppends) { replaced = [] }
        if quirks.contains(.serverHeaderReplaced) {
            lines += "Server: awselb/2.0\r\n"
            replaced.insert("Server")
        }
        guard !lines.isEmpty || !replaced.isEmpty else { return nil }
        self.lines = Array(lines.utf8)
        self.replaced = replaced.sorted().map { Array($0.lowercased().utf8) }
        self.lengths = self.replaced.reduce(0) { $0 | 1 << UInt64($1.count & 63) }
        self.statuses = quirks.contains(.headerInsertionSuccessOnly) ? 200...399 : 200...999
    }

    /// Whether they are set in a response of this status. Interim responses are not what the target answers with.
    package func apply(to status: Int) -> Bool {
        self.statuses.contains(status)
    }

    /// Whether a target's header of this name gives way.
    package func replace(_ name: Span<UInt8>) -> Bool {
        guard name.count < 64, self.lengths & (1 << UInt64(name.count)) != 0 else { return false }
        return self.replaced.contains { expected in
            guard expected.count == name.count else { return false }
            for index in name.indices where ASCII.lowercase(name[index]) != expected[index] { return false }
            return true
        }
    }
}
