"""The solution with one mistake: a policy's oldest version is obeyed, and everything newer is spoken."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/10-https/b-code/python"))

import balancer  # noqa: E402
import certificates  # noqa: E402

right = certificates.versions
certificates.versions = lambda policy: (right(policy)[0], "1.3")
balancer.main()
