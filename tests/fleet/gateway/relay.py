"""The line between kiosk and fleet, which loses or forges what it is told to."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


class Relay:
    """Passes requests on; `faults` says what the next call of a name meets, once."""

    def __init__(self, address: str) -> None:
        self.faults: dict[str, str] = {}
        self.bodies: list[bytes] = []
        faults, bodies = self.faults, self.bodies

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fault = faults.pop(self.path.rpartition("/")[2], "")
                bodies.append(body)
                if fault != "lose request":
                    try:
                        answer = httpx.post(
                            address + self.path, content=body, headers=dict(self.headers)
                        )
                    except httpx.HTTPError:
                        fault = "lose answer"
                if fault.startswith("lose"):
                    self.close_connection = True
                    return
                status, content = answer.status_code, answer.content
                if fault.startswith("status"):
                    status, content = int(fault.split()[1]), b"<html>"
                elif fault == "forge":
                    content = b'{"is":"Approved","transaction_id":"1"}'
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
