"""`python -m fleet tell | desire | applied`: orders and documents, from a shell."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fleet.clock import wall_ms
from fleet.database import Database
from fleet.down.commands import ARGUMENTS, Commands
from fleet.down.desired import KINDS, Desired, Scope, Target
from fleet.who import Who

BY = "the command line"


def add_down(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the three commands to those of the fleet."""
    tell = commands.add_parser("tell", help="a terminal obeys it once and answers")
    tell.add_argument("merchant")
    tell.add_argument("terminal")
    tell.add_argument("what", choices=list(ARGUMENTS))
    tell.add_argument("arguments", nargs="*", metavar="NAME=VALUE")
    tell.set_defaults(run=_tell)
    desire = commands.add_parser("desire", help="what kiosks should be set up as")
    desire.add_argument("merchant")
    desire.add_argument("kind", choices=list(KINDS))
    desire.add_argument("file", type=Path, help="its text; an empty one withdraws it")
    desire.add_argument("--store", default="", help="for one of his stores")
    desire.add_argument("--terminal", default="", help="for one of his terminals")
    desire.set_defaults(run=_desire)
    applied = commands.add_parser("applied", help="what is desired, and what terminals made of it")
    applied.add_argument("merchant")
    applied.set_defaults(run=_applied)


def _tell(options: argparse.Namespace, database: Database) -> int:
    who, takes = Who(options.merchant, options.terminal), ARGUMENTS[options.what]
    pairs = (word.partition("=") for word in options.arguments)
    try:
        given = {name: takes.get(name, str)(value) for name, _, value in pairs}
        command_id = Commands(database).give(who, options.what, given, BY, wall_ms())
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{command_id}\n")
    return 0


def _desire(options: argparse.Namespace, database: Database) -> int:
    target = Target(options.merchant)
    if options.terminal:
        target = Target(options.merchant, Scope.TERMINAL, options.terminal)
    elif options.store:
        target = Target(options.merchant, Scope.STORE, options.store)
    try:
        text = options.file.read_text("utf-8")
        version = Desired(database).put(target, options.kind, text, BY, wall_ms())
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{options.kind} {version}\n")
    return 0


def _applied(options: argparse.Namespace, database: Database) -> int:
    for one in Desired(database).standing(options.merchant):
        told = one.told
        made = "nothing yet" if told is None else f"{told.version} {told.state.value} {told.said}"
        sys.stdout.write(f"{one.who} {one.kind} wants {one.wanted.version}: {made.strip()}\n")
    return 0
