/// An operation's input as values of our own: the seam between AWS's wire and the account. The type's name is the operation's, and
/// its `init` is all that knows AWS's parameter names.
package protocol Command: Sendable {
    static var service: Service { get }
    init(_ input: inout CommandInput) throws(APIError)
}

extension Command {
    /// The operation that the command is for, `elbv2.CreateRule`.
    package static var operation: OperationName { OperationName(self.service, "\(Self.self)") }

    /// Reads the whole input; what the command did not ask for is refused.
    package static func read(_ input: WireValue) throws(APIError) -> Self {
        var reader = CommandInput(input, what: "\(Self.self)")
        let command = try Self(&reader)
        try reader.finish()
        return command
    }
}
