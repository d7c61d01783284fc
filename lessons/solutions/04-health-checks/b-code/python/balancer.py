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
        if passed:
            self.failures = 0
            self.passes += 1
            if self.is_new or self.passes >= healthy_threshold:
                self.is_healthy = True
            self.is_new = False
        else:
            self.passes = 0
            self.failures += 1
            if self.failures >= unhealthy_threshold:
                self.is_healthy = False
                self.is_new = False


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
        healthy = [a for a in self.targets if self.health[a].is_healthy]
        return self.next_of(healthy or self.targets)

    def watch(self, target):
        """Probes one target for ever; intervals count from start to start."""
        due = time.monotonic()
        while True:
            target.note(self.probe(target.address), self.healthy_threshold, self.unhealthy_threshold)
            due = max(due + self.interval, time.monotonic())
            time.sleep(max(0, due - time.monotonic()))

    def probe(self, address):
        """Whether the target answers in time with a status that the matcher names."""
        host, port = address
        if self.port != "traffic-port":
            port = int(self.port)
        deadline = time.monotonic() + self.timeout
        request = (
            f"GET {self.path} HTTP/1.1\r\nHost: {host}:{port}\r\n"
            "User-Agent: ELB-HealthChecker/2.0\r\nConnection: close\r\n\r\n"
        )
        try:
            with socket.create_connection((host, port), timeout=self.timeout) as connection:
                connection.sendall(request.encode())
                received = b""
                while b"\r\n" not in received:
                    connection.settimeout(max(0.001, deadline - time.monotonic()))
                    piece = connection.recv(4096)
                    if not piece:
                        return False
                    received += piece
            return int(received.split(b" ", 2)[1]) in self.codes
        except (OSError, ValueError, IndexError):
            return False


def codes(matcher):
    """The statuses of '200,204,300-302'."""
    result = set()
    for part in matcher.split(","):
        first, _, last = part.partition("-")
        result.update(range(int(first), int(last or first) + 1))
    return result


if __name__ == "__main__":
    parts.main(HealthyGroup)
