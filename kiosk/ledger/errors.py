"""What can go wrong with the ledger, each with a cause and what staff do about it.

    LedgerError ─┬─ LedgerBusy       another process has it
                 ├─ LedgerReadOnly   nothing can be written there
                 ├─ LedgerFull       no room: nothing was written, nothing was lost
                 └─ LedgerDamaged    what is read is not what was written

Any of them means that no new payment may begin: what cannot be on disk must not leave the machine.
"""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from types import TracebackType

import apsw

_ROOM = 1 << 20  # bytes; below it a failed write means "full" whatever the file system calls it
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EROFS, errno.EACCES, errno.EPERM)


class LedgerError(Exception):
    """The ledger cannot do what it was asked; `cause` and `mend` are for staff."""

    mend = "Call the service provider; do not delete any file."

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class LedgerBusy(LedgerError):
    """Another process holds it; two writers would break the chain."""

    mend = "Stop the other kiosk process, or use its commands instead."


class LedgerReadOnly(LedgerError):
    """The directory, the file or the whole disk does not take writes."""

    mend = "Check the owner of the directory and whether the disk is mounted read-only."


class LedgerFull(LedgerError):
    """There is no room; the last write did not happen as a whole."""

    mend = "Make room on the disk; the kiosk goes on by itself."


class LedgerDamaged(LedgerError):
    """The file, the disk or the chain is broken."""

    mend = "Keep every file, put the disk aside and call the service provider."


class Access:
    """`with` it, the disk of `directory` is ours: one thread at a time, which may come again.

    The errors of SQLite and of the system leave it as the ones above.
    """

    __slots__ = ("_directory", "_guard")

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._guard = threading.RLock()

    def __enter__(self) -> None:
        self._guard.acquire()

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        self._guard.release()
        if isinstance(error, apsw.Error | OSError):
            found = _translate(error, self._directory)
            if found is not None:
                raise found from error


def _translate(error: apsw.Error | OSError, directory: Path) -> LedgerError | None:
    where = f"{directory}: {error}"
    match error:
        case apsw.FullError():
            return LedgerFull(where)
        case apsw.ReadOnlyError() | apsw.PermissionsError():
            return LedgerReadOnly(where)
        case apsw.CantOpenError() if not os.access(directory, os.W_OK):
            return LedgerReadOnly(where)
        case apsw.BusyError() | apsw.LockedError():
            return LedgerBusy(where)
        case apsw.IOError():
            return LedgerFull(where) if _no_room(directory) else LedgerDamaged(where)
        case apsw.CorruptError() | apsw.NotADBError() | apsw.CantOpenError():
            return LedgerDamaged(where)
        case OSError(errno=number) if number in _FULL:
            return LedgerFull(where)
        case OSError(errno=number) if number in _REFUSED:
            return LedgerReadOnly(where)
        case OSError():
            return LedgerDamaged(where)
        case _:
            return None


def _no_room(directory: Path) -> bool:
    disk = os.statvfs(directory)
    return disk.f_bavail * disk.f_frsize < _ROOM
