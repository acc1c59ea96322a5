"""`make fleet`: a service provider and three kiosks that sell, until Ctrl-C or for `--seconds`.

    shoppers ─► three cores ─► fleet serve ─► sandbox      they really pay
                                    └──► SQLite ─► fleet console, and what is printed here

Every row of the fleet came up from a kiosk's ledger. At the end each device's count is held
against its own ledger; it ends with 1 where one differs.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import signal
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import func, select

from fleet import tables
from fleet.demo.kiosks import Sample, SampleKiosk
from fleet.demo.provider import Provider, Visitor
from fleet.demo.shoppers import Shoppers
from fleet.printing import counts
from fleet.register import Plan
from fleet.who import Who

PLANS = (
    Plan(Who("M1", "0001"), "S1", "SN-0001", acquirer_no="10000001"),
    Plan(Who("M1", "0002"), "S1", "SN-0002", acquirer_no="10000002"),
    Plan(Who("M2", "0001"), "S1", "SN-0003", acquirer_no="10000003"),
)
TELL_EVERY = 5.0  # seconds
UPLOADED = 30.0  # at the end, until everything is there


def main() -> int:
    """Play until it is ended; the exit status."""
    parser = argparse.ArgumentParser(prog="make fleet", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("build/fleet"))
    parser.add_argument(
        "--port", type=int, default=8443, help="of the machine interface; the console has the next"
    )
    parser.add_argument("--seconds", type=float, default=0.0, help="0: until Ctrl-C")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    shutil.rmtree(options.folder, ignore_errors=True)
    with ExitStack() as stack:
        url = f"sqlite:///{options.folder.resolve()}/fleet.db"
        provider = stack.enter_context(Provider(options.folder, url))
        kiosks = _kiosks(stack, options.folder, provider, f"http://127.0.0.1:{options.port}")
        settings = provider.hold_keys(kiosks[0].wallet, kiosks[0].sandbox_url)
        provider.start("serve", options.port, FLEET_SETTINGS=str(settings))
        visitor = provider.open_console(options.port + 1)
        sys.stdout.write(
            f"console at {visitor.address}\n"
            f"  user {visitor.name}, pass phrase {visitor.phrase}, and the code below\n"
        )
        for kiosk in kiosks:
            kiosk.join(provider.approve)
            sys.stdout.write(f"{kiosk.who} has joined and sells\n")
            sys.stdout.flush()
        shoppers = [Shoppers(kiosk, seed) for seed, kiosk in enumerate(kiosks)]
        for each in shoppers:
            each.start()
        _tell_until(ended, provider, visitor, options.seconds)
        for each in shoppers:
            each.stop()
        return _compare(provider, kiosks, options.folder)


def _kiosks(stack: ExitStack, folder: Path, provider: Provider, address: str) -> list[SampleKiosk]:
    kiosks: list[SampleKiosk] = []
    for plan in PLANS:
        provider.plan(plan)
        place = folder / f"{plan.who.merchant_id}-{plan.who.terminal_id}"
        first = kiosks[0] if kiosks else None
        kiosks.append(stack.enter_context(SampleKiosk(place, Sample(plan, address), first)))
    return kiosks


def _tell_until(
    ended: threading.Event, provider: Provider, visitor: Visitor, seconds: float
) -> None:
    end = time.monotonic() + seconds if seconds else None
    while not ended.wait(TELL_EVERY):
        days = tables.device_day
        sums = [func.sum(days.c[name]) for name in ("paid", "paid_fen", "refunds")]
        query = select(days.c.merchant_id, days.c.terminal_id, *sums)
        keys = (days.c.merchant_id, days.c.terminal_id)
        with provider.database.read() as connection:
            rows = connection.execute(query.group_by(*keys).order_by(*keys)).all()
        told = [
            f"{m}/{t}: {paid} paid, ¥{fen / 100:.2f}, {back} back" for m, t, paid, fen, back in rows
        ]
        code = visitor.factor.now()
        sys.stdout.write(f"code {code}   {'   '.join(told) or 'nothing yet'}\n")
        sys.stdout.flush()
        if end is not None and time.monotonic() > end:
            return


def _compare(provider: Provider, kiosks: list[SampleKiosk], folder: Path) -> int:
    """Once everything is up, both sides say the same; what was held against what stays there."""
    paths = []
    end = time.monotonic() + UPLOADED
    while True:
        for kiosk in kiosks:
            path = folder / f"{kiosk.folder.name}.csv"
            path.write_text(kiosk.counts(), "utf-8")
            paths.append(path)
        said: list[str] = []
        differs = counts(provider.database, paths, said.append)
        if not differs or time.monotonic() > end:
            sys.stdout.write("".join(said))
            return differs
        paths.clear()
        time.sleep(1.0)


if __name__ == "__main__":
    sys.exit(main())
