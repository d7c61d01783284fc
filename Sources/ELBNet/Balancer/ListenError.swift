package import ELBModel

/// A listener's address cannot be bound.
package struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
    package var endpoint: Endpoint
    /// The system's words, such as "Address already in use".
    package var reason: String

    package init(endpoint: Endpoint, reason: String) {
        self.endpoint = endpoint
        self.reason = reason
    }

    package var description: String { "cannot listen on \(self.endpoint): \(self.reason)" }
}
