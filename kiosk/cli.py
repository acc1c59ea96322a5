"""The commands of a kiosk.

kiosk core | faces | ui     one process each, as the units start them
kiosk orders                the board of orders over a restaurant's counter, on a display of its own
kiosk run                   all three, started again when one ends
kiosk demo                  a whole shop on this machine, and one visit in it
kiosk join                  become a terminal of a service provider
kiosk doctor                what is there, what is not, and the mend
kiosk device                test one device on site, with the kiosk stopped
kiosk bench                 the figures of this machine
kiosk ledger                verify or rebuild
kiosk counts                what this device sold, as the service provider counts it
kiosk bill                  fetch a day's bill from a channel
kiosk reconcile             the ledger beside a channel's bill: what differs, and the mend
kiosk idle                  wait until nobody is served, and update or reboot while nobody can be
kiosk staff-pin             the setting for a new PIN of the staff, or a card
kiosk members               the file of members from lines of numbers and tiers
kiosk sandbox               the wallets on this machine
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from kiosk import __version__
from kiosk.config import load
from kiosk.errors import KioskError

DEFAULT_CONFIG = Path("/etc/kiosk/kiosk.toml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did what it says."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["sandbox"]:
        from kiosk.sandbox.__main__ import main as sandbox

        return sandbox(given[1:])
    options = _parser().parse_args(given)
    logging.basicConfig(
        level=os.environ.get("KIOSK_LOG", "INFO"),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    for loud in ("httpx", "httpcore", "PIL"):
        logging.getLogger(loud).setLevel(logging.WARNING)
    try:
        code: int = options.command(options)
    except KioskError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


class _Parser(argparse.ArgumentParser):
    """Ends with 1 where it is not understood: 2 is an answer of `kiosk reconcile`."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="kiosk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"kiosk {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in _CONFIGURED.items():
        one = commands.add_parser(name)
        one.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
        one.set_defaults(command=command)
    _on_site(commands)
    ledger = commands.add_parser("ledger")
    ledger.add_argument("what", choices=["verify", "rebuild"])
    ledger.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    ledger.set_defaults(command=_ledger)
    bill = commands.add_parser("bill")
    bill.add_argument("--day", required=True, metavar="YYYY-MM-DD", help="in Beijing")
    bill.add_argument("--kind", choices=["trade", "fund-flow"], default="trade")
    bill.add_argument("--out", type=Path, required=True, help="a new file")
    bill.add_argument("--channel", default="", help="whose bill, where there are several")
    bill.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    bill.set_defaults(command=_bill)
    reconcile = commands.add_parser("reconcile")
    reconcile.add_argument("--day", required=True, metavar="YYYY-MM-DD", help="the bill's, Beijing")
    reconcile.add_argument("--bill", type=Path, required=True, help="as the channel made it")
    reconcile.add_argument("--fund-flow", type=Path, help="the account's movements, as well")
    reconcile.add_argument("--csv", type=Path, help="write every number there")
    reconcile.add_argument("--channel", default="", help="whose bill, where there are several")
    reconcile.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    reconcile.set_defaults(command=_reconcile)
    demo = commands.add_parser("demo")
    demo.add_argument("--out", type=Path, default=Path("build/demo"))
    demo.add_argument(
        "--play", action="store_true", help="play the visit even where there is a display"
    )
    demo.add_argument("--mode", choices=("checkout", "restaurant"), default="checkout")
    demo.set_defaults(command=_demo)
    bench = commands.add_parser("bench")
    bench.add_argument("--out", type=Path, default=Path("build/bench"))
    bench.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="GROUP",
        help="whole, scan, vision, faces, peers, ledger, money, start, books, slips, idle",
    )
    bench.set_defaults(command=_bench)
    idle = commands.add_parser("idle")
    idle.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="at most so long")
    idle.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    idle.add_argument("run", nargs="*", metavar="COMMAND", help="run this, after --")
    idle.set_defaults(command=_idle)
    join = commands.add_parser("join")
    join.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    join.set_defaults(command=_join)
    staff_pin = commands.add_parser("staff-pin")
    staff_pin.add_argument("--card", action="store_true")
    staff_pin.set_defaults(command=_staff_pin)
    commands.add_parser("members").set_defaults(command=_members)
    commands.add_parser("sandbox", help="see kiosk sandbox --help")
    return parser


