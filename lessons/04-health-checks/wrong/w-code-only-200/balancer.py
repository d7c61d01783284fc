"""The solution with one mistake: any answer but 200 is bad, whatever the matcher says."""

import pathlib
import sys

sys.dont_write_bytecode = True
lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/04-health-checks/b-code/python"))

import balancer  # noqa: E402

balancer.codes = lambda matcher: {200}
balancer.parts.main(balancer.HealthyGroup)
