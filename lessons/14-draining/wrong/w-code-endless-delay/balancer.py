"""The solution with one mistake: requests at a target that leaves may take for ever."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/14-draining/b-code/python"))

import balancer  # noqa: E402
import changes  # noqa: E402

changes.cut_off = lambda target: None
balancer.main()
