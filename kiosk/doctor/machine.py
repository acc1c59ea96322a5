"""What the kiosk stands on: directories, fonts, users, and a clock that can be believed."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from kiosk.config import Config
from kiosk.doctor.finding import Check, Finding, bad, good, unknown

FIRST_YEAR = 2024  # a clock before it has lost its battery
IN_MEMORY = frozenset(("tmpfs", "ramfs"))
_MAKE = "Make it and give it to the kiosk's user; under systemd the units do that when they start."


def checks(config: Config) -> list[Check]:
    """All of this file."""
    return [
        Check("run directory", lambda: run_directories(config)),
        Check("fonts", lambda: fonts(config.paths.cache)),
        Check("users", lambda: users(config)),
        Check("voice", lambda: voice(config.access.program)),
        Check("clock", lambda: clock(datetime.now(UTC))),
    ]


def voice(program: str) -> Iterator[Finding]:
    """What speaks to whoever does not see the screen; the kiosk sells without it."""
    found = shutil.which(program)
    if found is None:
        yield bad("voice", f"{program} is not there", "Install the package espeak-ng.")
    else:
        yield good("voice", found)


def run_directories(config: Config) -> Iterator[Finding]:
    """Where the socket and the live picture are: it must be there, writable, and in memory."""
    yield run_directory("run directory", config.paths.run)
    preview = config.preview.parent
    if preview != config.paths.run:
        yield run_directory("preview directory", preview)


def run_directory(what: str, path: Path) -> Finding:
    """A live picture must never reach a disk, so another file system is a fault."""
    if not path.is_dir():
        return bad(what, f"{path} does not exist", _MAKE)
    if not os.access(path, os.W_OK | os.X_OK):
        return bad(what, f"{path} does not take writes", "Give it to the kiosk's user.")
    kind = file_system(path)
    if kind not in IN_MEMORY:
        return bad(
            what,
            f"{path} lies on a disk ({kind}), where faces must never be written",
            "Set paths.run to a directory in memory, such as /run/kiosk.",
        )
    return good(what, f"{path}, in memory")


def file_system(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The kind of file system that holds `path`, from proc(5); "" where that does not tell."""
    place = path.resolve()
    best, kind = -1, ""
    for line in mounts.read_text("utf-8").splitlines():
        mounted, _, source = line.partition(" - ")
        octal = mounted.split()[4]  # a space in a name is written as \040
        point = Path(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), octal))
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), source.split()[0]
    return kind


def fonts(cache: Path) -> Iterator[Finding]:
    """A screen without a Chinese font shows boxes."""
    from kiosk.ui.fonts import SOURCES, SYSTEM, font_files, ready

    if ready(font_files(cache)):
        yield good("fonts", f"ready in {cache}")
    elif any((SYSTEM / source.regular).is_file() for source in SOURCES):
        yield good("fonts", "not prepared yet; the first start of the screen does it")
    else:
        mend = "Install one: apt-get install fonts-noto-cjk."
        yield bad("fonts", f"there is no Chinese font under {SYSTEM}", mend)


def users(config: Config) -> Iterator[Finding]:
    """The users whom the core believes that they are ui and faces."""
    named = {"ui": config.users.ui, "faces": config.users.faces}
    missing = [user for user in named.values() if user and not _is_user(user)]
    if missing:
        says = f"there is no user {' and no user '.join(missing)}"
        yield bad("users", says, "Create it (systemd-sysusers), or mend users in the settings.")
    elif all(named.values()):
        told = ", ".join(f"{role} runs as {user}" for role, user in named.items())
        yield good("users", told)
    else:
        yield good("users", "not told apart: the settings name no user for ui and faces")


def clock(now: datetime) -> Iterator[Finding]:
    """A wrong clock is refused by the channels and puts wrong times on slips."""
    if now.year < FIRST_YEAR:
        says = f"the clock says {now:%Y-%m-%d}, which cannot be"
        yield bad("clock", says, "Set the date; let a time server keep it.")
        return
    match _synchronised():
        case "yes":
            yield good("clock", f"{now:%Y-%m-%d %H:%M} UTC, kept by a time server")
        case "no":
            says = f"{now:%Y-%m-%d %H:%M} UTC, but no time server has confirmed it"
            yield unknown("clock", says, "Switch the time server on: timedatectl set-ntp true.")
        case _:
            says = f"{now:%Y-%m-%d %H:%M} UTC; this system does not tell who keeps it"
            yield unknown("clock", says, "Compare it with a watch.")


def _synchronised() -> str:
    """What timedatectl says, yes or no; empty where there is none that answers."""
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
