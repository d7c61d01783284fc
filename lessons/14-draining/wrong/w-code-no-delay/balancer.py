"""The solution with one mistake: a target that leaves is cut off at once, whatever the delay."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/14-draining/b-code/python"))

import balancer  # noqa: E402
import changes  # noqa: E402

changes.delay_of = lambda group: 0
balancer.main()
