"""No memory of a process ends on a disk because it crashed.

A core dump of faces would hold frames and templates, one of core the keys. A limit of 0 keeps the
kernel from writing a file; it does not keep it from handing the memory to a program, as most
distributions have it (core(5), piped core dumps). A process that is not dumpable is given to
neither, and to no debugger of the same user (prctl(2), PR_SET_DUMPABLE).
"""

from __future__ import annotations

import ctypes
import os
import resource

_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4


def forbid_dumps() -> None:
    """For this process, from now on. Raises OSError where the kernel refuses."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) or libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl: {os.strerror(ctypes.get_errno())}")
