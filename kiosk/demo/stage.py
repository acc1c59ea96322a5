"""A whole shop on this machine: sandbox, simulated scanner and printer, core, faces and ui.

    sandbox ◄─HTTP─ core ◄─socket─ faces ◄─ folder camera
                     │ └──socket──► ui ─► display
       scanner, printer, scale: simulated peers on pseudo-terminals

Every part is a process of its own, started the way a kiosk starts it, so each can be killed. Its
output is in `logs/`; nothing outside the folder and a directory in memory is touched.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from kiosk.demo.display import mortal
from kiosk.demo.settings import Places, Play, write_settings
from kiosk.errors import KioskError

START = 20.0  # seconds a part may take to be there
STOP = 5.0
MEMORY = Path("/dev/shm")  # noqa: S108 - sockets and the preview live in memory


class Stage:
    """Starts and stops the parts; a context manager that leaves nothing running."""

    def __init__(
        self, folder: Path, play: Play, kiosk: Sequence[str] = ("core", "faces", "ui")
    ) -> None:
        """`kiosk` are the kiosk's own processes that are started at once."""
        self.folder = folder
        self.play = play
        self.kiosk = kiosk
        self.run = Path(tempfile.mkdtemp(prefix="kiosk-", dir=MEMORY if MEMORY.is_dir() else None))
        self.places = Places(folder, self.run)
        self.slips = folder / "slips"
        self.wallet = folder / "sandbox"
        self._parts: dict[str, subprocess.Popen[bytes]] = {}
        self.sandbox_url = ""
        self._http = httpx.Client(timeout=10)

    def __enter__(self) -> Self:
        try:
            self._set_up()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # --- the parts ------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start one part, if it does not run: sandbox, core, faces, ui, or a simulated device."""
        if self.alive(name):
            return
        if name == "ui":
            self.places.screen.unlink(missing_ok=True)  # what an earlier window said
        log = (self.folder / "logs" / f"{name}.log").open("ab")
        with log:
            self._parts[name] = subprocess.Popen(
                mortal([sys.executable, "-m", *self._command(name)]),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, "DISPLAY": self.play.display, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """`kill -9`: no word of farewell."""
        self._parts[name].send_signal(signal.SIGKILL)
        self._parts[name].wait()

    def alive(self, name: str) -> bool:
        """Whether the part runs."""
        return name in self._parts and self._parts[name].poll() is None

    def pid(self, name: str) -> int:
        """The process number of a part."""
        return self._parts[name].pid

    def stop(self) -> None:
        """End every part, the kindly way first."""
        for part in self._parts.values():
            if part.poll() is None:
                part.terminate()
        for part in self._parts.values():
            try:
                part.wait(STOP)
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()
        self._http.close()
        shutil.rmtree(self.run, ignore_errors=True)

    # --- what a person or a wallet does ---------------------------------------------------------

    def scan(self, code: str) -> None:
        """Hold a code to the scanner."""
        self._tell("scanner", code)

    def printer(self, order: str, name: str = "printer") -> None:
        """Do something to a printer: "paper out", "cover open", "unplug" …"""
        self._tell(name, order)

    def scale(self, order: str) -> None:
        """Do something to the scale: "load 1234" (grams), "empty", "shake", "unplug" …"""
        self._tell("scale", order)

    def bags(self, order: str) -> None:
        """Do the same to the scale under the bags."""
        self._tell("bagging", order)

    def paper(self, name: str) -> Path:
        """The folder of what a printer has printed."""
        return self.slips if name == "printer" else self.folder / f"paper-{name}"

    def scene(self, script: str) -> None:
        """Put something else before the camera."""
        self.places.scene.write_text(script, "utf-8")

    def sandbox(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request to the sandbox's control."""
        answer = self._http.request(method, self.sandbox_url + path, json=body)
        answer.raise_for_status()
        return answer.json()

    def payment_code(self) -> str:
        """A fresh payment code of a shopper with money."""
        code: str = self.sandbox("POST", "/sandbox/codes", {"name": "shopper"})["code"]
        return code

    def enrol(self) -> None:
        """The wallet knows one face: enrolled from other frames than the visit will see."""
        command = [sys.executable, "-m", "kiosk.faces.enrol", "--width", "640", "--height", "480"]
        made = subprocess.run(command, capture_output=True, check=True, timeout=START * 2)
        template = json.loads(made.stdout)
        self.sandbox(
            "POST", "/sandbox/faces", {"openid": "shopper", "name": "shopper", "template": template}
        )

    # --- set-up ---------------------------------------------------------------------------------

    def _set_up(self) -> None:
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        self._open_wallet()
        write_settings(self.places, self.play, self.wallet, self.sandbox_url)
        peers = (
            "scanner",
            "printer",
            *["scale"] * self.play.scale,
            *["bagging"] * self.play.bagging,
            *self.play.stations,
        )
        for name in peers:
            self.start(name)
        for name in peers:
            self._wait((self.run / name).exists, name)
        for name in self.kiosk:
            self.start(name)
        if self.play.enrolled:
            self.enrol()

    def _open_wallet(self) -> None:
        ready = self.folder / "sandbox.url"
        ready.unlink(missing_ok=True)  # of an earlier run
        self.start("sandbox")
        self._wait(ready.is_file, "sandbox")
        self.sandbox_url = ready.read_text("ascii").strip()

    def _command(self, name: str) -> list[str]:
        match name:
            case "sandbox":
                state, ready = str(self.wallet), str(self.folder / "sandbox.url")
                command = ["kiosk.sandbox", "--state", state, "--ready", ready]
                # Started again, it is where the kiosk expects it.
                port = self.sandbox_url.rpartition(":")[2] or "0"
                return [*command, "--speed", str(self.play.speed), "--port", port]
            case "scanner":
                return ["hardware.scanners.peer", "--link", str(self.run / "scanner")]
            case "scale" | "bagging":
                return ["hardware.scales.peer", "--link", str(self.run / name)]
            case _ if name in ("printer", *self.play.stations):
                link, out = str(self.run / name), str(self.paper(name))
                return ["hardware.printers.peer", "--link", link, "--out", out]
            case _:
                return ["kiosk", name, "--config", str(self.places.config)]

    def _tell(self, name: str, line: str) -> None:
        pipe = self._parts[name].stdin
        assert pipe is not None
        pipe.write(line.encode() + b"\n")
        pipe.flush()

    def _wait(self, happened: Any, name: str) -> None:
        end = time.monotonic() + START
        while not happened():
            if not self.alive(name) or time.monotonic() > end:
                log = self.folder / "logs" / f"{name}.log"
                last = log.read_text("utf-8", "replace").strip().splitlines()[-3:]
                raise KioskError(f"{name} did not start: {' | '.join(last)}", f"See {log}")
            time.sleep(0.02)
