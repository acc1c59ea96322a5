"""A merchant's end on this machine, for what the wallet tells by itself."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """A merchant's end: checks each notify and answers by a list of statuses, then 204."""

    def __init__(self, server, statuses):
        self.server = server
        self.statuses = list(statuses)
        self.got = []
        self.arrived = threading.Condition()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/notify"

    def take(self, headers, body):
        with self.arrived:
            self.got.append((headers, body))
            self.arrived.notify_all()
            return self.statuses.pop(0) if self.statuses else 204

    def wait(self, count, seconds=5):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, seconds), len(self.got)
        return self.got


@contextmanager
def receiving(*statuses):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(self.headers, body)
            if status is None:
                self.close_connection = True
                return
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server, statuses)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
