"""The solution with one mistake: every request opens a connection of its own."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/08-target-groups/c-code/python"))

import balancer  # noqa: E402
import exchange  # noqa: E402

exchange.keep = exchange.end
balancer.main()
