"""An app at the face service: calls it as the SDK's JSON form does, one line each way."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from contextlib import contextmanager


class App:
    """One app's line to the service, and the merchant's names it uses."""

    def __init__(self, address, sandbox):
        host, port = address.split(":")
        self._line = socket.create_connection((host, int(port)), 10)
        self._said = self._line.makefile("r", encoding="utf-8")
        known = sandbox.merchant()
        self.shop = {name: known[name] for name in ("appid", "mch_id")} | {"store_id": "S1"}

    def send(self, *cmds, **fields):
        """One call after the other, in one piece: no time passes between them."""
        head = {"version": "1", "now": int(time.time())}
        calls = [json.dumps({"cmd": cmd, **head, **fields}) for cmd in cmds]
        self.send_raw("".join(f"{call}\n" for call in calls).encode())

    def send_raw(self, text):
        self._line.sendall(text)

    def hear(self):
        return json.loads(self._said.readline())

    def hears_nothing(self, seconds):
        self._line.settimeout(seconds)
        try:
            return self._line.recv(1, socket.MSG_PEEK) == b""
        except TimeoutError:
            return True
        finally:
            self._line.settimeout(10)

    def call(self, cmd, **fields):
        self.send(cmd, **fields)
        answer = self.hear()
        assert answer.pop("cmd") == cmd
        return answer

    def starts(self):
        assert self.call("initWxpayface")["return_code"] == "SUCCESS"

    def wanted(self, authinfo, number, fen=1280, **own):
        """What getWxpayfaceCode is asked for."""
        order = {"out_trade_no": number, "total_fee": str(fen), "ask_face_permit": "0"}
        asked = {**self.shop, "face_authtype": "FACEPAY", "authinfo": authinfo, **order}
        return asked | {"face_code_type": "1"} | own

    def looks(self, authinfo, number, fen=1280, **own):
        return self.call("getWxpayfaceCode", **self.wanted(authinfo, number, fen, **own))

    def close(self):
        self._said.close()
        self._line.close()


@contextmanager
def serving(sandbox, ready, *arguments):
    """The service as a process; its address."""
    command = [sys.executable, "-m", "kiosk.sandbox", "face-service"]
    command += ["--sandbox", sandbox.address, "--ready", str(ready), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 15
        while not ready.exists():
            assert process.poll() is None, "the face service ended"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield ready.read_text("ascii").strip()
        process.terminate()
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()
