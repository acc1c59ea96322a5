"""A line to the fleet, of a kiosk or a wallet, which loses or forges what it is told to."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

HOP = ("host", "connection", "content-length")


class Relay:
    """Passes requests on; `faults` says what the next call of a name meets, once.

    lose request · lose answer · forge · twice · answer N (passed on) · instead N (not passed on)
    """

    def __init__(self, address: str = "") -> None:
        self.address = address
        self.faults: dict[str, str] = {}
        self.passed: list[tuple[dict[str, str], bytes]] = []
        self._http = httpx.Client(verify=False, timeout=20)
        relay = self

        class Handler(_Handler):
            line = relay

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._http.close()

    def carry(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes] | None:
        """Status and content to answer with; None: the line is cut."""
        self.passed.append((headers, body))
        fault = self.faults.pop(path.rpartition("/")[2], "")
        if fault == "lose request":
            return None
        if fault.startswith("instead"):
            return int(fault.split()[1]), b"<html>"
        for _ in range(1 + (fault == "twice")):
            try:
                answer = self._http.post(self.address + path, content=body, headers=headers)
            except httpx.HTTPError:
                return None
        if fault == "lose answer":
            return None
        if fault.startswith("answer"):
            return int(fault.split()[1]), b"<html>"
        forged = b'{"is":"Approved","transaction_id":"1"}'
        return answer.status_code, forged if fault == "forge" else answer.content


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Relay

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        said = self.line.carry(self.path, headers, body)
        if said is None:
            self.close_connection = True
            return
        status, content = said
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass
