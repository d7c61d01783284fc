import ELBNet
import NIOCore

// Without power a node answers nobody and asks nobody.
extension NodeRuntime {
    /// Cuts the node's power, or brings it back.
    func setPower(isOn: Bool) {
        guard isOn == self.powerCut.isOn, !self.isStopping else { return }
        if isOn {
            self.powerCut.end()
        } else {
            let clients = self.clients.values.compactMap(\.channel) + self.handshakes.values
            self.powerCut.begin(connections: clients, sockets: [])
        }
        self.updateProbes()
    }
}
