"""The solution with one mistake: the mode is not looked at; every list grows."""

import pathlib
import sys

lessons = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(lessons / "solutions/09-client-address/c-code/python"))

import balancer  # noqa: E402
import headers  # noqa: E402

right = headers.for_target
headers.for_target = lambda request, client, listener, attributes: right(
    request, client, listener, {**attributes, "routing.http.xff_header_processing.mode": "append"}
)
balancer.main()
