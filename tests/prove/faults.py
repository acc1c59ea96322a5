"""What goes wrong in a cell of the crash table, before the core is killed in it.

A payment is undone only when the queries are spent, so a fault of `reverse` comes with a pay call
whose answer is lost and queries that never find the order: money is at stake in every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

LOST = ("micropay", "drop-answer", 1)
NOT_FOUND = ("orderquery", "not-found 500", 500)
REFUSED = ("reverse", "decline REVERSE_EXPIRE", 2)

_ANSWERS = (
    "drop-answer",
    "drop-request",
    "delay 2",
    "late 2",
    "decline SYSTEMERROR",
    "systemerror-paid",
    "systemerror-unpaid",
    "http-500",
    "http-502",
    "wrong-signature",
    "truncated",
    "duplicate",
)
_PAYING = (
    *(answer for answer in _ANSWERS if not answer.startswith("decline")),
    "decline NOTENOUGH",
    "decline AUTH_CODE_ERROR",
    "userpaying 8",
    "userpaying phone",
    "userpaying refuse 8",
    "userpaying forever",
    "payerror",
)
_REFUNDING = (
    *(answer for answer in _ANSWERS if answer != "decline SYSTEMERROR"),  # as systemerror-unpaid
    "decline ERROR",
    "decline NOTENOUGH",
    "processing 8",
    "processing close 8",
    "processing change 8",
)
_REFUND_QUERY = (
    "drop-answer",
    "late 2",
    "decline SYSTEMERROR",
    "http-502",
    "wrong-signature",
    "truncated",
    "not-found 2",
)
_PRINTER = {
    "cover open": "cover close",
    "paper out": "paper in",
    "paper 5": "paper in",
    "unplug after 300": "plug",
    "mute": "unmute",
    "jam": "free",
    "offline": "online",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`scripts` (api, words, count) for the sandbox; an order to the printer and its undoing."""

    name: str
    scripts: tuple[tuple[str, str, int], ...] = ()
    printer: tuple[str, str] | None = None


def code_faults() -> list[Fault]:
    """For a payment by code: every script of the three calls, and every trouble of the printer."""
    return [
        Fault("none"),
        *(Fault(f"micropay {words}", (("micropay", words, 1),)) for words in _PAYING),
        *(
            Fault(f"orderquery {words}", (LOST, ("orderquery", words, 2)))
            for words in (*_ANSWERS, "not-found 3")
        ),
        *(
            Fault(f"reverse {words}", (LOST, NOT_FOUND, ("reverse", words, 1)))
            for words in (*_ANSWERS, "decline REVERSE_EXPIRE", "not-found 1", "recall 1")
        ),
        Fault("reverse none", (LOST, NOT_FOUND)),
        # The queries find the order again when undoing has been refused: paid late.
        Fault("paid late", (LOST, ("orderquery", "not-found 9", 9), REFUSED)),
        *(Fault(f"printer {trouble}", (), (trouble, mend)) for trouble, mend in _PRINTER.items()),
    ]


def face_faults() -> list[Fault]:
    """For a payment by face: what is special to it, and one fault of each kind behind it."""
    return [
        Fault("none"),
        Fault("authinfo drop-answer", (("authinfo", "drop-answer", 1),)),
        Fault("facecode drop-answer", (("facecode", "drop-answer", 1),)),
        Fault("facecode late 2", (("facecode", "late 2", 1),)),
        Fault("micropay drop-answer", (LOST,)),
        Fault("micropay delay 2", (("micropay", "delay 2", 1),)),
        Fault("micropay drop-request", (("micropay", "drop-request", 1),)),
        Fault("micropay userpaying 8", (("micropay", "userpaying 8", 1),)),
        Fault("reverse drop-answer", (LOST, NOT_FOUND, ("reverse", "drop-answer", 1))),
    ]


def back_faults() -> dict[str, list[Fault]]:
    """For money that goes back: every script of both calls on one path, a few on its neighbours."""
    return {
        "refund": [
            Fault("none"),
            *(Fault(f"refund {words}", (("refund", words, 1),)) for words in _REFUNDING),
            *(
                Fault(f"refundquery {words}", (("refundquery", words, 2),))
                for words in _REFUND_QUERY
            ),
        ],
        "part": _some("none", "systemerror-paid"),
        "second": _some("none", "drop-answer", "processing close 8"),
        "tills": _some("none", "drop-answer", "late 2"),
        "late": _some("none", "drop-answer", "decline ERROR"),
        "copy": [
            Fault("none"),
            *(
                Fault(f"printer {trouble}", (), (trouble, _PRINTER[trouble]))
                for trouble in ("cover open", "unplug after 300", "mute")
            ),
        ],
    }


def _some(*words: str) -> list[Fault]:
    """Scripts of the refund call."""
    return [
        Fault(f"refund {each}", (("refund", each, 1),)) if each != "none" else Fault("none")
        for each in words
    ]


SAMPLE = (
    Fault("none"),
    Fault("micropay drop-answer", (LOST,)),
    Fault("reverse none", (LOST, NOT_FOUND)),
)
"""For the tests of every day."""