def _on_site(commands: Any) -> None:
    """What somebody calls who stands before the kiosk with a tool in his hand."""
    doctor = commands.add_parser("doctor")
    doctor.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    how = doctor.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="for a program to read")
    how.add_argument("--live", action="store_true", help="pay one fen, and give it back")
    how.add_argument("--find", action="store_true", help="what is plugged in, as settings")
    doctor.set_defaults(command=_doctor)
    device = commands.add_parser("device")
    device.add_argument("what", choices=["test"])
    device.add_argument("name", nargs="?", help="as in the settings; without one they are listed")
    device.add_argument("--seconds", type=float, default=20.0, help="wait so long for a person")
    device.add_argument("--slot", type=int, help="of a dispenser: what is in it drops")
    device.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    device.set_defaults(command=_device)


def _core(options: argparse.Namespace) -> int:
    from kiosk.bootstrap import stop_on_signals
    from kiosk.bootstrap.core import core
    from kiosk.down.afar import begin
    from kiosk.dumps import forbid_dumps
    from kiosk.ledger import LedgerError

    forbid_dumps()
    try:
        process = core(begin(options.config), options.config)
    except LedgerError as error:
        raise KioskError(error.cause, error.mend) from error
    process.run(stop_on_signals())
    return 0


def _join(options: argparse.Namespace) -> int:
    from kiosk.uplink.join import command

    return command(load(options.config))


def _faces(options: argparse.Namespace) -> int:
    from kiosk.bootstrap import stop_on_signals
    from kiosk.bootstrap.faces import faces
    from kiosk.dumps import forbid_dumps

    forbid_dumps()
    faces(load(options.config)).run(stop_on_signals())
    return 0


def _ui(options: argparse.Namespace) -> int:
    from kiosk.bootstrap.ui import run_ui

    run_ui(load(options.config))
    return 0


def _orders(options: argparse.Namespace) -> int:
    from kiosk.bootstrap.orders import run_orders

    run_orders(load(options.config))
    return 0


def _run(options: argparse.Namespace) -> int:
    from kiosk.supervise import run

    return run(options.config)


def _doctor(options: argparse.Namespace) -> int:
    if options.live:
        from kiosk.doctor import live

        return live.run(options.config, live.ask_on_the_terminal)
    if options.find:
        from kiosk.doctor import find

        return find.run(options.config)
    from kiosk.doctor.command import run

    return run(options.config, as_json=options.json)


def _device(options: argparse.Namespace) -> int:
    from kiosk.doctor.command import quiet
    from kiosk.doctor.trial_command import run

    quiet()
    return run(options.config, options.name, seconds=options.seconds, slot=options.slot)


def _ledger(options: argparse.Namespace) -> int:
    from kiosk.doctor.ledger import command

    return command(load(options.config), options.what)


def _reconcile(options: argparse.Namespace) -> int:
    from kiosk.reconciling.command import Comparison, command

    asked = Comparison(options.day, options.bill, options.csv, options.channel, options.fund_flow)
    return command(load(options.config), asked)


def _counts(options: argparse.Namespace) -> int:
    from kiosk.reconciling.counts import command

    return command(load(options.config))


def _idle(options: argparse.Namespace) -> int:
    from kiosk.standstill import run_idle

    return run_idle(load(options.config).paths.run, options.wait, options.run)


def _bill(options: argparse.Namespace) -> int:
    from kiosk.reconciling.fetch import Kind, Wanted, command

    wanted = Wanted(options.day, Kind(options.kind), options.out, options.channel)
    return command(load(options.config), wanted)


def _staff_pin(options: argparse.Namespace) -> int:
    from kiosk.pin import run

    return run(card=options.card)


def _members(_options: argparse.Namespace) -> int:
    from kiosk.members import run

    return run()


def _demo(options: argparse.Namespace) -> int:
    from kiosk.demo.visit import run

    return run(options.out, play=options.play, mode=options.mode)


def _bench(options: argparse.Namespace) -> int:
    from kiosk.bench.command import run

    logging.getLogger().setLevel(logging.WARNING)  # what is measured here shall not write lines
    return run(options.out, only=options.only)


_CONFIGURED: dict[str, Callable[[argparse.Namespace], int]] = {
    "core": _core,
    "faces": _faces,
    "ui": _ui,
    "orders": _orders,
    "run": _run,
    "counts": _counts,
}
