import ELBCore
import NIOCore

// After a 101 the client's connection and the target's carry bytes for each other, whatever these mean (ALB-HTTP-031, -032).
extension HTTP1ClientConnection {
    /// Which sides of a tunnel have sent their last byte.
    struct TunnelEnds {
        var client = false
        var target = false

        var areBoth: Bool { self.client && self.target }
    }

    /// Passes on what the client has sent, as far as the target takes it.
    func relayIntoTunnel() {
        guard self.inbound.readableBytes > 0, let target = self.target, target.isWritable else { return }
        self.record.receivedBytes += self.inbound.readableBytes
        target.write(self.inbound)
        self.inbound = self.node.emptyBuffer
        self.endTunnelOfClientIfDrained()
    }

    /// The client has sent its last byte; what waits still goes to the target.
    func tunnelEndedByClient() {
        self.tunnelEnds.client = true
        self.endTunnelOfClientIfDrained()
    }

    private func endTunnelOfClientIfDrained() {
        guard self.tunnelEnds.client, self.inbound.readableBytes == 0 else { return }
        if self.tunnelEnds.areBoth { self.tunnelEnded() } else { self.target?.tunnelEndedByClient() }
    }

    /// Both sides have said all they had to say.
    func tunnelEnded() {
        self.targetFailed(.closed)
    }
}
