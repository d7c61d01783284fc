"""HTTP/1.1 as it stands on a connection: heads, bodies, answers. Lesson 03 builds it; here it is ready."""

import socket


class Message:
    """A request or an answer: its first line in words, and its header fields in the order in which they came."""

    def __init__(self, head):
        first, *lines = head.split(b"\r\n")
        self.start = first.decode("latin-1").split(" ", 2)
        self.fields = []
        for line in lines:
            name, _, value = line.partition(b":")
            self.fields.append((name.strip().decode("latin-1"), value.strip().decode("latin-1")))

    def all(self, name):
        """Every value of a field, in order; names have no case."""
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def first(self, name):
        return next(iter(self.all(name)), "")

    @property
    def path(self):
        return self.start[1].partition("?")[0]

    @property
    def query(self):
        return self.start[1].partition("?")[2]

    @property
    def length(self):
        lengths = set(self.all("Content-Length"))
        if len(lengths) > 1:
            raise ValueError("two lengths: one of them is a lie")
        return int(lengths.pop()) if lengths else None

    @property
    def is_chunked(self):
        return "chunked" in self.first("Transfer-Encoding").lower()

    @property
    def has_body(self):
        return self.is_chunked or bool(self.length)

    @property
    def closes(self):
        return any("close" in value.lower() for value in self.all("Connection"))

    def bytes(self, fields=None):
        """The head with these fields, or with its own."""
        lines = [" ".join(self.start), *(f"{name}: {value}" for name, value in fields or self.fields)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


class Client:
    """A client's connection, and what is known of who stands at its other end."""

    def __init__(self, connection, peer, is_secure=False):
        self.connection = connection
        self.stream = connection.makefile("rb")
        self.address, self.port = peer[:2]
        self.is_secure = is_secure


def read_head(stream):
    """The next head without its empty line; None when the other side has ended."""
    lines = []
    while True:
        line = stream.readline(65536)
        if not line:
            return None
        if line in (b"\r\n", b"\n"):
            if lines:
                return b"\r\n".join(lines)
            continue
        lines.append(line.rstrip(b"\r\n"))


def copy(source, sink, length):
    """Copies so many bytes; whoever sends fewer has broken its promise."""
    while length > 0:
        piece = source.read1(min(length, 65536))
        if not piece:
            raise ConnectionError("the body ended early")
        sink(piece)
        length -= len(piece)


def copy_chunks(source, sink):
    """Copies a body in chunks as it stands, its trailers included."""
    while True:
        line = source.readline(1024)
        size = int(line.split(b";")[0], 16)
        sink(line)
        if size == 0:
            break
        copy(source, sink, size + 2)
    while True:
        line = source.readline(65536)
        sink(line)
        if line in (b"\r\n", b"\n", b""):
            return


def copy_body(message, source, sink, until_end=False):
    """Copies the body behind a head; one without a length goes on until the end of the connection if it may."""
    if message.is_chunked:
        copy_chunks(source, sink)
    elif message.length is not None:
        copy(source, sink, message.length)
    elif until_end:
        while piece := source.read1(65536):
            sink(piece)


def discard_body(message, source):
    """Reads past a body that nobody wants, so that the next request can be read."""
    copy_body(message, source, lambda piece: None)


def answer(client, status, text=None, fields=(), head_only=False):
    """An answer of the balancer's own."""
    body = (f"{status}\n" if text is None else text).encode()
    head = [f"HTTP/1.1 {status} ", *(f"{name}: {value}" for name, value in fields), f"Content-Length: {len(body)}"]
    client.connection.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + (b"" if head_only else body))


def connect(address, port, timeout):
    connection = socket.create_connection((address, port), timeout=timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
