import ELBCore
import ELBModel

/// The connections to one target, as one node has them. Kept ones are used again, the latest first, so that a load that
/// falls lets the others reach their idle timeout (ALB-CONN-007, -008).
final class TargetPool {
    let group: GroupRuntime
    let handle: TargetHandle
    let endpoint: Endpoint
    /// `address:port`, for the access log.
    let logText: [UInt8]
    // Unchecked for the reason given in ClientRequest.
    @exclusivity(unchecked) private var idle: [TargetConnection] = []
    /// Whether the target may have more requests. Set by its group: asking the group's state for every request would copy it.
    var keepsConnections = true
    /// A connection has been opened in advance.
    var isWarm = false
    /// Every open connection, in use or not.
    private var all: [ObjectIdentifier: any PooledConnection] = [:]
    /// Those that carry several requests at once, for a group that is spoken to by HTTP/2.
    private var multiplexed: [HTTP2TargetConnection] = []

    init(group: GroupRuntime, handle: TargetHandle, endpoint: Endpoint) {
        self.group = group
        self.handle = handle
        self.endpoint = endpoint
        self.logText = Array(endpoint.description.utf8)
    }

    var isEmpty: Bool { self.all.isEmpty }
    var count: Int { self.all.count }
    var connections: [any PooledConnection] { Array(self.all.values) }

    func opened(_ connection: any PooledConnection) {
        self.all[ObjectIdentifier(connection)] = connection
    }

    /// The connection is closed, or takes no more requests.
    func closed(_ connection: any PooledConnection) {
        self.all[ObjectIdentifier(connection)] = nil
        if let index = self.idle.lastIndex(where: { $0 === connection }) { self.idle.remove(at: index) }
        if let index = self.multiplexed.firstIndex(where: { $0 === connection }) { self.multiplexed.remove(at: index) }
    }

    /// A connection that takes another request beside those it carries, opened if there is none.
    func multiplexedConnection(at node: NodeRuntime) -> HTTP2TargetConnection {
        if let connection = self.multiplexed.first(where: \.takesRequests) { return connection }
        let connection = HTTP2TargetConnection.connect(pool: self, node: node)
        self.multiplexed.append(connection)
        return connection
    }

    /// A kept connection, if there is one.
    func takeIdle() -> TargetConnection? {
        self.idle.popLast()
    }

    /// Keeps the connection, or closes it if its target is leaving (ALB-DRG-008).
    func putBack(_ connection: TargetConnection) {
        if !connection.isDistrusted, self.keepsConnections {
            self.idle.append(connection)
        } else {
            connection.close()
        }
    }

    /// Closes what is not in use.
    func closeIdle() {
        let idle = self.idle
        self.idle.removeAll()
        for connection in idle { connection.close() }
        for connection in self.multiplexed { connection.takeNoMoreRequests() }
    }
}

/// A connection to a target as its pool sees it.
protocol PooledConnection: AnyObject {
    func close()

    /// The deregistration delay is over: a request that still runs here ends in 502 (ALB-DRG-004).
    func deregistered()
}

/// A target group at one node: its state machine and the connections to its targets. An object, so that a request under way
/// keeps its group when the configuration is swapped.
final class GroupRuntime {
    @exclusivity(unchecked) var state: TargetGroupState
    let logText: [UInt8]
    /// Of the period under way.
    @exclusivity(unchecked) var counters = TargetGroupCounters()
    @exclusivity(unchecked) private var pools: [TargetHandle: TargetPool] = [:]
    /// What its targets are spoken to in. Kept beside the state, because looking into the configured group copies all of it.
    var protocolVersion: TargetGroup.ProtocolVersion
    /// In place of pools, for a group of type lambda.
    let functions: FunctionPool?

    init(state: TargetGroupState) {
        self.state = state
        self.logText = Array(state.group.id.rawValue.utf8)
        self.protocolVersion = state.group.protocolVersion
        self.functions = state.group.targetType == .lambda ? FunctionPool() : nil
    }

    func pool(for target: SelectedTarget) -> TargetPool {
        if let pool = self.pools[target.handle], pool.endpoint == target.endpoint { return pool }
        let pool = TargetPool(group: self, handle: target.handle, endpoint: target.endpoint)
        self.pools[target.handle] = pool
        return pool
    }

    func pool(of handle: TargetHandle) -> TargetPool? {
        self.pools[handle]
    }

    var connectionCount: Int { self.pools.values.reduce(0) { $0 + $1.count } }

    /// After a change of membership: kept connections to targets that are leaving are closed, empty pools of theirs forgotten.
    func prune() {
        for (handle, pool) in self.pools {
            pool.keepsConnections = self.state.acceptsRequests(handle)
            guard !pool.keepsConnections else { continue }
            pool.closeIdle()
            if pool.isEmpty { self.pools[handle] = nil }
        }
    }

    /// The group is no longer configured: its targets drain.
    func retire(now: UInt64) {
        self.state.deregisterAll(now: now)
        self.prune()
    }

    /// Closes everything at once.
    func closeAll() {
        for pool in self.pools.values {
            for connection in pool.connections { connection.close() }
        }
        self.functions?.closeAll()
    }
}
