"""Findings for a person in a terminal, and for a program.

state    what              says
good     ledger            /var/lib/kiosk/ledger: 812 entries in 2 files, …
BAD      printer           the paper has run out (/dev/ttyUSB1: on line, paper out, …)
                           → Put in a new roll and close the cover.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from hardware.devices import Condition
from kiosk.doctor.finding import Finding

_LEAST_WIDTH = 40  # characters for the sentences, however narrow the terminal
_WORDS = {Condition.GOOD: "good", Condition.BAD: "BAD", Condition.UNKNOWN: "unknown"}


def as_text(findings: Sequence[Finding], width: int) -> str:
    """An aligned table of at most `width` columns, and a line that counts."""
    names = max((len(one.what) for one in findings), default=0)
    head = f"{'state':<9}{'what':<{names + 2}}says"
    counts = Counter(one.state for one in findings)
    summary = ", ".join(
        f"{counts[state]} {word}" for state, word in _WORDS.items() if counts[state]
    )
    lines = [head, *(line for one in findings for line in _lines(one, names, width)), "", summary]
    return "\n".join(lines) + "\n"


def as_json(findings: Sequence[Finding]) -> str:
    """`{"good": …, "findings": [{"what", "state", "says", "mend"}, …]}`."""
    content = {
        "good": not any(one.state is Condition.BAD for one in findings),
        "findings": [
            {"what": one.what, "state": one.state.value, "says": one.says, "mend": one.mend}
            for one in findings
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _lines(finding: Finding, names: int, width: int) -> Iterator[str]:
    start = f"{_WORDS[finding.state]:<9}{finding.what:<{names + 2}}"
    room = max(_LEAST_WIDTH, width - len(start))
    for line in _wrapped(finding.says, room):
        yield start + line
        start = " " * len(start)
    if finding.mend:
        for number, line in enumerate(_wrapped(finding.mend, room - 2)):
            yield f"{' ' * len(start)}{'  ' if number else '→ '}{line}"


def _wrapped(text: str, room: int) -> list[str]:
    # A path or an address is never cut, so that it can be copied.
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
