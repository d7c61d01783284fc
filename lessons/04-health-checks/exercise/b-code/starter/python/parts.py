"""What a balancer needs besides health checks: accepting, choosing in turn, forwarding. Lesson 03 builds it; here it is ready."""

import itertools
import json
import signal
import socket
import sys
import threading


class Group:
    """A target group: targets, and whose turn it is."""

    def __init__(self, description, time_scale=1):
        self.name = description["Name"]
        self.targets = [(t["Id"], t["Port"]) for t in description["Targets"]]
        self.turn = itertools.count()
        self.lock = threading.Lock()

    def choose(self):
        """The address and port of the target whose turn it is; None without targets."""
        return self.next_of(self.targets)

    def next_of(self, targets):
        if not targets:
            return None
        with self.lock:
            return targets[next(self.turn) % len(targets)]


class Message:
    """A request or an answer as read from a connection: its head as bytes, and how its body ends."""

    def __init__(self, head):
        self.head = head
        lines = head.split(b"\r\n")
        self.start = lines[0].decode("latin-1").split(" ", 2)
        self.fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            self.fields[name.strip().lower().decode("latin-1")] = value.strip().decode("latin-1")

    @property
    def length(self):
        return int(self.fields.get("content-length", 0))

    @property
    def is_chunked(self):
        return "chunked" in self.fields.get("transfer-encoding", "").lower()

    @property
    def closes(self):
        return "close" in self.fields.get("connection", "").lower()


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


def copy(source, target, length):
    """Copies so many bytes; whoever sends fewer has broken its promise."""
    while length > 0:
        piece = source.read1(min(length, 65536))
        if not piece:
            raise ConnectionError("the body ended early")
        target.sendall(piece)
        length -= len(piece)


def copy_chunks(source, target):
    """Copies a body in chunks as it stands, its trailers included."""
    while True:
        line = source.readline(1024)
        target.sendall(line)
        size = int(line.split(b";")[0], 16)
        if size == 0:
            break
        copy(source, target, size + 2)
    while True:
        line = source.readline(65536)
        target.sendall(line)
        if line in (b"\r\n", b"\n", b""):
            return


def copy_body(message, source, target, until_end=False):
    if message.is_chunked:
        copy_chunks(source, target)
    elif "content-length" in message.fields:
        copy(source, target, message.length)
    elif until_end:
        while piece := source.read1(65536):
            target.sendall(piece)


def answer(client, status, reason):
    body = f"{status} {reason}\n".encode()
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
    client.sendall(head.encode() + body)


def forward(request, client, stream, target):
    """Sends the request to the target and the answer to the client. False when the client's connection must end."""
    try:
        upstream = socket.create_connection(target, timeout=60)
    except OSError:
        skip = request.length
        while skip > 0 and (piece := stream.read1(min(skip, 65536))):
            skip -= len(piece)
        answer(client, 502, "Bad Gateway")
        return not request.is_chunked
    with upstream:
        upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        upstream.sendall(request.head + b"\r\n\r\n")
        copy_body(request, stream, upstream)
        with upstream.makefile("rb") as answers:
            while True:
                head = read_head(answers)
                if head is None:
                    answer(client, 502, "Bad Gateway")
                    return True
                response = Message(head)
                status = int(response.start[1])
                client.sendall(head + b"\r\n\r\n")
                if status >= 200:
                    break
            has_body = request.start[0] != "HEAD" and status not in (204, 304)
            is_open = response.is_chunked or "content-length" in response.fields
            if has_body:
                copy_body(response, answers, client, until_end=True)
            return not has_body or is_open


def serve(client, listener):
    """One client's connection: request after request until one side ends it."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with client, client.makefile("rb") as stream:
        try:
            while (head := read_head(stream)) is not None:
                request = Message(head)
                if request.fields.get("expect", "").lower() == "100-continue":
                    # Whoever asks waits for leave to send the body; the balancer gives it, and the target is not asked.
                    client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                    lines = head.split(b"\r\n")
                    request.head = b"\r\n".join(x for x in lines if not x.lower().startswith(b"expect:"))
                action = listener["action"]
                if isinstance(action, tuple):
                    answer(client, *action)
                    goes_on = True
                else:
                    target = action.choose()
                    if target is None:
                        answer(client, 503, "Service Unavailable")
                        goes_on = not request.length and not request.is_chunked
                    else:
                        goes_on = forward(request, client, stream, target)
                if not goes_on or request.closes:
                    return
        except (OSError, ValueError):
            return


def action_of(description, groups):
    """A group to forward to, or a status to answer."""
    if description["Type"] == "forward":
        name = description["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]
        return groups[name]
    status = int(description.get("FixedResponseConfig", {}).get("StatusCode", 501))
    return (status, "Fixed")


def accept(server, listener):
    while True:
        client, _ = server.accept()
        threading.Thread(target=serve, args=(client, listener), daemon=True).start()


def main(make_group=Group):
    """Runs the balancer; `make_group` makes a group from its description and the time scale."""
    with open(sys.argv[sys.argv.index("--config") + 1]) as file:
        config = json.load(file)
    groups = {g["Name"]: make_group(g, config["TimeScale"]) for g in config["TargetGroups"]}
    for description in config["Listeners"]:
        listener = {"action": action_of(description["DefaultActions"][0], groups)}
        for node in config["Nodes"]:
            server = socket.create_server((node["Address"], description["Port"]), backlog=512)
            threading.Thread(target=accept, args=(server, listener), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    while True:
        signal.pause()
