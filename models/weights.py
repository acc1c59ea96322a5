"""The folder with the weights, and the check every file of it must pass before use."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from models.errors import ModelAltered, ModelError, ModelMissing
from models.manifest import Model

MEND = "Run: python -m models fetch"


def weights_folder(environment: Mapping[str, str]) -> Path:
    """KIOSK_MODELS_DIR of the given environment, else `weights` beside this package."""
    named = environment.get("KIOSK_MODELS_DIR")
    return Path(named) if named else Path(__file__).with_name("weights")


def read_weights(model: Model, folder: Path) -> bytes:
    """The file's bytes, after their size and SHA-256 have been compared with the manifest.

    The caller builds the network from these bytes, not from the file, so nothing can change in
    between. Raises ModelMissing or ModelAltered.
    """
    path = folder / model.file
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelMissing(f"the model {model.name} is not at {path}", MEND) from None
    except OSError as error:
        raise ModelMissing(f"the model {path} cannot be read: {error.strerror}", MEND) from error
    found = sha256_of(content)
    if found != model.sha256:
        raise ModelAltered(
            f"{path} is not the file the manifest names: expected SHA-256 {model.sha256} "
            f"({model.size} bytes), found {found} ({len(content)} bytes)",
            f"Delete it, then {MEND[0].lower()}{MEND[1:]}",
        )
    return content


def is_intact(model: Model, folder: Path) -> bool:
    """Whether the file is there and is the manifest's."""
    try:
        read_weights(model, folder)
    except ModelError:
        return False
    return True


def sha256_of(content: bytes) -> str:
    """Lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()
