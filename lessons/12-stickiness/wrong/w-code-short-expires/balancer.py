"""The solution with one mistake: expires follows the duration."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/12-stickiness/b-code/python"))

import balancer  # noqa: E402
import sticky  # noqa: E402

right = sticky.cookies


def cookies(group, target):
    sticky.WEEK = int(group.attributes["stickiness.lb_cookie.duration_seconds"])
    return right(group, target)


sticky.cookies = cookies
balancer.main()
