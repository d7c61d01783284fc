"""The solution with one mistake: everything is compared in lower case, paths too."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/07-listener-rules/b-code/python"))

import balancer  # noqa: E402
import rules  # noqa: E402

right = rules.fits
rules.fits = lambda pattern, text: right(pattern.lower(), text.lower())
balancer.main()
