"""The solution with one mistake: a probe waits for ten seconds whatever the group says."""

import pathlib
import sys

sys.dont_write_bytecode = True
lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/04-health-checks/b-code/python"))

import balancer  # noqa: E402

right = balancer.HealthyGroup.probe


def probe(self, address):
    self.timeout = 10
    return right(self, address)


balancer.HealthyGroup.probe = probe
balancer.parts.main(balancer.HealthyGroup)
