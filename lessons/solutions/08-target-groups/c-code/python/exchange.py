"""Asking a target: connections that are used again, and the right error for each way in which a target can fail."""

import re
import socket

import wire

# Fields that speak of one connection, not of the message.
ONE_CONNECTION = {"connection", "keep-alive", "proxy-connection", "upgrade"}


def forward(request, fields, client, target, cookies, idle):
    """Sends the request to the target and the answer to the client. False when the client's connection must end."""
    try:
        connection, was_kept = take(target, idle)
    except OSError as error:
        wire.discard_body(request, client.stream)
        wire.answer(client, status_of(error))
        return True
    try:
        connection.sendall(request.bytes(fields))
        wire.copy_body(request, client.stream, connection.sendall)
        answers = connection.makefile("rb")
        response = read_answer(answers)
    except (OSError, ValueError, IndexError) as error:
        end(connection, target)
        # A kept connection may have died unseen.
        if was_kept and isinstance(error, ConnectionError) and is_harmless(request) and not target.is_gone.is_set():
            return forward(request, fields, client, target, cookies, idle)
        wire.answer(client, status_of(error))
        return not request.has_body
    return relay(request, response, answers, client, connection, target, cookies)


def relay(request, response, answers, client, connection, target, cookies):
    """Passes the answer on. From here on an error cannot be told any more: the client's connection is cut."""
    fields = [field for field in response.fields if field[0].lower() not in ONE_CONNECTION]
    has_body = request.start[0] != "HEAD" and response.start[1] not in ("204", "304")
    ends_by_itself = not has_body or response.is_chunked or response.length is not None
    try:
        client.connection.sendall(response.bytes(fields + cookies))
        if has_body:
            wire.copy_body(response, answers, client.connection.sendall, until_end=True)
    except (OSError, ValueError):
        end(connection, target)
        return False
    if ends_by_itself and not response.closes and response.start[0] == "HTTP/1.1":
        keep(connection, target)
    else:
        end(connection, target)
    return ends_by_itself


def is_harmless(request):
    """Whether doing it twice is as good as doing it once."""
    return request.start[0] in ("GET", "HEAD", "OPTIONS") and not request.has_body


def take(target, idle):
    """A connection to the target, and whether it is one that was kept."""
    while target.idle:
        try:
            connection = target.idle.pop()
        except IndexError:
            break
        if is_quiet(connection):
            connection.settimeout(idle)
            target.busy.add(connection)
            return connection, True
        connection.close()
    connection = wire.connect(target.address, target.port, timeout=idle)
    target.busy.add(connection)
    return connection, False


def keep(connection, target):
    target.busy.discard(connection)
    if target.is_gone.is_set():
        connection.close()
    else:
        target.idle.append(connection)


def end(connection, target):
    target.busy.discard(connection)
    connection.close()


def is_quiet(connection):
    """Whether the target has neither ended a kept connection nor said anything unasked."""
    try:
        connection.settimeout(0)
        connection.recv(1, socket.MSG_PEEK)
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def read_answer(answers):
    """The head of the target's answer proper; what comes before it with 1xx is passed by."""
    while True:
        head = wire.read_head(answers)
        if head is None:
            raise ConnectionError("the target has ended the connection")
        response = wire.Message(head)
        if not re.fullmatch(r"HTTP/1\.[01] [1-5]\d\d", " ".join(response.start[:2])):
            raise ValueError("this is not HTTP")
        response.length  # two lengths raise an error, and now there is still time to tell
        if int(response.start[1]) >= 200:
            return response


def status_of(error):
    """504 for a target that was too slow, 502 for everything else."""
    return 504 if isinstance(error, socket.timeout) else 502
