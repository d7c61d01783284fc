"""Target groups: turns (lesson 03) and health (lesson 04)."""

import itertools
import threading
import time

import wire


class Target:
    """A server behind the balancer, and its health as its probes tell it."""

    def __init__(self, description):
        self.address = description.get("Address") or description["Id"]
        self.port = description["Port"]
        self.is_healthy = False
        self.is_new = True
        self.passes = self.failures = 0
        self.is_gone = threading.Event()
        # Connections to it: those that wait for a request, and those that carry one.
        self.lock = threading.Lock()
        self.idle = []
        self.busy = set()

    @property
    def name(self):
        return f"{self.address}:{self.port}"

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
                self.is_healthy = self.is_new = False


class Group:
    """A target group: targets that can stand in for one another and take turns."""

    def __init__(self, description, scale, known=()):
        """Makes the group; targets that are known already stay the same objects, with the health that they have."""
        self.name = description["Name"]
        self.scale = scale
        self.attributes = {a["Key"]: a["Value"] for a in description.get("TargetGroupAttributes", [])}
        self.path = description.get("HealthCheckPath", "/")
        self.check_port = description.get("HealthCheckPort", "traffic-port")
        self.interval = description.get("HealthCheckIntervalSeconds", 30) / scale
        self.timeout = description.get("HealthCheckTimeoutSeconds", 5) / scale
        self.thresholds = description.get("HealthyThresholdCount", 5), description.get("UnhealthyThresholdCount", 2)
        self.codes = codes(description.get("Matcher", {}).get("HttpCode", "200"))
        self.turns = itertools.count()
        self.targets = []
        kept = {target.name: target for target in known}
        for entry in description["Targets"]:
            target = Target(entry)
            if target.name in kept:
                target = kept[target.name]
            else:
                threading.Thread(target=self.watch, args=(target,), daemon=True).start()
            self.targets.append(target)

    @property
    def able(self):
        """Who may be asked: the healthy targets; when none is, all of them."""
        return [target for target in self.targets if target.is_healthy] or self.targets

    def choose(self):
        """The target whose turn it is; None without targets."""
        able = self.able
        return able[next(self.turns) % len(able)] if able else None

    def watch(self, target):
        """Probes one target until it is gone; intervals count from start to start."""
        due = time.monotonic()
        while not target.is_gone.is_set():
            target.note(self.probe(target), *self.thresholds)
            due = max(due + self.interval, time.monotonic())
            target.is_gone.wait(max(0, due - time.monotonic()))

    def probe(self, target):
        """Whether the target answers in time with a status that the matcher names."""
        port = target.port if self.check_port == "traffic-port" else int(self.check_port)
        deadline = time.monotonic() + self.timeout
        request = (
            f"GET {self.path} HTTP/1.1\r\nHost: {target.address}:{port}\r\n"
            "User-Agent: ELB-HealthChecker/2.0\r\nConnection: close\r\n\r\n"
        )
        try:
            with wire.connect(target.address, port, self.timeout) as connection:
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
