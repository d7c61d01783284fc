"""The solution with one mistake: one condition that holds is enough for a rule."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/07-listener-rules/b-code/python"))

import balancer  # noqa: E402
import rules  # noqa: E402


def choose(listener, request, client):
    for rule in sorted(listener.get("Rules", []), key=lambda rule: rule["Priority"]):
        if any(rules.holds(condition, request, client) for condition in rule["Conditions"]):
            return rule["Actions"][0]
    return listener["DefaultActions"][0]


rules.choose = choose
balancer.main()
