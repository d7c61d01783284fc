"""Asks the lab's name server for a name's addresses, as `dig +short NAME` would: python3 names.py SERVER:PORT NAME."""

import socket
import struct
import sys

server, name = sys.argv[1], sys.argv[2]
host, port = server.rsplit(":", 1)
labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
query = struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">2H", 1, 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(5)
    client.sendto(query, (host, int(port)))
    answer = client.recv(512)
place = 12 + len(labels) + 4
addresses = []
for _ in range(struct.unpack(">H", answer[6:8])[0]):
    while answer[place] and answer[place] < 0xC0:
        place += answer[place] + 1
    place += 2 if answer[place] else 1
    kind, _, _, length = struct.unpack(">2HIH", answer[place : place + 10])
    place += 10
    if kind == 1:
        addresses.append(socket.inet_ntoa(answer[place : place + length]))
    place += length
print(*sorted(addresses), sep="\n")
