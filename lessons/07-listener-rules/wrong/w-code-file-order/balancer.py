"""The solution with one mistake: rules are asked in the order of the file."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/07-listener-rules/b-code/python"))

import balancer  # noqa: E402
import rules  # noqa: E402


def choose(listener, request, client):
    for rule in listener.get("Rules", []):
        if all(rules.holds(condition, request, client) for condition in rule["Conditions"]):
            return rule["Actions"][0]
    return listener["DefaultActions"][0]


rules.choose = choose
balancer.main()
