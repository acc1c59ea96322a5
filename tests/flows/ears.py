"""A shopper who cannot see the screen: four keys, a hand with the goods, and what he hears.

The voice is a program that takes what espeak-ng takes and writes down each sentence when it begins,
each that came to its end, and lets it last; it is cut off as espeak-ng is.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from kiosk.demo.stage import Stage

RECORDER = """#!{python} -SE
import json, sys, time
text = sys.stdin.buffer.read().decode()
def write(what):
    with open({heard!r}, "a", encoding="utf-8") as file:
        line = dict(what=what, at=time.monotonic(), text=text, options=sys.argv[1:])
        file.write(json.dumps(line) + chr(10))
write("begun")
time.sleep(len(text) * {letter})
write("ended")
"""
KEYS = {"previous": "Left", "next": "Right", "select": "Return", "help": "F1"}
LETTER = 0.004  # seconds; a person's voice takes some twenty times as long


def recorder(folder: Path, letter: float = LETTER) -> tuple[Path, Path]:
    """The program, and the file that it writes."""
    heard, program = folder / "heard.jsonl", folder / "voice"
    heard.touch()
    program.write_text(RECORDER.format(python=sys.executable, heard=str(heard), letter=letter))
    program.chmod(0o755)
    return program, heard


class Listener:
    """Presses keys and listens; he knows nothing of the screen but what is said."""

    def __init__(self, shop: Stage, heard: Path) -> None:
        self.shop = shop
        self._heard = heard
        self._from = len(self.sentences())

    def sentences(self) -> list[str]:
        """Everything that was begun, first to last."""
        lines = self._heard.read_text("utf-8").splitlines()
        return [fact["text"] for fact in map(json.loads, lines) if fact["what"] == "begun"]

    def presses(self, *keys: str) -> None:
        """From the next key on only what is said after it counts."""
        environment = {**os.environ, "DISPLAY": self.shop.play.display}
        for key in keys:
            self._from = len(self.sentences())
            command = ["xdotool", "key", KEYS[key]]
            subprocess.run(command, env=environment, check=True, timeout=10)

    def hears(self, *patterns: str, timeout: float = 20.0) -> str:
        """Wait until each of these was said since the last key; the sentence with the last."""
        end = time.monotonic() + timeout
        while True:
            heard = self.sentences()[self._from :]
            found = [
                next((one for one in heard if re.search(pattern, one)), None)
                for pattern in patterns
            ]
            if all(found):
                return str(found[-1])
            assert time.monotonic() < end, f"waited for {patterns}, heard {heard}"
            time.sleep(0.02)

    def heard_nothing_like(self, pattern: str) -> bool:
        """Since the last key."""
        return not any(re.search(pattern, one) for one in self.sentences()[self._from :])

    def finds(self, title: str, most: int = 30) -> None:
        """Press next until something of this name has the focus."""
        for _ in range(most):
            self.presses("next")
            if re.search(title, self.hears(r"\d+ of \d+$|第\d+个，共\d+个$")):
                return
        raise AssertionError(f"{title} is not among what the keys reach")

    def chooses(self, title: str) -> None:
        """Find it and select it."""
        self.finds(title)
        self.presses("select")

    def holds_out(self, code: str) -> None:
        """Find the scanner by hand, as it was described to him."""
        self._from = len(self.sentences())
        self.shop.scan(code)
