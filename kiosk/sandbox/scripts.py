"""Fault scripts: what shall go wrong, at which call, how often.

A script is a few words, "delay 20" or "userpaying refuse 3"; SCRIPTS says what each does, MAGIC
which amounts start one without any access to the control endpoints. Scripts stay on disk until
they have happened, so a restart in the middle of a test changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kiosk.sandbox.store import Store


class Api(Enum):
    """The wallet's calls; the value is the name in scripts and audit."""

    AUTHINFO = "authinfo"
    FACECODE = "facecode"
    REPORT = "report"
    USERINFO = "userinfo"
    PAYRESULT = "payresult"
    MICROPAY = "micropay"
    FACEPAY = "facepay"
    OPENID = "openid"
    ORDERQUERY = "orderquery"
    REVERSE = "reverse"
    CLOSE = "close"
    REFUND = "refund"
    REFUNDQUERY = "refundquery"
    BILL = "bill"
    FUNDFLOW = "fundflow"
    DOWNLOAD = "download"
    NATIVE = "native"
    CERTIFICATES = "certificates"
    NOTIFY = "notify"


PAYING = (Api.MICROPAY, Api.FACEPAY)
"""The calls that take money with a code."""

ORDERING = (*PAYING, Api.NATIVE)
"""The calls that make an order."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a call is about; "" and 0 for what it does not say, or not in its form."""

    out_trade_no: str = ""
    out_refund_no: str = ""
    code: str = ""
    fen: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of script: what may follow its name, where it fits, what it does."""

    arguments: str
    apis: tuple[Api, ...]
    does: str


_ALL = tuple(api for api in Api if api is not Api.NOTIFY)
_UNSIGNED = {Api.FACECODE, Api.USERINFO, Api.PAYRESULT, Api.REPORT, Api.DOWNLOAD}
_SIGNED = tuple(api for api in _ALL if api not in _UNSIGNED)

SCRIPTS = {
    "drop-answer": Kind("", _ALL, "carried out; the connection closes without an answer"),
    "drop-request": Kind("", (*_ALL, Api.NOTIFY), "never carried out; the connection closes"),
    "delay": Kind(r"\d+(\.\d+)?", _ALL, "N: carried out at once, answered N seconds later"),
    "late": Kind(
        r"\d+(\.\d+)?",
        (*_ALL, Api.NOTIFY),
        "N: carried out only N seconds later, whoever still waits",
    ),
    "hang": Kind("", _ALL, "never carried out, never answered; the line stays open"),
    "decline": Kind(r"[A-Z_]{3,40}", _ALL, "CODE: refused with this err_code"),
    "userpaying": Kind(
        r"phone|forever|\d+(\.\d+)?|refuse( \d+(\.\d+)?)?",
        PAYING,
        "N: paid after N s · phone: as confirmed there · refuse [N]: PAYERROR after N s"
        " · forever: neither paid nor closed",
    ),
    "coupon": Kind(
        r"[1-9]\d{0,9}( borne)?",
        PAYING,
        "N: a coupon of the wallet pays N fen of it · N borne: at the merchant's cost",
    ),
    "code-used": Kind("", PAYING, "somebody has paid with the code a moment before"),
    "payerror": Kind("", PAYING, "the order fails and asks to be reversed"),
    "systemerror-paid": Kind("", _ALL, "carried out; the answer is SYSTEMERROR"),
    "systemerror-unpaid": Kind("", _ALL, "not carried out; the answer is SYSTEMERROR"),
    "http-500": Kind("", _ALL, "carried out; the answer is HTTP 500"),
    "http-502": Kind("", _ALL, "not carried out; the answer is HTTP 502"),
    "wrong-signature": Kind(
        "", (*_SIGNED, Api.NOTIFY), "carried out; the answer's signature is wrong"
    ),
    "truncated": Kind("", _ALL, "carried out; the connection breaks amid the answer"),
    "duplicate": Kind(
        "", (*_ALL, Api.NOTIFY), "the request arrives twice; the second answer is the one sent"
    ),
    "not-found": Kind(
        r"\d+",
        (Api.ORDERQUERY, Api.REVERSE, Api.REFUNDQUERY),
        "K: ORDERNOTEXIST (REFUNDNOTEXIST), the first K times",
    ),
    "recall": Kind(r"\d+", (Api.REVERSE,), "K: not carried out, recall=Y, the first K times"),
    "signtest": Kind(
        "", (Api.NOTIFY,), "a notify goes first whose signature must be refused: SIGNTEST, or wrong"
    ),
    "out-of-order": Kind("", (Api.NOTIFY,), "sent only after the next other notify"),
    "processing": Kind(
        r"forever|\d+(\.\d+)?|(change|close)( \d+(\.\d+)?)?",
        (Api.REFUND,),
        "N: done after N s · change [N]: account dead · close [N]: refused later · forever",
    ),
}
"""Every script by name; `apis` in the order of the default: micropay where it fits."""

MAGIC: dict[int, tuple[tuple[str, Api], ...]] = {
    90001: (("drop-answer", Api.MICROPAY),),
    90002: (("drop-request", Api.MICROPAY),),
    90003: (("delay 20", Api.MICROPAY),),
    90004: (("decline NOTENOUGH", Api.MICROPAY),),
    90005: (("userpaying 8", Api.MICROPAY),),
    90006: (("userpaying phone", Api.MICROPAY),),
    90007: (("userpaying refuse 8", Api.MICROPAY),),
    90008: (("userpaying forever", Api.MICROPAY),),
    90009: (("systemerror-paid", Api.MICROPAY),),
    90010: (("systemerror-unpaid", Api.MICROPAY),),
    90011: (("http-500", Api.MICROPAY),),
    90012: (("http-502", Api.MICROPAY),),
    90013: (("wrong-signature", Api.MICROPAY),),
    90014: (("truncated", Api.MICROPAY),),
    90015: (("duplicate", Api.MICROPAY),),
    90016: (("drop-answer", Api.MICROPAY), ("not-found 2", Api.ORDERQUERY)),
    90017: (("userpaying forever", Api.MICROPAY), ("recall 2", Api.REVERSE)),
    90018: (("payerror", Api.MICROPAY),),
    90019: (("late 20", Api.MICROPAY),),
    90020: (("decline AUTHCODEEXPIRE", Api.MICROPAY),),
    90021: (("processing 8", Api.REFUND),),
    90022: (("processing change 8", Api.REFUND),),
    90023: (("processing close 8", Api.REFUND),),
    90024: (("drop-answer", Api.REFUND),),
    90025: (("decline NOTENOUGH", Api.REFUND),),
    90026: (("hang", Api.MICROPAY),),
    90027: (("coupon 200", Api.MICROPAY),),
    90028: (("coupon 200 borne", Api.MICROPAY),),
    90029: (("code-used", Api.MICROPAY),),
    90031: (("duplicate", Api.NOTIFY),),
    90032: (("late 20", Api.NOTIFY),),
    90033: (("wrong-signature", Api.NOTIFY),),
    90034: (("signtest", Api.NOTIFY),),
    90035: (("out-of-order", Api.NOTIFY),),
    90036: (("drop-request", Api.NOTIFY),),
}
"""total_fee in fen of a pay call → the scripts it starts for that order, once.

