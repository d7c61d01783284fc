"""The solution with one mistake: the client's address takes the place of what the header held."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/09-client-address/c-code/python"))

import balancer  # noqa: E402
import headers  # noqa: E402

right = headers.for_target


def for_target(request, client, listener, attributes):
    fields = right(request, client, listener, attributes)
    if isinstance(fields, int) or attributes.get("routing.http.xff_header_processing.mode") in ("preserve", "remove"):
        return fields
    return [(name, value.split(", ")[-1] if name == "X-Forwarded-For" else value) for name, value in fields]


headers.for_target = for_target
balancer.main()
