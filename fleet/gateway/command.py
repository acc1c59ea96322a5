"""`python -m fleet limits`: how much may go through the gateway, shown and set."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, fields

from fleet.database import Database
from fleet.gateway.limits import Limits, Scope, limits_of, set_limits

NONE = "none"


def add_limits(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the fleet."""
    limits = commands.add_parser(
        "limits",
        help="in fen; without any, those that are set; what is not named is no limit any more",
    )
    limits.add_argument("merchant")
    limits.add_argument("--store", default="", help="for one of his stores")
    limits.add_argument("--terminal", default="", help="for one of his terminals")
    for name in _NAMES:
        limits.add_argument(f"--{name.replace('_', '-')}", type=_fen, metavar="FEN")
    limits.set_defaults(run=_limits)


_NAMES = {one.name.removesuffix("_fen"): one.name for one in fields(Limits)}


def _fen(text: str) -> int | str:
    return text if text == NONE else int(text)


def _limits(options: argparse.Namespace, database: Database) -> int:
    given = {field: getattr(options, name) for name, field in _NAMES.items()}
    if any(value is not None for value in given.values()):
        fen = {name: None if value == NONE else value for name, value in given.items()}
        try:
            scope = Scope(options.merchant, options.store, options.terminal)
            set_limits(database, scope, Limits(**fen))
        except ValueError as error:
            sys.stderr.write(f"{error}\n")
            return 2
    for scope, limits in limits_of(database, options.merchant):
        where = scope.terminal_id or scope.store_id or scope.merchant_id
        said = [f"{name}={NONE if fen is None else fen}" for name, fen in asdict(limits).items()]
        sys.stdout.write(f"{where} {' '.join(said)}\n")
    return 0
