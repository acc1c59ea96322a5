"""The runtime that was measured fastest on this machine, if it was: a file beside the weights."""

from __future__ import annotations

import json
from pathlib import Path

from models.errors import ModelUnusable

FILE = "runtimes.json"


def chosen(name: str, folder: Path) -> str | None:
    """The runtime kept for the network `name`; raises ModelUnusable if the file is no table."""
    path = folder / FILE
    try:
        table = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelUnusable(f"{path} cannot be read: {error}", _MEND) from error
    runtime = table.get(name) if isinstance(table, dict) else 0
    if runtime is not None and not isinstance(runtime, str):
        raise ModelUnusable(f"{path} is no table of runtimes by model", _MEND)
    return runtime


_MEND = "Delete it, or write it again: python -m models bench --keep"
