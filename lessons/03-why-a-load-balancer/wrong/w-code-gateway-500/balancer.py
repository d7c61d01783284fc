"""The solution with one mistake: a target that refuses is answered with 500."""

import pathlib
import sys

sys.dont_write_bytecode = True
lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/03-why-a-load-balancer/b-code/python"))

import balancer  # noqa: E402

right = balancer.answer


def answer(client, status, reason):
    right(client, 500 if status == 502 else status, reason)


balancer.answer = answer
balancer.main()
