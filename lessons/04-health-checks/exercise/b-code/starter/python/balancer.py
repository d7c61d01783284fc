"""A load balancer with health checks. Start: python3 balancer.py --config FILE"""

import socket
import threading
import time

import parts


class Target:
    """A target's health as its probes tell it."""

    def __init__(self, address):
        self.address = address
        self.is_healthy = False
        self.is_new = True
        self.passes = 0
        self.failures = 0

    def note(self, passed, healthy_threshold, unhealthy_threshold):
        """Takes one probe's outcome. A new target needs one pass; later, thresholds count outcomes in a row."""
        # TODO: when does a target come into service, when does it leave, when does it return?


class HealthyGroup(parts.Group):
    """A group that probes its targets and sends requests to those that are well."""

    def __init__(self, description, time_scale=1):
        super().__init__(description, time_scale)
        self.health = {address: Target(address) for address in self.targets}
        self.path = description.get("HealthCheckPath", "/")
        self.port = description.get("HealthCheckPort", "traffic-port")
        self.interval = description.get("HealthCheckIntervalSeconds", 30) / time_scale
        self.timeout = description.get("HealthCheckTimeoutSeconds", 5) / time_scale
        self.healthy_threshold = description.get("HealthyThresholdCount", 5)
        self.unhealthy_threshold = description.get("UnhealthyThresholdCount", 2)
        self.codes = codes(description.get("Matcher", {}).get("HttpCode", "200"))
        for target in self.health.values():
            threading.Thread(target=self.watch, args=(target,), daemon=True).start()

    def choose(self):
        """The next healthy target. When none is, all are asked: better a sick server than none."""
        # TODO
        return self.next_of(self.targets)

    def watch(self, target):
        """Probes one target for ever; intervals count from start to start."""
        due = time.monotonic()
        while True:
            target.note(self.probe(target.address), self.healthy_threshold, self.unhealthy_threshold)
            due = max(due + self.interval, time.monotonic())
            time.sleep(max(0, due - time.monotonic()))

    def probe(self, address):
        """Whether the target answers in time with a status that the matcher names."""
        # TODO: this asks for the wrong page and does not listen. Wait no longer than self.timeout, and compare the status with
        # self.codes.
        try:
            with socket.create_connection(address, timeout=self.timeout) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: target\r\nUser-Agent: ELB-HealthChecker/2.0\r\n\r\n")
        except OSError:
            pass
        return False


def codes(matcher):
    """The statuses of '200,204,300-302'."""
    # TODO
    return {200}


if __name__ == "__main__":
    parts.main(HealthyGroup)
