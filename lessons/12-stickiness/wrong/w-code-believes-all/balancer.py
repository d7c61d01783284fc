"""The solution with one mistake: the mark in a cookie is not compared."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/12-stickiness/b-code/python"))

import balancer  # noqa: E402
import sticky  # noqa: E402

sticky.is_ours = lambda text, value: True
balancer.main()
