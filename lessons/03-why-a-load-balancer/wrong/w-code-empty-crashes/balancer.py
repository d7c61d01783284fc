"""The solution with one mistake: nobody to choose ends the connection in place of an answer."""

import pathlib
import sys

sys.dont_write_bytecode = True
lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/03-why-a-load-balancer/b-code/python"))

import balancer  # noqa: E402

right = balancer.Group.choose


def choose(self):
    target = right(self)
    if target is None:
        raise ValueError("no targets")
    return target


balancer.Group.choose = choose
balancer.main()
