"""The commands of the fleet.

python -m fleet migrate    the tables: made, or brought to this version
python -m fleet serve      the machine interface, over TLS where a certificate is named
python -m fleet register   merchants, stores, terminals: add, approve a joining code, revoke
python -m fleet tell       an order to a terminal: suspend, resume, test a device, reboot …
python -m fleet desire     a config, price book, menu or version for a merchant, store or terminal
python -m fleet applied    what is desired of a merchant's terminals, and what they made of it
python -m fleet counts     what every device sold, a line a day; beside what kiosks say
python -m fleet limits     how much may go through the gateway, by merchant, store, terminal
python -m fleet rebuild    add everything up again, from the entries alone
python -m fleet console    the pages for people, a process of its own
python -m fleet user       who may use them: add, reset, list

The database is named by FLEET_DATABASE, so that no password stands in a list of processes; the
channels of the gateway stand in the file that FLEET_SETTINGS names.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from fleet.books import Books
from fleet.clock import wall_ms
from fleet.console.command import add_console
from fleet.database import Database
from fleet.down.command import add_down
from fleet.gateway.command import add_limits
from fleet.listening import add_listening, listen
from fleet.migrations.version import Behind, require_newest
from fleet.printing import CountsError, counts
from fleet.register import LOST, RETIRED, Plan, Register, RegisterError, Store
from fleet.who import Who
from kiosk.errors import ConfigError

WHERE = "sqlite:///fleet.db"
BY = "the command line"
# How many words each change of the register takes.
_WORDS = {
    "district": (3, 3),
    "merchant": (2, 2),
    "store": (3, 5),
    "plan": (4, 5),
    "approve": (3, 3),
    "lost": (2, 2),
    "retired": (2, 2),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        database = Database(os.environ.get("FLEET_DATABASE", WHERE))
    except (SQLAlchemyError, ImportError) as error:
        sys.stderr.write(f"FLEET_DATABASE names no database: {error}\n")
        return 1
    try:
        if options.run is not _migrate:
            require_newest(database)
        return int(options.run(options, database))
    except SQLAlchemyError as error:
        mend = "Check FLEET_DATABASE; on a new database run python -m fleet migrate"
        sys.stderr.write(f"the database refuses: {str(error).splitlines()[0]}\n{mend}\n")
        return 1
    except Behind as error:
        sys.stderr.write(f"{error}\nRun python -m fleet migrate\n")
        return 1
    except (RegisterError, CountsError, ConfigError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        database.close()


def _migrate(_options: argparse.Namespace, database: Database) -> int:
    from fleet.migrations.migrate import migrate

    sys.stdout.write(f"the tables are of version {migrate(database)}\n")
    return 0


def _serve(options: argparse.Namespace, database: Database) -> int:
    from fleet.app import application
    from fleet.gateway.wallets import load_wallets

    path = os.environ.get("FLEET_SETTINGS")
    wallets = load_wallets(Path(path) if path else None, database)
    register = Register(database, secrets.randbelow)
    return listen(application(database, register, wallets=wallets), options)


def _register(options: argparse.Namespace, database: Database) -> int:
    register, given = Register(database, secrets.randbelow), options.words
    fewest, most = _WORDS[options.what]
    if not fewest <= len(given) <= most:
        sys.stderr.write(f"register {options.what} takes {fewest} to {most} words\n")
        return 2
    match options.what:
        case "district":
            register.put_district(given[0], given[1], given[2])
        case "merchant":
            register.put_merchant(given[0], given[1], wall_ms())
        case "store":
            merchant, store, name, *place = given
            address, location = (*place, "", "")[:2]
            register.put_store(Store(merchant, store, name, address, location=location))
        case "plan":
            merchant, terminal, store, serial, *acquirer = given
            plan = Plan(Who(merchant, terminal), store, serial, acquirer_no="".join(acquirer))
            register.plan(plan, BY, wall_ms())
        case "approve":
            register.approve(given[2], Who(given[0], given[1]), BY, wall_ms())
        case _:
            status = LOST if options.what == "lost" else RETIRED
            register.revoke(Who(given[0], given[1]), status, BY, wall_ms())
    return 0


def _counts(options: argparse.Namespace, database: Database) -> int:
    return counts(database, options.against)


def _rebuild(_options: argparse.Namespace, database: Database) -> int:
    sys.stdout.write(f"{Books(database).rebuild()} entries added up\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fleet", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_down(commands)
    commands.add_parser("migrate").set_defaults(run=_migrate)
    serve = commands.add_parser("serve")
    add_listening(serve, "127.0.0.1:8443")
    serve.set_defaults(run=_serve)
    register = commands.add_parser(
        "register",
        usage="python -m fleet register district D KIND NAME | merchant M NAME"
        " | store M S NAME [ADDRESS [LOCATION]] | plan M TERMINAL S SERIAL [ACQUIRER_NO]"
        " | approve M TERMINAL CODE | lost M TERMINAL | retired M TERMINAL",
    )
    register.add_argument("what", choices=list(_WORDS))
    register.add_argument("words", nargs="*")
    register.set_defaults(run=_register)
    counted = commands.add_parser("counts")
    counted.add_argument(
        "--against", type=Path, nargs="+", default=[], metavar="FILE", help="of kiosk counts"
    )
    counted.set_defaults(run=_counts)
    add_limits(commands)
    commands.add_parser("rebuild").set_defaults(run=_rebuild)
    add_console(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
