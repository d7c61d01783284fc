import ELBModel

/// A backend at one moment, as `fleet status` shows it.
package struct BackendStatus: Codable, Hashable, Sendable {
    package enum State: String, Codable, Hashable, Sendable {
        case running
        /// Nothing listens; connections that stand go on.
        case refusing
        /// Silent, as after a power cut.
        case cut
        /// Its process was killed or died.
        case dead
        /// Stopped in order.
        case stopped
    }

    package var name: String
    package var id: String
    /// AWS's name of the zone.
    package var zone: String
    package var address: String
    package var ports: [UInt16]
    /// AWS's name of the size.
    package var type: String
    package var state: State
    /// Rules in force, newest first, and the script if one is left: `fail 503 (health)`.
    package var faults: [String] = []
    /// Requests being served by a worker.
    package var serving = 0
    /// Requests waiting for a worker.
    package var waiting = 0
    package var connections = 0
    /// Clients' requests since the start.
    package var requests = 0
    /// Health probes since the start.
    package var probes = 0
    /// Records that fell out of the journal.
    package var droppedRecords = 0
    /// Its process, when it has one of its own.
    package var processID: Int32?
    /// How its process ended, when it has: `killed by signal 9`.
    package var ending: String?

    /// A backend that does not run.
    package init(description: BackendDescription, ports: [UInt16], state: State = .stopped) {
        self.name = description.name
        self.id = description.id
        self.zone = description.zone.name
        self.address = description.address.description
        self.ports = ports
        self.type = description.type.name
        self.state = state
    }

    init(of server: BackendServer) {
        let state: State =
            switch server.machine {
            case .running: .running
            case .refusing: .refusing
            case .cut: .cut
            case .stopped: .stopped
            }
        self.init(description: server.description, ports: server.boundPorts, state: state)
        self.faults = server.faults.activeRules.map(\.description)
        let script = server.faults.remainingScript
        if !script.isEmpty { self.faults.append("script \(script.map(\.description).joined(separator: ","))") }
        self.serving = server.queue.servingCount
        self.waiting = server.queue.waitingCount
        self.connections = server.connections.count
        self.requests = server.journal.trafficCount
        self.probes = server.journal.probeCount
        self.droppedRecords = server.journal.dropped
    }
}
