"""A merchant's end on this machine, for what the wallet tells by itself."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """A merchant's end: keeps each notify and answers by a list, then by its usual answer.

    An answer is a status, a status and a body, or None: the line is cut.
    """

    def __init__(self, server, answers, usual):
        self.server = server
        self.answers = list(answers)
        self.usual = usual
        self.got = []
        self.arrived = threading.Condition()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/notify"

    def take(self, headers, body):
        with self.arrived:
            self.got.append((headers, body))
            self.arrived.notify_all()
            return self.answers.pop(0) if self.answers else self.usual

    def wait(self, count, seconds=5):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, seconds), len(self.got)
        return self.got


@contextmanager
def receiving(*answers, usual=204):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = receiver.take(self.headers, body)
            if answer is None:
                self.close_connection = True
                return
            status, said = answer if isinstance(answer, tuple) else (answer, b"")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server, answers, usual)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
