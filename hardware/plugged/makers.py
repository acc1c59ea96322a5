"""Which kind of device somebody makes: by USB vendor number, and by words in its descriptors.

Numbers are those of the public list usb.ids; the words are names of makers and of things. Bridges
(FTDI, Prolific, WCH, Silicon Labs) say nothing: anything may be behind them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hardware.plugged.found import UsbDevice

VENDORS: Mapping[str, str] = {
    "0c2e": "scanner",  # Honeywell (Metrologic)
    "0536": "scanner",  # Honeywell (Hand Held Products)
    "05e0": "scanner",  # Zebra (Symbol)
    "05f9": "scanner",  # Datalogic (PSC)
    "1eab": "scanner",  # Newland
    "065a": "scanner",  # Opticon
    "04b8": "printer",  # Epson
    "0519": "printer",  # Star
    "0dd4": "printer",  # Custom
    "1504": "printer",  # Bixolon
    "1d90": "printer",  # Citizen
    "0eb8": "scale",  # Mettler-Toledo
}
PRINTERS = frozenset({"0416:5011", "0fe6:811e", "6868:0200"})  # of makers without a number
KEYBOARDS = frozenset({"045e", "046a", "046d", "413c", "17ef", "03f0"})  # who make no scanners
_WORDS: Mapping[str, str] = {
    "scanner": r"scan\w*|bar ?code\w*|imager|symbol|honeywell|metrologic|datalogic|newland|zebra"
    r"|opticon|mindeo|nls",
    "printer": r"print\w*|receipt|thermal|epson|bixolon|citizen|hprt|xprinter|gprinter|zijiang"
    r"|pos ?\d\d\w*|tm",
    "scale": r"scales?|balance|weigh\w*|mettler|toledo|cas|ohaus|bizerba|dibal|avery|aclas",
}
_PATTERNS = {
    kind: re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])") for kind, words in _WORDS.items()
}
_KEYBOARD = re.compile(r"keyboard|keypad")
# By a word of its maker, the protocol that most of his scales are delivered with; else Toledo's.
_SCALES: Mapping[str, str] = {
    "cas": "cas",
    "bizerba": "dialog06",
    "avery": "dialog06",
    "weigh": "nci",
    "aclas": "continuous",
}
TOLEDO = "mettler-8217"


def guess(device: UsbDevice | None, more: str = "") -> str | None:
    """Which kind it is, when exactly one is told: by its vendor first, then by words."""
    if device is not None:
        if device.vendor in VENDORS:
            return VENDORS[device.vendor]
        if f"{device.vendor}:{device.product}" in PRINTERS:
            return "printer"
    text = _plain(f"{device.words if device else ''} {more}")
    told = [kind for kind, pattern in _PATTERNS.items() if pattern.search(text)]
    return told[0] if len(told) == 1 else None


def is_keyboard(device: UsbDevice | None, more: str = "") -> bool:
    """Whether it is surely one to type on: it says so, and its maker makes no scanners."""
    text = _plain(f"{device.words if device else ''} {more}")
    told = _KEYBOARD.search(text) is not None and guess(device, more) is None
    return told and device is not None and device.vendor in KEYBOARDS


def scale_driver(device: UsbDevice | None) -> str:
    """The protocol to try first."""
    text = _plain(device.words if device else "")
    return next((driver for word, driver in _SCALES.items() if word in text), TOLEDO)


def _plain(text: str) -> str:
    return re.sub(r"[_\W]+", " ", text.lower())
