// Without power a node answers nobody and asks nobody.
extension NetworkNode {
    /// Cuts the node's power, or brings it back. What stood before hears nothing meanwhile, and is cut by a node that has forgotten it.
    func setPower(isOn: Bool) {
        guard isOn != self.hasPower, !self.isStopping else { return }
        self.hasPower = isOn
        for connection in Array(self.connections.values) {
            if isOn { connection.cut() } else { connection.stall() }
        }
        if isOn { self.unheardSockets.closeAll() }
        self.updateProbes()
    }
}
