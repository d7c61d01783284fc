"""The solution with one mistake: source addresses are taken from X-Forwarded-For."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/07-listener-rules/b-code/python"))

import balancer  # noqa: E402
import rules  # noqa: E402

right = rules.holds


class Claimed:
    def __init__(self, address):
        self.address = address


def holds(condition, request, client):
    claimed = request.first("X-Forwarded-For") or client.address
    return right(condition, request, Claimed(claimed))


rules.holds = holds
balancer.main()
