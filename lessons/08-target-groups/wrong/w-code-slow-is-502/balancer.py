"""The solution with one mistake: a target that is silent for too long is answered with 502."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/08-target-groups/c-code/python"))

import balancer  # noqa: E402
import exchange  # noqa: E402

exchange.status_of = lambda error: 502
balancer.main()