What stands at micropay is for whichever pay call it was."""


@dataclass(frozen=True, slots=True)
class Script:
    """One fault to come, at the next `count` calls of `api` (of one order, if it names one)."""

    words: str
    api: Api
    count: int
    out_trade_no: str | None = None

    @classmethod
    def of(cls, request: dict[str, Any]) -> Script:
        """From a control request {script, api?, count?, out_trade_no?}; raises ValueError."""
        words = " ".join(str(request.get("script", "")).split())
        name, _, argument = words.partition(" ")
        kind = SCRIPTS.get(name)
        if kind is None:
            raise ValueError(f"unknown script {name!r}; known: {', '.join(SCRIPTS)}")
        if re.fullmatch(kind.arguments, argument) is None:
            raise ValueError(f"{name}: {kind.does}")
        default = Api.MICROPAY if Api.MICROPAY in kind.apis else kind.apis[0]
        api = Api(request.get("api") or default.value)
        if api not in kind.apis:
            raise ValueError(f"{name} fits {', '.join(a.value for a in kind.apis)}")
        count = _count(words) if name in _COUNTED else int(request.get("count", 1))
        if not 1 <= count <= 1_000_000:
            raise ValueError("count is 1 to 1000000")
        out_trade_no = request.get("out_trade_no")
        if out_trade_no is not None and not isinstance(out_trade_no, str):
            raise ValueError("out_trade_no is a text")
        return cls(words, api, count, out_trade_no)


_COUNTED = {"not-found", "recall"}
"""Scripts whose number says how often they happen."""


def _count(words: str) -> int:
    name, _, argument = words.partition(" ")
    return int(argument) if name in _COUNTED else 1


@dataclass(frozen=True, slots=True)
class Faults:
    """The scripts that strike one call: name → what followed it."""

    by_name: dict[str, str]

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def seconds(self, name: str) -> float:
        """The seconds after `name`, 0 when it does not strike."""
        return float(self.by_name.get(name) or 0)

    def without(self, name: str) -> Faults:
        """These but one."""
        return Faults({each: words for each, words in self.by_name.items() if each != name})

    def __str__(self) -> str:
        return ", ".join(f"{name} {words}".strip() for name, words in self.by_name.items())


class Scripts:
    """The scripts still to happen, in the order they were set."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, script: Script) -> int:
        """Keep a script; its number."""
        return self._store.insert(
            "INSERT INTO script (words, api, remaining, out_trade_no) VALUES (?, ?, ?, ?)",
            *(script.words, script.api.value, script.count, script.out_trade_no),
        )

    def clear(self) -> int:
        """Forget every script; how many there were."""
        return self._store.run("DELETE FROM script")

    def waiting(self) -> list[dict[str, Any]]:
        """Every script that has still to happen."""
        return self._store.all("SELECT * FROM script ORDER BY id")

    def arm_magic(self, paying: Api, subject: Subject) -> None:
        """Set what the amount of a pay call stands for, for its order alone."""
        for words, usual in MAGIC.get(subject.fen, ()):
            api = paying if usual is Api.MICROPAY else usual
            if api in SCRIPTS[words.partition(" ")[0]].apis:
                self.add(Script(words, api, _count(words), subject.out_trade_no))

    def take(self, api: Api, out_trade_no: str) -> Faults:
        """The scripts for this call, the oldest of each name; each has happened once more now."""
        taken: dict[str, str] = {}
        for row in self._store.all(
            "SELECT * FROM script WHERE api = ? AND coalesce(out_trade_no, ?) = ? ORDER BY id",
            *(api.value, out_trade_no, out_trade_no),
        ):
            name, _, argument = row["words"].partition(" ")
            if name in taken:
                continue
            taken[name] = argument
            self._store.run("UPDATE script SET remaining = remaining - 1 WHERE id = ?", row["id"])
        self._store.run("DELETE FROM script WHERE remaining <= 0")
        return Faults(taken)
