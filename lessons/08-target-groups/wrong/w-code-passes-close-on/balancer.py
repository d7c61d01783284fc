"""The solution with one mistake: the target's Connection: close is passed on, and the client obeys it."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/08-target-groups/c-code/python"))

import balancer  # noqa: E402
import exchange  # noqa: E402

exchange.ONE_CONNECTION = {"keep-alive"}
balancer.main()
