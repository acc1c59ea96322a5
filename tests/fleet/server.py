"""The fleet's machine interface as a process of its own, and a hand that signs requests to it."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time

import httpx

from fleet.clock import wall_ms
from kiosk.domain.signed import Seal, content_digest, signature_base, signed_headers


class Server:
    """`python -m fleet serve`, which can be killed and started again at its port."""

    def __init__(self, url, **environment):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "FLEET_DATABASE": url, **environment}
        # One for all requests, with a line for each: to read the machine's authorities takes longer
        # than most answers, and a line that is kept would not outlive a kill.
        self._http = httpx.Client(
            verify=False, timeout=20, limits=httpx.Limits(max_keepalive_connections=0)
        )
        self.start()

    def start(self):
        command = [sys.executable, "-m", "fleet", "serve", "--listen", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, env=self.environment)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.answers():
                return
            assert self.process.poll() is None
            time.sleep(0.05)
        raise AssertionError("the fleet does not answer")

    def answers(self):
        """Whether anybody is there."""
        try:
            self._http.get(f"{self.address}/v1/time")
        except httpx.TransportError:
            return False
        return True

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def post(self, path, body, key, keyid, /, **change):
        """A signed request; `change` is what somebody does to it afterwards."""
        created = int(wall_ms() / 1000) + change.get("off", 0)
        seal = Seal(keyid, created, change.get("nonce", secrets.token_urlsafe(16)))
        digest = content_digest(body)
        signature = key.sign(signature_base("POST", path, "", digest, seal))
        headers = {**signed_headers(digest, seal, signature), **change.get("headers", {})}
        where = f"{self.address}{change.get('path', path)}"
        sent = change.get("body", body)
        return self._http.post(where, content=sent, headers=headers)
