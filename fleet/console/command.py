"""The console's commands: serve it, and who may use it. Nothing of it is loaded before it is run.

    python -m fleet console [--listen HOST:PORT] [--certificate FILE --key FILE]
    python -m fleet user add NAME ROLE [--merchant M …] [--store S] [--district D …]
    python -m fleet user reset NAME
    python -m fleet user list

A pass phrase is asked for on the terminal, or read from standard input where that is none.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import TYPE_CHECKING, Any

from fleet.database import Database
from fleet.listening import add_listening, listen

if TYPE_CHECKING:
    from fleet.console.users import Users

ROLES = ("provider", "operator", "merchant", "store")
DEFAULT = "127.0.0.1:8444"


def add_console(commands: Any) -> None:
    """Add `console` and `user` to the commands of the fleet."""
    console = commands.add_parser("console")
    add_listening(console, DEFAULT)
    console.set_defaults(run=_serve)
    user = commands.add_parser("user").add_subparsers(required=True, metavar="WHAT")
    add = user.add_parser("add")
    add.add_argument("name")
    add.add_argument("role", choices=ROLES)
    add.add_argument("--merchant", action="append", default=[], metavar="M")
    add.add_argument("--store", default="", metavar="S")
    add.add_argument("--district", action="append", default=[], metavar="D")
    add.set_defaults(run=_add)
    reset = user.add_parser("reset")
    reset.add_argument("name")
    reset.set_defaults(run=_reset)
    user.add_parser("list").set_defaults(run=_list)


def _serve(options: argparse.Namespace, database: Database) -> int:
    from fleet.clock import wall_ms
    from fleet.console.app import application
    from fleet.console.keys import key_path, read_key
    from fleet.console.services import services

    try:
        key = read_key(key_path(os.environ))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"the console has no key: {error}\nSet FLEET_CONSOLE_KEY\n")
        return 1
    secure = options.certificate is not None
    return listen(application(services(database, key, wall_ms, secure=secure)), options)


def _add(options: argparse.Namespace, database: Database) -> int:
    from fleet.clock import wall_ms
    from fleet.console.roles import Role, User

    role = Role(options.role)
    operator = role is Role.OPERATOR
    if not operator and len(options.merchant) > 1:
        return _refuse("only an operator looks after several merchants")
    user = User(
        options.name,
        role,
        "" if operator else "".join(options.merchant),
        options.store,
        frozenset(options.merchant if operator else ()),
        frozenset(options.district),
    )
    return _change(database, lambda users: users.add(user, _phrase(), wall_ms()))


def _reset(options: argparse.Namespace, database: Database) -> int:
    return _change(database, lambda users: users.reset(options.name, _phrase()))


def _list(_options: argparse.Namespace, database: Database) -> int:
    for each in _users(database).every():
        user = each.user
        where = [user.merchant_id, user.store_id, *sorted(user.merchants), *sorted(user.districts)]
        factor = "enrolled" if each.enrolled else "not enrolled"
        words = [user.name, user.role.value, "/".join(filter(None, where)) or "-", factor]
        sys.stdout.write("\t".join(words) + "\n")
    return 0


def _change(database: Database, change: Any) -> int:
    from fleet.console.users import UserError

    try:
        change(_users(database))
    except UserError as error:
        return _refuse(str(error))
    return 0


def _users(database: Database) -> Users:
    from fleet.console.keys import key_path, read_key
    from fleet.console.users import Users

    return Users(database, read_key(key_path(os.environ)))


def _phrase() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    phrase = getpass.getpass("Pass phrase: ")
    return phrase if phrase == getpass.getpass("Once more: ") else ""


def _refuse(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 1
