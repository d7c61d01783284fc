/// Puts a new configuration in force: who leaves, leaves in peace. This file is yours.
func takeOver(_ balancer: Balancer, _ config: Config) throws {
    // TODO: `balancer.state` is what serves requests: `groups` by name, each with its targets, and `listeners` by port.
    // State(config, known:) makes a new one; `known` holds, by a group's name, targets that are known already and go on as they are.
    // `balancer.openPorts()` listens where the state says. A target has isGone (which ends its probes), idle (kept connections) and busy
    // (connections that carry a request). What becomes of a target that is no longer there, and when?
    // deregistration_delay.timeout_seconds is an attribute of its group, and `state.scale` says how quickly AWS's seconds pass.
}
