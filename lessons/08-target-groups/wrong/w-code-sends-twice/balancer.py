"""The solution with one mistake: whatever fails on a kept connection is sent again, POST too."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/08-target-groups/c-code/python"))

import balancer  # noqa: E402
import exchange  # noqa: E402

exchange.is_harmless = lambda request: True
balancer.main()
