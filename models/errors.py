"""What can go wrong with the networks; every error says what was expected and how to mend it.

ModelError
├── ManifestError     manifest.toml itself is wrong
├── ModelMissing      a weights file is not there
├── ModelAltered      a weights file is not the one the manifest names
├── ModelUnusable     no runtime here can run it
└── FetchFailed       a weights file could not be brought here
    └── NotOffered    there is no archive to look into
"""

from __future__ import annotations


class ModelError(Exception):
    """`cause` says what is wrong, `mend` what to do next."""

    def __init__(self, cause: str, mend: str) -> None:
        super().__init__(f"{cause}. {mend}")
        self.cause = cause
        self.mend = mend


class ManifestError(ModelError):
    """The manifest names an unknown key, lacks one, or holds a value of the wrong kind."""


class ModelMissing(ModelError):
    """The file is not in the weights folder."""


class ModelAltered(ModelError):
    """The file's SHA-256 is not the manifest's: never loaded."""


class ModelUnusable(ModelError):
    """The file is right, but the wanted runtime is absent or refuses it."""


class FetchFailed(ModelError):
    """Download, unpacking, check or conversion failed; nothing was written."""


class NotOffered(FetchFailed):
    """No package client and no folder has the archive."""
