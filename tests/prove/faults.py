"""What goes wrong in a cell of the crash table, before the core is killed in it.

On `micropay` every script is played. What comes of an answer that is lost, broken, forged or an
error of the server is decided at one place for all calls of a wire, so of the other calls only
those scripts are played that differ in what the wallet did, or in when the kiosk knows:

    trimmed on orderquery, reverse, refund, refundquery    http-500, truncated (as wrong-signature),
                                                           systemerror-paid (as drop-answer),
                                                           http-502, systemerror-unpaid (as the
                                                           refusal SYSTEMERROR), duplicate

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
_FEW = (
    "drop-answer",
    "drop-request",
    "delay 2",
    "late 2",
    "decline SYSTEMERROR",
    "wrong-signature",
)
_REFUNDING = (
    "drop-answer",
    "drop-request",
    "late 2",
    "decline ERROR",
    "decline NOTENOUGH",
    "processing 8",
    "processing close 8",
    "processing change 8",
)
_REFUND_QUERY = ("drop-answer", "decline SYSTEMERROR", "not-found 2")
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
            for words in (*_FEW, "not-found 3")
        ),
        *(
            Fault(f"reverse {words}", (LOST, NOT_FOUND, ("reverse", words, 1)))
            for words in (*_FEW, "decline REVERSE_EXPIRE", "not-found 1", "recall 1")
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
        "part": _some("none"),
        "second": _some("none", "processing close 8"),
        "tills": _some("none", "late 2"),
        "late": _some("none", "decline ERROR"),
        "copy": [
            Fault("none"),
            *(
                Fault(f"printer {trouble}", (), (trouble, _PRINTER[trouble]))
                for trouble in ("cover open", "unplug after 300", "mute")
            ),
        ],
    }


def basket_faults() -> dict[str, list[Fault]]:
    """For a QR and for parts; those of `rest` meet the second part, those of `left` its refund."""
    native = ("drop-answer", "drop-request", "delay 2", "decline SYSTEMERROR", "wrong-signature")
    closing = ("drop-answer", "drop-request", "decline SYSTEMERROR")
    asking = ("drop-answer", "not-found 2")
    return {
        "qr": [
            Fault("none"),
            *(Fault(f"native {words}", (("native", words, 1),)) for words in native),
            *(Fault(f"orderquery {words}", (("orderquery", words, 2),)) for words in asking),
        ],
        "qr-left": [
            Fault("none"),
            *(Fault(f"close {words}", (("close", words, 1),)) for words in closing),
        ],
        "qr-alone": [Fault("none")],
        "parts": [Fault("none")],
        "parts-qr": [Fault("none")],
        "rest": [
            Fault("micropay drop-answer", (LOST,)),
            Fault("micropay decline NOTENOUGH", (("micropay", "decline NOTENOUGH", 1),)),
            Fault("reverse none", (LOST, NOT_FOUND)),
        ],
        "rest-qr": [Fault("native drop-answer", (("native", "drop-answer", 1),))],
        "left": _some("none", "drop-answer", "decline ERROR"),
    }


def goods_faults() -> list[Fault]:
    """For what a paid basket owes."""
    return [
        Fault("none"),
        Fault("micropay drop-answer", (LOST,)),
        Fault("printer unplug after 300", (), ("unplug after 300", "plug")),
    ]


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
