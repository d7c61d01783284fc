"""The solution with one mistake: only a fixed list of fields ends here, whatever Connection names."""

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
    named = {name.strip().lower() for value in request.all("Connection") for name in value.split(",")}
    lost = [field for field in request.fields if field[0].lower() in named - headers.ONE_CONNECTION]
    return fields + lost


headers.for_target = for_target
balancer.main()
