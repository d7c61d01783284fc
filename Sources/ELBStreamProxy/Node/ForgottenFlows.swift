/// Connections that the node has forgotten, and that the two ends do not know to be over: whoever still sends gets a reset
/// (NLB-TO-003). At AWS they cost nothing; here the system keeps a socket for each, so that there is a limit.
final class ForgottenFlows {
    /// Beyond so many the oldest is reset unasked.
    private static let most = 4096

    private var flows: [UInt64: TCPFlow] = [:]
    private var oldest: UInt64 = 0
    private var next: UInt64 = 0

    /// - Returns: what to call the flow by.
    func add(_ flow: TCPFlow) -> UInt64 {
        let number = self.next
        self.next += 1
        self.flows[number] = flow
        while self.flows.count > Self.most {
            let first = self.flows.removeValue(forKey: self.oldest)
            self.oldest += 1
            first?.cut()
        }
        return number
    }

    /// Both its ends are gone.
    func remove(_ number: UInt64) {
        self.flows[number] = nil
    }

    func cutAll() {
        let flows = self.flows.values
        self.flows = [:]
        for flow in flows { flow.cut() }
    }
}
