"""The solution with one mistake: the first target gets everything."""

import pathlib
import sys

sys.dont_write_bytecode = True
lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/03-why-a-load-balancer/b-code/python"))

import balancer  # noqa: E402

balancer.Group.choose = lambda self: self.targets[0] if self.targets else None
balancer.main()
