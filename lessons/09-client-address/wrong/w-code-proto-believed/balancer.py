"""The solution with one mistake: x-Forwarded-Proto and -Port are added only where the client sent none."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/09-client-address/c-code/python"))

import balancer  # noqa: E402
import headers  # noqa: E402

right = headers.for_target


def for_target(request, client, listener, attributes):
    fields = right(request, client, listener, attributes)
    if isinstance(fields, int):
        return fields
    return [(name, request.first(name) if name.startswith("X-Forwarded-P") and request.first(name) else value)
            for name, value in fields]


headers.for_target = for_target
balancer.main()
