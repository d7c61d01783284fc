import ELBCore
import ELBModel

/// Something that a node keeps going between a client and a target of a group.
protocol GroupFlow: AnyObject {
    var handle: TargetHandle { get }
    var listenerPort: Port { get }
    /// Where it stands in its group's list; for the group only.
    var place: Int { get set }

    /// Nobody knows of it from now on; whatever still comes is refused.
    func forget()
    /// Ends it at once.
    func cut()
}

/// A target group at one node: its targets' health and its flows. Confined to the node's event loop.
final class FlowGroup {
    var state: TargetGroupState
    private(set) var flows: [any GroupFlow] = []
    /// When flows that came by a listener's port end because the listener sends the group nothing any more (NLB-WT-004).
    private(set) var endings: [Port: UInt64] = [:]
    /// Handshakes with targets that came to nothing, in the metrics' period.
    var tlsErrors = 0
    /// When all end, because no listener refers to the group any more (NLB-LS-016).
    var end: UInt64?

    init(state: TargetGroupState) {
        self.state = state
    }

    func began(_ flow: some GroupFlow) {
        flow.place = self.flows.count
        self.flows.append(flow)
        self.state.requestStarted(flow.handle)
    }

    func ended(_ flow: some GroupFlow) {
        guard flow.place >= 0, flow.place < self.flows.count, self.flows[flow.place] === flow else { return }
        let last = self.flows.removeLast()
        if last !== flow {
            last.place = flow.place
            self.flows[flow.place] = last
        }
        flow.place = -1
        self.state.requestFinished(flow.handle)
    }

    /// Forgets the flows to one target.
    func forgetFlows(to handle: TargetHandle) {
        for flow in self.flows.filter({ $0.handle == handle }) { flow.forget() }
    }

    /// Takes over the weight that a listener gives the group.
    func weigh(_ weight: Int, by port: Port, endingAt end: UInt64) {
        if weight > 0 {
            self.endings[port] = nil
        } else if self.endings[port] == nil {
            self.endings[port] = end
        }
    }

    func endFlows(now: UInt64) {
        if let end = self.end, end <= now {
            for flow in Array(self.flows) { flow.forget() }
        }
        guard !self.endings.isEmpty else { return }
        for (port, end) in self.endings where end <= now {
            for flow in self.flows.filter({ $0.listenerPort == port }) { flow.forget() }
        }
    }
}
