"""Asking a target: connections that are used again, and the right error for each way in which a target can fail.

The other files stand ready; this one is yours. It works as lesson 03 leaves it: a new connection for every request, and as long
as it takes.
"""

import wire


def forward(request, fields, client, target, cookies, idle):
    """Sends the request to the target and the answer to the client. False when the client's connection must end."""
    # TODO: keep connections. `target.idle` is a list that starts empty, for those that wait; `target.busy` a set, for those that carry
    # a request (lesson 14 will want to know). A kept connection may have died unseen: which requests may be sent again, and when?
    # TODO: errors. `idle` is how many seconds the target may be silent. What is the client told when the target refuses, is silent,
    # ends the connection, or answers something that is not HTTP? And when half the answer is with the client already?
    connection = wire.connect(target.address, target.port, timeout=None)
    with connection:
        connection.sendall(request.bytes(fields))
        wire.copy_body(request, client.stream, connection.sendall)
        with connection.makefile("rb") as answers:
            response = wire.Message(wire.read_head(answers))
            client.connection.sendall(response.bytes(response.fields + cookies))
            if request.start[0] != "HEAD" and response.start[1] not in ("204", "304"):
                wire.copy_body(response, answers, client.connection.sendall, until_end=True)
            return response.is_chunked or response.length is not None
