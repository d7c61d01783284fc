"""The solution with one mistake: a wildcard covers names of any depth."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/10-https/b-code/python"))

import balancer  # noqa: E402
import secure  # noqa: E402

right = secure.covering


def covering(contexts, name):
    labels = (name or "").lower().split(".")
    depths = ("*." + ".".join(labels[count:]) for count in range(1, len(labels)))
    return right(contexts, name) or next((contexts[depth] for depth in depths if depth in contexts), None)


secure.covering = covering
balancer.main()
