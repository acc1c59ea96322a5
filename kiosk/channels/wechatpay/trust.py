"""Whether an answer is about us and about what was asked, and its words as they may be kept.

A signature proves who wrote an answer, not that it answers this question: behind one address sit
other merchants' answers and, after a mix-up of connections, our own of another order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kiosk.channels.channel import OutcomeUnknown, Refused
from kiosk.channels.wechatpay import errors
from kiosk.channels.wechatpay.client import Answer
from kiosk.channels.wechatpay.options import WechatPayOptions

_FEN = re.compile(r"[0-9]{1,12}")
_LONG_NUMBER = re.compile(r"[0-9]{8,}([0-9]{4})")
_LONGEST_MESSAGE = 200


def succeeded(
    answer: Answer, options: WechatPayOptions, about: Mapping[str, str], *, names_all: bool = True
) -> bool:
    """Whether result_code is SUCCESS; raises OutcomeUnknown for another order's answer.

    `about` are the numbers that were asked for; "" is a number that is not known yet. A failure may
    leave out what it is about, and a reversal never says it; what is said must fit.
    """
    result = answer["result_code"]
    if result not in ("SUCCESS", "FAIL"):
        raise OutcomeUnknown(f"WeChat Pay answered result_code {masked(result)!r}")
    complete = result == "SUCCESS"
    demand_ours(answer, options, about, complete=complete)
    for name in about:
        if complete and names_all and not answer[name]:
            raise OutcomeUnknown(f"WeChat Pay's answer does not name its {name}")
    return complete


def demand_ours(
    answer: Answer, options: WechatPayOptions, about: Mapping[str, str], *, complete: bool
) -> None:
    """Raises OutcomeUnknown for an answer to another merchant or about another number."""
    for name, ours in (("appid", options.appid), ("mch_id", options.mch_id)):
        if answer[name] != ours and (answer[name] or complete):
            raise OutcomeUnknown(f"WeChat Pay's answer is for another {name}")
    for name, ours in (("sub_mch_id", options.sub_mch_id), *about.items()):
        if ours and answer[name] not in ("", ours):
            raise OutcomeUnknown(f"WeChat Pay's answer is for another {name}")


def demand_return(answer: Answer) -> None:
    """Raises Refused for a validation's text and OutcomeUnknown for any other failure."""
    if answer["return_code"] == "SUCCESS":
        return
    code = errors.validation_code(answer["return_msg"])
    if answer["return_code"] == "FAIL" and code:
        raise Refused(code, masked(answer["return_msg"]), errors.rule_of(code).mend)
    raise OutcomeUnknown(f"WeChat Pay failed: {said_of(answer)}")


def fen_of(answer: Answer, name: str) -> int:
    """An amount in fen; raises OutcomeUnknown for anything else."""
    if not _FEN.fullmatch(answer[name]):
        raise OutcomeUnknown(f"WeChat Pay says {masked(answer[name])!r} for {name}")
    return int(answer[name])


def masked(text: str) -> str:
    """A channel's text as it may be kept: one line, and of a long number its last four digits.

    The refusal of a wrong payment code repeats the code, and this text goes into the ledger.
    """
    return _LONG_NUMBER.sub(r"…\1", " ".join(text.split()))[:_LONGEST_MESSAGE]


def said_of(answer: Answer) -> str:
    """The codes and texts of a failed answer in one line."""
    words = (answer["return_code"], answer["err_code"])
    texts = (answer["return_msg"], answer["err_code_des"])
    return masked(" ".join(word for word in (*words, *texts) if word and word != "OK")) or "nothing"
