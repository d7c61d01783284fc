import ELBCore
import ELBModel

/// A lambda group's connections to the Invoke API and its invocations under way, as one node has them.
final class FunctionPool {
    private var idle: [FunctionConnection] = []
    private var all: [ObjectIdentifier: FunctionConnection] = [:]
    private var invocations: [ObjectIdentifier: LambdaInvocation] = [:]

    /// Nothing is under way.
    var isEmpty: Bool { self.invocations.isEmpty }

    // MARK: Invocations

    func began(_ invocation: LambdaInvocation) {
        self.invocations[ObjectIdentifier(invocation)] = invocation
    }

    func ended(_ invocation: LambdaInvocation) {
        self.invocations[ObjectIdentifier(invocation)] = nil
    }

    /// The function has left the group: what is under way fails, because functions do not drain (ALB-DRG-010).
    func deregistered(_ handle: TargetHandle) {
        for invocation in Array(self.invocations.values) where invocation.handle == handle { invocation.deregistered() }
        for connection in self.idle { connection.close() }
        self.idle.removeAll()
    }

    // MARK: Connections

    func opened(_ connection: FunctionConnection) {
        self.all[ObjectIdentifier(connection)] = connection
    }

    func closed(_ connection: FunctionConnection) {
        self.all[ObjectIdentifier(connection)] = nil
        self.idle.removeAll { $0 === connection }
    }

    /// A kept connection to this endpoint; those to another one are of no use any more.
    func takeIdle(to endpoint: Endpoint) -> FunctionConnection? {
        while let connection = self.idle.popLast() {
            if connection.endpoint == endpoint { return connection }
            connection.close()
        }
        return nil
    }

    func putBack(_ connection: FunctionConnection) {
        self.idle.append(connection)
    }

    func closeAll() {
        for connection in Array(self.all.values) { connection.close() }
    }
}
