"""Amounts, times, states and numbers as the console writes them.

Times are those of the shop, Asia/Shanghai, wherever the browser is; every page says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fleet.console.markup import Markup, tag
from fleet.console.questions.payments import Booked, Outcome
from fleet.console.questions.terminals import Condition
from fleet.console.texts import Texts
from kiosk.domain.money import yuan_text
from kiosk.domain.payment import Method
from kiosk.domain.receipt import CHINA, china_time
from kiosk.domain.refund import RefundState

_OUTCOME_MARKS = {
    Outcome.PAID: ("✓", "good"),
    Outcome.FAILED: ("✕", "stop"),
    Outcome.UNPAID: ("○", "still"),
    Outcome.UNKNOWN: ("?", "wait"),
}
_CONDITION_MARKS = {
    Condition.WELL: ("✓", "good"),
    Condition.TROUBLE: ("!", "stop"),
    Condition.SILENT: ("…", "wait"),
    Condition.NEVER: ("○", "wait"),
    Condition.PLANNED: ("○", "still"),
    Condition.LOST: ("✕", "stop"),
    Condition.RETIRED: ("–", "still"),
}
_REFUND_MARKS = {
    RefundState.DONE: ("✓", "good"),
    RefundState.CLOSED: ("✕", "still"),
    RefundState.ABNORMAL: ("!", "stop"),
}


def money(fen: int, currency: str = "CNY") -> str:
    """An amount with its sign and two decimals: ¥12,345.60, −¥0.50, HKD 3.00."""
    yuan, rest = yuan_text(abs(fen)).split(".")
    text = f"{int(yuan):,}.{rest}"
    sign = "−" if fen < 0 else ""
    return f"{sign}¥{text}" if currency == "CNY" else f"{sign}{currency} {text}"


def moment(at_ms: int) -> str:
    """A time to the second in the shop's zone; "–" for none."""
    return china_time(at_ms) if at_ms else "–"


def time_tag(at_ms: int) -> Markup:
    """The same, as what it is."""
    return tag("time", moment(at_ms))


def day_text(day: int) -> str:
    """20261126 as 2026-11-26."""
    digits = f"{day:08d}"
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def midnight_ms(day: str) -> int | None:
    """When a day like 2026-11-26 begins in the shop; None where it is none."""
    try:
        begun = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=CHINA)
    except ValueError:
        return None
    return int(begun.timestamp() * 1000) if begun.year > 1970 else None


def last_days(today: int, count: int) -> list[int]:
    """The last `count` days up to today, as 20261126, the oldest first."""
    end = datetime.strptime(str(today), "%Y%m%d").replace(tzinfo=CHINA)
    return [int(f"{end - timedelta(days=back):%Y%m%d}") for back in reversed(range(count))]


def since(say: Texts, at_ms: int, now_ms: int) -> str:
    """How long ago, in the largest unit that fits."""
    if not at_ms:
        return say("time.never")
    seconds = max(0, now_ms - at_ms) // 1000
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= size:
            return say(f"time.{unit}", count=seconds // size)
    return say("time.seconds", count=seconds)


def badge(mark: str, tone: str, word: str) -> Markup:
    """A state: mark, word and colour, since no colour alone says anything."""
    return tag(
        "span", tag("span", mark, class_="mark", aria_hidden="true"), word, class_=f"badge {tone}"
    )


def outcome_badge(say: Texts, outcome: Outcome) -> Markup:
    """Paid, failed, unpaid or unknown."""
    return badge(*_OUTCOME_MARKS[outcome], say(f"outcome.{outcome.value}"))


def condition_badge(say: Texts, condition: Condition) -> Markup:
    """How a terminal is."""
    return badge(*_CONDITION_MARKS[condition], say(f"condition.{condition.value}"))


def refund_badge(say: Texts, state: RefundState) -> Markup:
    """Where a refund stands."""
    return badge(*_REFUND_MARKS.get(state, ("…", "wait")), say(f"refund_state.{state.value}"))


def channel_text(say: Texts, channel: str) -> str:
    """A channel's name; a wallet with two channels has them under its name and more."""
    return say.known(f"channel.{channel.partition('_')[0]}", channel)


def method_text(say: Texts, method: str) -> str:
    """A way to pay."""
    return say.known(f"method.{method}", method or "–")


def tender(say: Texts, channel: str, method: Method) -> str:
    """How it was paid, in a few words."""
    return f"{channel_text(say, channel)} · {method_text(say, method.value)}"


def state_sentence(say: Texts, booked: Booked) -> str:
    """What is known of the payment, in a sentence."""
    return say(f"state.{booked.payment.state.value}")
