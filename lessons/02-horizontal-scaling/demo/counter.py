"""A shop that counts its visitors: python3 counter.py ADDRESS:PORT [FILE].

Without FILE the count is kept in memory, so every server has its own. With FILE all servers share one, as they would share a database."""

import fcntl
import sys
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Lock

host, port = sys.argv[1].rsplit(":", 1)
shared = sys.argv[2] if len(sys.argv) > 2 else None
lock = Lock()
in_memory = 0


def next_visitor():
    """This visitor's number."""
    global in_memory
    if shared is None:
        with lock:
            in_memory += 1
            return in_memory
    with open(shared, "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        number = int(file.read() or 0) + 1
        file.truncate(0)
        file.write(str(number))
        return number


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        # Who asks for another page, as health checks do, is no visitor, and learns who answers.
        body = f"{next_visitor()}\n" if self.path == "/visits" else f"{host}\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format, *arguments):
        pass


ThreadingTCPServer.allow_reuse_address = True
ThreadingTCPServer((host, int(port)), Shop).serve_forever()
