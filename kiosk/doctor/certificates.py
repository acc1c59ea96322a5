"""Certificates that the settings name: whether they are there, whose they are, how long they last.

What is over on a Saturday stops the shop on that Saturday, so it is told a month before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from kiosk.config import Config
from kiosk.doctor.finding import Check, Finding, bad, failed, good
from kiosk.settings import Driver

WHAT = "certificate"
SOON = 30  # days
RENEW = "Fetch a new one from the channel's merchant pages."


def checks(config: Config) -> list[Check]:
    """One for each certificate of a channel, and for what the fleet's server is believed by."""
    found = [_check(name, driver) for name, driver in config.channels.items() if _of(driver)]
    trust = config.fleet.trust
    if trust is not None:
        found.append(Check(f"{WHAT} fleet", lambda: [lasting(f"{WHAT} fleet", trust)]))
    return found


def _check(name: str, driver: Driver) -> Check:
    return Check(f"{WHAT} {name}", lambda: merchants(f"{WHAT} {name}", driver))


def merchants(what: str, driver: Driver) -> Iterator[Finding]:
    """The merchant's certificate, and that its key is the one beside it."""
    path = Path(_of(driver))
    finding = lasting(what, path)
    key = str(driver.options.get("private_key_path", ""))
    if finding.state is not finding.state.BAD and key and not _belong(path, Path(key)):
        yield bad(what, f"{key} is not the key of {path}", "Name the key that was made with it.")
        return
    yield finding


def lasting(what: str, path: Path, now: datetime | None = None) -> Finding:
    """How long the first certificate of a file lasts, to be told in time."""
    try:
        certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
    except PermissionError as error:
        return failed(what, error)
    except OSError as error:
        return bad(what, f"{path} cannot be read: {error.strerror}", RENEW)
    except (ValueError, IndexError):
        return bad(what, f"{path} holds no certificate", RENEW)
    today = now or datetime.now(UTC)
    ends = certificate.not_valid_after_utc
    days = (ends - today).days
    until = f"{path} lasts until {ends:%Y-%m-%d}"
    if ends <= today:
        return bad(what, f"{path} was over on {ends:%Y-%m-%d}", RENEW)
    if certificate.not_valid_before_utc > today:
        return bad(what, f"{path} begins in the future", "Set the clock, or fetch another one.")
    return good(what, until, f"{days} days are left. {RENEW}" if days < SOON else "")


def _of(driver: Driver) -> str:
    return str(driver.options.get("certificate_path", ""))


def _belong(certificate: Path, key: Path) -> bool:
    try:
        ours = load_pem_private_key(key.read_bytes(), None).public_key()
        theirs = x509.load_pem_x509_certificates(certificate.read_bytes())[0].public_key()
    except (OSError, ValueError, TypeError):
        return True  # the channel itself says what is wrong with a key that cannot be read
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return ours.public_bytes(*form) == theirs.public_bytes(*form)
