package import ELBWire

/// The host a request is meant for: the authority of an absolute-form target if there is one, else the first Host field
/// (ALB-COND-008, -009). Ranges are offsets into the head.
package struct EffectiveHost: Hashable, Sendable {
    /// As sent, with the port.
    package var whole: Range<Int>
    /// Without the port; an IPv6 literal keeps its brackets.
    package var name: Range<Int>
    /// The port's digits; `nil` without a colon.
    package var port: Range<Int>?

    /// All ranges are empty if the request names no host.
    package init(_ head: borrowing RequestHead, bytes: Span<UInt8>) {
        if let authority = head.authority {
            self.init(authority.range, bytes: bytes)
        } else if let index = head.hostIndex {
            self.init(head.fields[index].value.range, bytes: bytes)
        } else {
            self.init(0..<0, bytes: bytes)
        }
    }

    /// Splits `name:port`. A colon inside brackets belongs to the address.
    package init(_ whole: Range<Int>, bytes: Span<UInt8>) {
        self.whole = whole
        var index = whole.upperBound
        while index > whole.lowerBound {
            index -= 1
            if bytes[index] == UInt8(ascii: ":") {
                self.name = whole.lowerBound..<index
                self.port = (index + 1)..<whole.upperBound
                return
            }
            // A port is digits only, so anything else means that there is none.
            guard ASCII.isDigit(bytes[index]) else { break }
        }
        self.name = whole
        self.port = nil
    }
}
