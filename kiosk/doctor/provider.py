"""What the service provider has set here, as far as it came: documents, and a suspension."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.config import Config
from kiosk.doctor.finding import Check, Finding, bad, good, unknown
from kiosk.down.documents import ENDINGS, Documents, State
from kiosk.standstill import Suspension


def checks(config: Config) -> list[Check]:
    """Nothing for a kiosk that has none."""
    if not config.fleet.merchant_id:
        return []
    return [
        Check("documents", lambda: documents(config)),
        Check("suspension", lambda: suspension(config)),
    ]


def documents(config: Config) -> Iterator[Finding]:
    """The newest of each kind, and what is in force."""
    kept = Documents(config.paths.state)
    for kind in ENDINGS:
        one = kept.of(kind)
        if kind not in kept.seen():
            continue
        says = f"version {one.version} is {one.state.value.lower()}"
        if one.state is not State.APPLIED:
            says = f"{says} ({one.said}), version {one.in_force} is in force"
        if one.state is State.REFUSED:
            yield bad(kind, says, "Tell the service provider.")
        elif one.state is State.WAITING:
            yield unknown(kind, says)
        else:
            yield good(kind, says)


def suspension(config: Config) -> Iterator[Finding]:
    """Nobody is served meanwhile."""
    if Suspension(config.paths.state / "suspended").here:
        says = "the service provider has suspended this kiosk"
        yield bad("suspension", says, "Ask for it to be resumed.")
