import ELBCore
import ELBNet

// The target's part of the idle timeout (ALB-CONN-001, ALB-ERR-040).
extension TargetConnection: DeadlineObserver {
    func deadlineReached(now: UInt64) -> UInt64? {
        let deadline = self.lastActivity &+ self.node.settings.idleTimeout
        guard now >= deadline else { return deadline }
        switch self.state {
        case .closed: return nil
        case .connecting: return now &+ self.node.settings.idleTimeout
        case .idle:
            self.close()
            return nil
        case .awaitingHead:
            // A client that still uploads, or reads no interim response, is waited for by its own timer; one that we hold back
            // because the target does not read is not to blame.
            let awaitsUpload = self.isWritable && self.client?.exchange.hasWholeRequest == false
            if awaitsUpload || !self.isReading { return now &+ self.node.settings.idleTimeout }
            self.failed(.idleTimeout)
            return nil
        case .tunnel where self.node.settings.quirks.contains(.tunnelIdleIgnored):
            return now &+ self.node.settings.idleTimeout
        case .body, .chunkedBody, .tunnel:
            // A client that does not read stops us from reading: its own timer decides.
            if !self.isReading { return now &+ self.node.settings.idleTimeout }
            self.failed(.idleTimeout)
            return nil
        }
    }
}
