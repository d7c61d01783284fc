"""A WebSocket client in a few lines: python3 chat.py ADDRESS:PORT/PATH [--silent] [TEXT ...]

Asks for a WebSocket, sends each text and waits for its echo. With --silent it then says nothing until the other side ends
the connection. Prints the status of the handshake, the server that gave it, and what happened.
"""

import base64
import os
import socket
import struct
import sys

arguments = [argument for argument in sys.argv[2:] if argument != "--silent"]
place, _, path = sys.argv[1].partition("/")
host, port = place.split(":")
server = socket.create_connection((host, int(port)), timeout=30)
key = base64.b64encode(os.urandom(16)).decode()
server.sendall(
    f"GET /{path} HTTP/1.1\r\nHost: {place}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
)
reader = server.makefile("rb")
status = reader.readline().split()[1].decode()
headers = {}
while (line := reader.readline().strip()):
    name, _, value = line.decode().partition(":")
    headers[name.lower()] = value.strip()
print(status, headers.get("x-backend", "the balancer"))
if status != "101":
    sys.exit(1)


def send(text):
    """One masked text frame; RFC 6455 wants clients to mask."""
    mask, data = os.urandom(4), text.encode()
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
    server.sendall(struct.pack(">BB", 0x81, 0x80 | len(data)) + mask + masked)


def receive():
    """The next frame's payload; None when the connection has ended."""
    head = reader.read(2)
    if len(head) < 2 or head[0] & 0x0F == 8:
        return None
    return reader.read(head[1] & 0x7F).decode()


echoes = 0
for text in arguments:
    send(text)
    echoes += receive() == text
print(f"sent {len(arguments)}  echoed {echoes}")
if "--silent" in sys.argv:
    print("closed by the balancer" if receive() is None else "somebody spoke")
