"""A sandbox process for tests and demos, held by its control endpoints.

with running(folder) as sandbox:
    sandbox.script("drop-answer")
    …a kiosk at sandbox.address, with the keys in sandbox.merchant()…
    assert sandbox.audit()["clean"]
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class Refusal(Exception):
    """The control endpoint said no."""


class SandboxProcess:
    """A process that can be killed, stopped and started again on the same folder."""

    def __init__(self, folder: Path, *arguments: str, tls: Path | None = None) -> None:
        self.folder = folder
        self.address = ""
        self.tls = tls
        self._arguments = [*arguments, *(["--tls", str(tls)] if tls else [])]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, port: int = 0) -> None:
        """Start it and wait until it listens; raises RuntimeError when it does not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "kiosk.sandbox", "--state", str(self.folder)]
        command += ["--port", str(port), "--ready", str(ready), *self._arguments]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        self._process = process
        deadline = time.monotonic() + 15
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the sandbox did not start: {self.log()}")
            time.sleep(0.01)
        self.address = ready.read_text("ascii").strip()

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self._process.wait(timeout=10)

    def start_over(self) -> None:
        """Everything forgotten but the keys; started where it does not run."""
        if self._process is None or self._process.poll() is not None:
            self.restart()
        self.control("DELETE", "state")

    def restart(self) -> None:
        """Start it again at the same address."""
        self.start(urlsplit(self.address).port or 0)

    def log(self) -> str:
        """All it has logged."""
        return (self.folder / "log").read_text("utf-8")

    def merchant(self) -> dict[str, str]:
        """appid, mch_id, sub_mch_id, key and store_id of the one merchant it knows."""
        known: dict[str, str] = json.loads((self.folder / "merchant.json").read_text("utf-8"))
        return known

    def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Call a control endpoint; raises Refusal with what it says."""
        status, answer = self.http(method, f"/sandbox/{path}", json.dumps(body).encode())
        said: dict[str, Any] = json.loads(answer)
        if status >= 300:
            raise Refusal(said["error"])
        return said

    def trust(self, *, certified: bool = True) -> ssl.SSLContext:
        """What a client of a sandbox with `tls` trusts, and shows of itself."""
        assert self.tls is not None, "this sandbox speaks plain HTTP"
        context = ssl.create_default_context(cafile=self.tls / "ca.pem")
        if certified:
            context.load_cert_chain(self.tls / "client.pem", self.tls / "client.key")
        return context

    def http(
        self, method: str, path: str, body: bytes = b"", seconds: float = 10
    ) -> tuple[int, bytes]:
        """One request on a connection of its own: status and body."""
        connection = self._connection(seconds)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _connection(self, seconds: float) -> HTTPConnection:
        where = urlsplit(self.address)
        host, port = str(where.hostname), where.port
        if self.tls is None:
            return HTTPConnection(host, port, timeout=seconds)
        return HTTPSConnection(host, port, timeout=seconds, context=self.trust())

    def script(self, words: str, **more: Any) -> None:
        """Set a fault script; `more` is api, count and out_trade_no."""
        self.control("POST", "scripts", script=words, **more)

    def code(self, **holder: Any) -> str:
        """A payment code; `holder` is openid, name and balance in fen."""
        return str(self.control("POST", "codes", **holder)["code"])

    def enrol(self, openid: str, template: Sequence[float], **more: Any) -> None:
        """Enrol a face; `more` is name and balance in fen."""
        self.control("POST", "faces", openid=openid, template=list(template), **more)

    def decide(self, out_trade_no: str, decision: str) -> dict[str, Any]:
        """The phone's "confirm" or "refuse"; the order after it."""
        return self.control("POST", f"orders/{out_trade_no}/{decision}")

    def order(self, out_trade_no: str) -> dict[str, Any]:
        """One order; raises Refusal where there is none."""
        return self.control("GET", f"orders/{out_trade_no}")

    def advance(self, seconds: float) -> None:
        """Move its clock forward."""
        self.control("POST", "clock", advance=seconds)

    def audit(self) -> dict[str, Any]:
        """Every call and the findings."""
        return self.control("GET", "audit")


@contextmanager
def running(folder: Path, *arguments: str, tls: Path | None = None) -> Iterator[SandboxProcess]:
    """A started sandbox, killed when the block is left; with `tls`, over HTTPS."""
    sandbox = SandboxProcess(folder, *arguments, tls=tls)
    sandbox.start()
    try:
        yield sandbox
    finally:
        sandbox.kill()
