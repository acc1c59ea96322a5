"""A payment's history in words: each entry of the ledger as a sentence.

What an entry says is a kiosk's word: names that we do not know are shown as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleet.console.questions.payments import Noted
from fleet.console.texts import Texts
from fleet.console.words import method_text, moment, money

_TEXTS = ("reason", "code", "message", "transaction_id", "refund_id")


@dataclass(frozen=True, slots=True)
class Sentence:
    """When, where in the ledger, what; `branch` above 0: on another copy of the disk."""

    at: str
    seq: int
    branch: int
    text: str
    detail: str


def told(say: Texts, noted: Noted) -> Sentence:
    """The entry in words."""
    text, detail = _told(say, noted)
    return Sentence(moment(noted.at_ms), noted.seq, noted.branch, text, detail)


def _told(say: Texts, noted: Noted) -> tuple[str, str]:
    body = noted.body
    match noted.kind:
        case "payment_opened":
            paid = _table(body, "payment")
            how = method_text(say, str(paid.get("method", "")))
            return say("story.payment_opened", sum=_sum(paid), how=how), ""
        case "refund_opened":
            refund = _table(body, "refund")
            return say("story.refund_opened", sum=_sum(refund)), _word(refund, "reason")
        case "payment" | "refund":
            return _event(say, noted)
        case "delivery_started":
            what = _part(say, noted.key, _word(body, "kind"))
            return say("story.delivery_started", what=what), ""
        case "delivery_ended":
            result = _word(body, "result")
            word, _, cause = result.partition(": ")
            spoken = say.known(f"result.{word.replace(' ', '_')}", word)
            return say("story.delivery_ended", result=spoken), cause
        case "refund_due":
            return say("story.refund_due", sum=_sum(body)), _word(body, "reason")
        case "contradiction":
            return say("story.contradiction"), _word(body, "cause")
        case "consent":
            return say("story.consent"), _word(body, "notice")
        case "staff":
            return say("story.staff"), _word(body, "did")
        case kind:
            return say.known(f"story.{kind}", kind), ""


def _event(say: Texts, noted: Noted) -> tuple[str, str]:
    body = noted.body
    name = _word(body, "event")
    text = say.known(f"story.{noted.kind}.{name}", name)
    detail = [_word(body, field) for field in _TEXTS]
    if isinstance(body.get("fen"), int):
        detail.insert(0, money(body["fen"]))
    return text, " · ".join(each for each in detail if each)


def _part(say: Texts, key: str, kind: str) -> str:
    name = say.known(f"delivery.{kind}", kind)
    return f"{name} {key.rpartition('-')[2]}" if kind == "copy" else name


def _table(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = body.get(name)
    return inner if isinstance(inner, dict) else {}


def _sum(body: Mapping[str, Any]) -> str:
    fen = body.get("fen")
    return money(fen, _word(body, "currency") or "CNY") if isinstance(fen, int) else "?"


def _word(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return "" if value is None else str(value)
