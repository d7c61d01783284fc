"""A new configuration while requests are under way: who leaves, leaves in peace. This file is yours."""


def take_over(balancer, config):
    """Puts a new configuration in force."""
    # TODO: `balancer.state` is what serves requests: state.groups by name, each with its targets, and state.listeners by port.
    # type(balancer.state)(config, known) makes a new one; `known` holds, by a group's name, targets that are known already and go on
    # as they are. balancer.open_ports() listens where the state says. A target has is_gone (an Event that ends its probes), idle (kept
    # connections) and busy (connections that carry a request). What becomes of a target that is no longer there, and when?
    # deregistration_delay.timeout_seconds is an attribute of its group, and state.scale says how quickly AWS's seconds pass.
