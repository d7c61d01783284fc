"""The solution with one mistake: a client that is bound already gets no new cookie."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/12-stickiness/b-code/python"))

import balancer  # noqa: E402
import sticky  # noqa: E402

right = sticky.choose


def choose(group, request):
    target, cookies = right(group, request)
    return target, [] if sticky.bound_target(group, request) else cookies


sticky.choose = choose
balancer.main()
