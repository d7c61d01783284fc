"""A new configuration while requests are under way: who leaves, leaves in peace."""

import socket
import threading


def take_over(balancer, config):
    """Puts a new configuration in force."""
    old = balancer.state
    known = {name: group.targets for name, group in old.groups.items()}
    new = type(old)(config, known)
    # From this line on new requests see the new state; those under way keep the old one to their end.
    balancer.state = new
    balancer.open_ports()
    staying = {id(target) for group in new.groups.values() for target in group.targets}
    for name, group in old.groups.items():
        delay = delay_of(new.groups.get(name, group)) / new.scale
        for target in group.targets:
            if id(target) not in staying:
                drain(target, delay)


def delay_of(group):
    return int(group.attributes.get("deregistration_delay.timeout_seconds", 300))


def drain(target, delay):
    """Lets the target go: no probe, no kept connection, and an end for whatever is not done when the delay is over."""
    target.is_gone.set()
    while target.idle:
        try:
            target.idle.pop().close()
        except IndexError:
            break
    timer = threading.Timer(delay, cut_off, [target])
    timer.daemon = True
    timer.start()


def cut_off(target):
    """Ends the connections that still carry a request; the exchange sees the end, and tells the client."""
    for connection in list(target.busy):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
