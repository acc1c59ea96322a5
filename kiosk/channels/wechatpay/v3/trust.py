"""Whether a verified answer is about us and about what was asked.

A signature proves who wrote an answer, not that it answers this question: behind one address sit
other merchants' answers and, after a mix-up of connections, our own of another order.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.channels.channel import OutcomeUnknown, Refused
from kiosk.channels.wechatpay.errors import ErrorRule
from kiosk.channels.wechatpay.trust import masked
from kiosk.channels.wechatpay.v3 import documents, errors
from kiosk.channels.wechatpay.v3.client import Answer
from kiosk.channels.wechatpay.v3.documents import Document
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions


def parties(options: WechatNativeOptions) -> Mapping[str, str]:
    """Who an answer must be for, in the words of the calls that were asked."""
    if options.partner:
        return {"sp_mchid": options.mch_id, "sub_mchid": options.sub_mch_id}
    return {"mchid": options.mch_id}


def demand(document: Document, about: Mapping[str, str], *, named: bool) -> None:
    """Raises ValueError for an answer about something else; with `named`, it must say all of it.

    `about` are the fields and what each must say; "" is what is not known yet.
    """
    for name, ours in about.items():
        said = documents.text(document, name)
        if ours and said not in ("", ours):
            raise ValueError(f"is for another {name}")
        if named and not said:
            raise ValueError(f"does not name its {name}")


def failure(answer: Answer, rule: ErrorRule, *, definite: bool) -> OutcomeUnknown | Refused:
    """What a refusal comes to; its text is for people, and never read by the program."""
    said = masked(answer.text("message"))
    if definite and 400 <= answer.status < 500:
        return Refused(answer.code, said or rule.cause, rule.mend, answer.request_id)
    return OutcomeUnknown(f"{rule.cause}: {said_of(answer)}", rule.mend)


def said_of(answer: Answer) -> str:
    """Status, code and text of an answer in one line."""
    words = (f"HTTP {answer.status}", answer.code, answer.text("message"), _number(answer))
    return masked(" ".join(word for word in words if word))


def code_of(answer: Answer) -> str:
    """The code that a refusal means."""
    return errors.meant(answer.code, answer.number)


def _number(answer: Answer) -> str:
    return "" if answer.number in ("", "0") else f"({answer.number})"
