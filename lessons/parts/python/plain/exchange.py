"""Asking a target, as lesson 03 leaves it: a new connection for every request, and as long as it takes."""

import wire


def forward(request, fields, client, target, cookies, idle):
    """Sends the request to the target and the answer to the client. False when the client's connection must end."""
    try:
        connection = wire.connect(target.address, target.port, timeout=60)
    except OSError:
        wire.discard_body(request, client.stream)
        wire.answer(client, 502)
        return True
    with connection:
        connection.sendall(request.bytes(fields))
        wire.copy_body(request, client.stream, connection.sendall)
        with connection.makefile("rb") as answers:
            status = 100
            while status < 200:
                head = wire.read_head(answers)
                if head is None:
                    wire.answer(client, 502)
                    return True
                response = wire.Message(head)
                status = int(response.start[1])
                client.connection.sendall(response.bytes(response.fields + cookies))
            if request.start[0] == "HEAD" or status in (204, 304):
                return True
            wire.copy_body(response, answers, client.connection.sendall, until_end=True)
            return response.is_chunked or response.length is not None
