/// What a parser noticed about a head that a careful sender would not have written. The parser reports and reads on; what
/// follows from it is the desync classifier's decision (ALB-DSYNC-009 to -030).
package struct HeadFindings: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// NUL or CR in the request target, or a target in none of the four forms of RFC 9112, section 3.2.
    package static let badURI = Self(rawValue: 1 << 0)
    /// Another control character in the target.
    package static let controlInURI = Self(rawValue: 1 << 1)
    package static let spaceInURI = Self(rawValue: 1 << 2)
    /// The method is no token.
    package static let badMethod = Self(rawValue: 1 << 3)
    /// Not of the form `HTTP/digit.digit`.
    package static let badVersion = Self(rawValue: 1 << 4)
    /// A version of another major number: answered 505 (ALB-HTTP-030).
    package static let foreignVersion = Self(rawValue: 1 << 5)
    /// HTTP/1.2 to 1.9, or several spaces around the target.
    package static let oddVersion = Self(rawValue: 1 << 6)
    /// No version at all: HTTP/0.9.
    package static let missingVersion = Self(rawValue: 1 << 7)
    package static let missingURI = Self(rawValue: 1 << 8)
    /// A line that ends with LF alone.
    package static let bareLineFeed = Self(rawValue: 1 << 9)
    /// NUL or CR within a field line, or a folded line whose meaning depends on who reads it.
    package static let badHeader = Self(rawValue: 1 << 10)
    /// Non-ASCII or control character within a field line.
    package static let oddByteInHeader = Self(rawValue: 1 << 11)
    /// An empty name, or a line of white space.
    package static let emptyHeader = Self(rawValue: 1 << 12)
    /// A folded line (obs-fold of RFC 9112, section 5.2).
    package static let foldedLine = Self(rawValue: 1 << 13)
    package static let missingColon = Self(rawValue: 1 << 14)
    /// White space between a name and its colon.
    package static let suspiciousName = Self(rawValue: 1 << 15)
    /// The Content-Length is no number, or larger than 2^63 - 1.
    package static let badContentLength = Self(rawValue: 1 << 16)
    /// Several Content-Length fields of one value.
    package static let duplicateContentLength = Self(rawValue: 1 << 17)
    /// Several Content-Length fields of different values.
    package static let differingContentLengths = Self(rawValue: 1 << 18)
    /// A Transfer-Encoding that is no coding's name.
    package static let badTransferEncoding = Self(rawValue: 1 << 19)
    /// `chunked` more than once.
    package static let repeatedChunked = Self(rawValue: 1 << 20)
    /// A real coding that the balancer does not take: answered 501 (ALB-HTTP-026).
    package static let unsupportedTransferEncoding = Self(rawValue: 1 << 21)
    /// A name outside `[-A-Za-z0-9]+` (ALB-HDR-034). Not a fault by itself.
    package static let nameOutsideAWSAlphabet = Self(rawValue: 1 << 22)
    /// More than one Host field.
    package static let repeatedHost = Self(rawValue: 1 << 23)
    /// A name that some readers take for Content-Length, `Content_Length` for one.
    package static let suspiciousContentLength = Self(rawValue: 1 << 24)
    /// A name that some readers take for Transfer-Encoding.
    package static let suspiciousTransferEncoding = Self(rawValue: 1 << 25)

    // Sets that are tested for every request are named here, where the compiler knows them as constants; an array literal in
    // another module would be an allocation.

    /// Leaves in doubt what is asked for.
    package static let namesNoResource: Self = [.missingURI, .badMethod, .badVersion, .badURI]
    /// The target cannot be copied as it stands.
    package static let oddTarget: Self = [.spaceInURI, .controlInURI, .badURI]
}
