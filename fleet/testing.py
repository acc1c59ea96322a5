"""A PostgreSQL of one's own, thrown away after use: what tests and measurements run against.

It listens on a Unix socket only and flushes every commit, as the genuine one does. PostgreSQL will
not run as root; then it runs as `postgres` where that user exists, else as `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = ("initdb", "postgres", "pg_isready")
START = 30.0  # seconds
_DEBIAN = Path("/usr/lib/postgresql")
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
}


def missing_program() -> str:
    """The first program of PostgreSQL that is not installed here; "" if all are."""
    return next((name for name in PROGRAMS if _program(name) is None), "")


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A fresh PostgreSQL within `folder`, as the URL that SQLAlchemy takes; ends with the block.

    The folder is empty, its path short (a socket's has at most 107 bytes), and its parents open to
    all; it is given to the user that PostgreSQL runs as. Raises RuntimeError where it does not
    start, with what it said, and FileNotFoundError where a program is missing.
    """
    absent = missing_program()
    if absent:
        raise FileNotFoundError(f"{absent} is not installed")
    who = _unprivileged(folder)
    data = folder / "data"
    _initialise(data, who)
    command = [str(_program("postgres")), "-D", str(data), "-k", str(folder)]
    for name, value in _SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    said = folder / "log"
    with said.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log, **who) as server:
        try:
            if not _answers(folder, server):
                raise RuntimeError(said.read_text("utf-8", "replace"))
            yield f"postgresql+psycopg://fleet@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # a fast shutdown, which waits for no client


def _program(name: str) -> str | None:
    """The newest PostgreSQL's, where Debian keeps it, else the one in the path."""
    folders = sorted(_DEBIAN.glob("*/bin"), key=lambda each: float(each.parent.name))
    return shutil.which(name, path=str(folders[-1]) if folders else None)


def _unprivileged(folder: Path) -> Mapping[str, Any]:
    """As whom PostgreSQL runs, in the words of Popen; the folder is then his."""
    folder.chmod(0o700)
    if os.geteuid() != 0:
        return {"cwd": folder}
    names = {each.pw_name for each in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"cwd": folder, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _initialise(data: Path, who: Mapping[str, Any]) -> None:
    command = [str(_program("initdb")), "--pgdata", str(data), "--username=fleet", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, **who)
    if run.returncode != 0:
        raise RuntimeError(run.stderr)


def _answers(folder: Path, server: subprocess.Popen[bytes]) -> bool:
    """Whether it takes connections, as soon as that is known."""
    deadline = time.monotonic() + START
    command = [str(_program("pg_isready")), "--quiet", "--host", str(folder), "--username=fleet"]
    while subprocess.run(command, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
