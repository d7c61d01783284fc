"""A load balancer made of parts. Start: python3 -m balancer --config FILE

A client's request takes this way, and each step is a file of its own:

    secure (TLS) -> wire (read) -> rules (which action) -> headers (what the target is told)
        -> sticky (which target of the group) -> exchange (ask it, and pass its answer on)

targets knows who is healthy, and changes takes a new configuration while all this goes on.
"""

import json
import signal
import socket
import sys
import threading

import changes
import exchange
import headers
import rules
import secure
import sticky
import targets
import wire


class State:
    """A configuration in force. It is never changed: a new configuration is a new state."""

    def __init__(self, config, known=None):
        """Takes the configuration; `known` holds, by group, targets that go on."""
        self.scale = config["TimeScale"]
        self.attributes = {a["Key"]: a["Value"] for a in config.get("LoadBalancerAttributes", [])}
        self.idle = int(self.attributes.get("idle_timeout.timeout_seconds", 60)) / self.scale
        self.addresses = [node["Address"] for node in config["Nodes"]]
        self.listeners = {listener["Port"]: listener for listener in config["Listeners"]}
        self.groups = {
            g["Name"]: targets.Group(g, self.scale, (known or {}).get(g["Name"], ())) for g in config["TargetGroups"]
        }
        self.contexts = {
            port: secure.context(listener, config.get("Certificates", []))
            for port, listener in self.listeners.items()
            if listener["Protocol"] == "HTTPS"
        }


class Balancer:
    def __init__(self, path):
        self.path = path
        self.servers = {}
        self.state = State(self.read())
        self.open_ports()

    def read(self):
        with open(self.path) as file:
            return json.load(file)

    def open_ports(self):
        """Listens where the state says and no longer where it does not."""
        wanted = {(address, port) for address in self.state.addresses for port in self.state.listeners}
        for place in self.servers.keys() - wanted:
            # A thread waits in accept(); shutting down wakes it, closing alone would not.
            self.servers[place].shutdown(socket.SHUT_RDWR)
            self.servers.pop(place).close()
        for place in wanted - self.servers.keys():
            self.servers[place] = socket.create_server(place, backlog=512)
            threading.Thread(target=self.accept, args=(self.servers[place],), daemon=True).start()

    def accept(self, server):
        port = server.getsockname()[1]
        while True:
            try:
                connection, peer = server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection, peer, port), daemon=True).start()

    def serve(self, connection, peer, port):
        """One client's connection: request after request until one side ends it."""
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            context = self.state.contexts.get(port)
            if context:
                connection.settimeout(10)
                connection = context.wrap_socket(connection, server_side=True)
                connection.settimeout(None)
            client = wire.Client(connection, peer, is_secure=bool(context))
            with connection, client.stream:
                while (head := wire.read_head(client.stream)) is not None:
                    # The state of this moment serves the whole request, whatever changes meanwhile.
                    if not self.respond(self.state, wire.Message(head), client, port):
                        return
        except (OSError, ValueError, IndexError):
            connection.close()

    def respond(self, state, request, client, port):
        """Answers one request; False when the client's connection must end."""
        if request.first("Expect").lower() == "100-continue":
            # Whoever asks waits for leave to send the body; the balancer gives it, and the target is not asked.
            client.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.fields = [field for field in request.fields if field[0].lower() != "expect"]
        listener = state.listeners[port]
        action = rules.choose(listener, request, client)
        if action["Type"] == "forward":
            return self.forward(state, state.groups[rules.group_of(action)], request, client, listener)
        wire.discard_body(request, client.stream)
        status, text, fields = rules.own_answer(action, listener, request)
        wire.answer(client, status, text, fields, head_only=request.start[0] == "HEAD")
        return not request.closes

    def forward(self, state, group, request, client, listener):
        fields = headers.for_target(request, client, listener, state.attributes)
        if isinstance(fields, int):
            return self.refuse(request, client, fields)
        target, cookies = sticky.choose(group, request)
        if target is None:
            return self.refuse(request, client, 503)
        goes_on = exchange.forward(request, fields, client, target, cookies, state.idle)
        return goes_on and not request.closes

    def refuse(self, request, client, status):
        wire.discard_body(request, client.stream)
        wire.answer(client, status, head_only=request.start[0] == "HEAD")
        return not request.closes


def main():
    balancer = Balancer(sys.argv[sys.argv.index("--config") + 1])
    changed = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGHUP, lambda *_: changed.set())
    while True:
        # With a limit, since waiting without one keeps signals waiting, too.
        if changed.wait(0.05):
            changed.clear()
            changes.take_over(balancer, balancer.read())


if __name__ == "__main__":
    main()
