"""A process that serves the fleet, or what it is measured beside, for as long as a block runs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

FLEET = ("fleet", "serve")
START = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Serving:
    """A process that answers."""

    address: str
    pid: int


@contextmanager
def serving(url: str, module: Sequence[str] = FLEET) -> Iterator[Serving]:
    """Where it answers; `url` is its database."""
    port = free_port()
    where = ["--listen", f"127.0.0.1:{port}"]
    if module[0] == "uvicorn":
        where = ["--port", str(port), "--log-level", "warning"]
    names = {**os.environ, "FLEET_DATABASE": url}
    with subprocess.Popen([sys.executable, "-m", *module, *where], env=names) as process:
        try:
            _wait(port, process)
            yield Serving(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()


def free_port() -> int:
    """One that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not start")
