"""The solution with one mistake: a target that was removed never comes back."""

import pathlib
import sys

sys.dont_write_bytecode = True
lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/04-health-checks/b-code/python"))

import balancer  # noqa: E402

right = balancer.Target.note


def note(self, passed, healthy_threshold, unhealthy_threshold):
    right(self, passed, 10**9, unhealthy_threshold)


balancer.Target.note = note
balancer.parts.main(balancer.HealthyGroup)
