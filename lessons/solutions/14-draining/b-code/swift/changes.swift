/// Puts a new configuration in force: who leaves, leaves in peace.
func takeOver(_ balancer: Balancer, _ config: Config) throws {
    let old = balancer.state
    let new = try State(config, known: old.groups.mapValues(\.targets))
    // From this line on new requests see the new state; those under way keep the old one to their end.
    balancer.state = new
    try balancer.openPorts()
    let staying = new.groups.values.flatMap(\.targets)
    for (name, group) in old.groups {
        let delay = delay(of: new.groups[name] ?? group) / new.scale
        for target in group.targets where !staying.contains(where: { $0 === target }) {
            letGo(of: target, after: delay)
        }
    }
}

private func delay(of group: Group) -> Double {
    Double(group.attributes["deregistration_delay.timeout_seconds"] ?? "") ?? 300
}

/// Lets the target go: no probe, no kept connection, and an end for whatever is not done when the delay is over.
private func letGo(of target: Target, after delay: Double) {
    let idle = target.lock {
        target.isGone = true
        defer { target.idle = [] }
        return target.idle
    }
    for connection in idle { connection.close() }
    detach {
        pause(delay)
        // The exchange sees the end, and tells the client.
        for connection in target.lock({ target.busy }) { connection.shut() }
    }
}
