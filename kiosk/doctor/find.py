"""`kiosk doctor --find`: what is plugged in, as settings that can be pasted.

All that is said is a comment, so the whole answer is a piece of a settings file. What is surely
known stands as it is; where a person must choose, each possibility is a comment as well.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from hardware.plugged import FINDERS
from hardware.plugged.found import Finder, Found, Offer, Roots, UsbDevice
from kiosk import registry
from kiosk.config import Config
from kiosk.device_kinds import DEVICE_KINDS, MOST_SCANNERS
from kiosk.doctor.opening import CAMERA, configured, kind_of
from kiosk.down.afar import settings_in_force
from kiosk.errors import ConfigError
from kiosk.settings import Driver

ENTRY_POINTS = "kiosk.find"
STATIONS = ("kitchen", *(f"kitchen-{n}" for n in range(2, 10)))
TABLES: Mapping[str, Sequence[str]] = {
    "scanner": ("devices.scanner", *(f"devices.scanner{n}" for n in range(2, MOST_SCANNERS + 1))),
    "printer": ("devices.printer", *(f"stations.{name}" for name in STATIONS)),
    CAMERA: ("faces.camera",),
}
_NO_ROOM = "the settings have as many as there can be, so it would take the place of one"
_PLACES = ("path", "device")


def run(path: Path, roots: Roots | None = None, say: Callable[[str], object] | None = None) -> int:
    """Tell what is plugged in beside the settings at `path`; 0."""
    out = say or sys.stdout.write
    try:
        config = settings_in_force(path)
    except ConfigError as error:
        out(f"# The settings cannot be read, so nothing counts as named: {error.cause}\n\n")
        config = Config("0000")
    out("\n".join(proposed(config, found(roots or Roots()))) + "\n")
    return 0


def found(roots: Roots, finders: Iterable[Finder] = FINDERS) -> Iterator[Found]:
    """Everything; a finder that fails hides no other."""
    for finder in (*finders, *_of_others()):
        try:
            yield from finder(roots)
        except Exception as error:  # noqa: BLE001 - somebody else's finder, or a kernel's surprise
            name = getattr(finder, "__name__", str(finder))
            says = f"{name} failed: {type(error).__name__} {error}".splitlines()[0]
            yield Found(says, roots.dev, ())


def proposed(config: Config, plugged: Iterable[Found]) -> Iterator[str]:
    """The lines of a settings file."""
    used = set(_tables(config))
    nothing = True
    for one in plugged:
        nothing = False
        yield from _told(config, one, used)
        yield ""
    if nothing:
        yield "# Nothing was found that a driver could be for."


def _told(config: Config, one: Found, used: set[str]) -> Iterator[str]:
    for line in (f"{one.node}: {one.what}", *one.notes):
        # What a device says of itself may hold anything; a comment may not.
        yield f"# {''.join(c if c.isprintable() else '?' for c in line)}"
    name = _named_as(config, one)
    if name:
        yield f"# It is in the settings as {name}."
        return
    offers = [offer for offer in one.offers if offer.kind in (*DEVICE_KINDS, CAMERA)]
    if not one.sure and len(offers) > 1:
        yield "# It does not tell which of these it is; take one:"
    for offer in offers:
        table = next((each for each in _places(offer.kind) if each not in used), None)
        if table is None:
            yield f"# {_NO_ROOM}:"
        lines = lines_of(table or _places(offer.kind)[0], offer)
        if one.sure and table is not None:
            used.add(table)
            yield from lines
        else:
            yield from (f"# {line}" for line in lines)


def lines_of(table: str, offer: Offer) -> list[str]:
    """A table as a settings file has it."""
    values = {"driver": offer.driver, **offer.options}
    return [f"[{table}]", *(f"{key} = {_value(value)}" for key, value in values.items())]


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _places(kind: str) -> Sequence[str]:
    return TABLES.get(kind, (f"devices.{kind}",))


def _tables(config: Config) -> Iterator[str]:
    yield from (f"devices.{name}" for name in config.devices)
    yield from (f"stations.{name}" for name in config.stations)
    if config.faces.camera is not None:
        yield "faces.camera"


def _named_as(config: Config, one: Found) -> str:
    """The names in the settings that mean this very thing."""
    names = configured(config).items()
    return ", ".join(name for name, driver in names if _means(kind_of(config, name), driver, one))


def _means(kind: str, driver: Driver, one: Found) -> bool:
    options: Mapping[str, Any] = {**_usual(kind, driver.driver), **driver.options}
    inner = options.get(CAMERA)
    if isinstance(inner, Mapping):  # a scanner that looks through a camera
        options = inner
    here = os.path.realpath(one.node)
    places = [options[key] for key in _PLACES if options.get(key, "") != ""]
    if places:
        return any(os.path.realpath(_path(place)) == here for place in places)
    asked = {key: options.get(key) for key in ("vendor", "product", "serial")}
    same = driver.driver in [offer.driver for offer in one.offers]
    return one.usb is not None and same and "vendor" in options and _fits(asked, one.usb)


def _path(place: Any) -> str:
    """A camera goes by its number as well."""
    return f"/dev/video{place}" if isinstance(place, int) else str(place)


def _usual(kind: str, driver: str) -> dict[str, Any]:
    """What a driver takes where the settings say nothing."""
    try:
        takes = inspect.signature(registry.find(kind, driver)).parameters
    except (ConfigError, TypeError, ValueError):
        return {}  # a contact, or a driver that is not here
    return {name: one.default for name, one in takes.items() if one.default is not one.empty}


def _fits(asked: Mapping[str, Any], usb: UsbDevice) -> bool:
    """Numbers are written as such, or in four hexadecimal digits."""
    for key, value in asked.items():
        told = f"{value:04x}" if isinstance(value, int) else str(value)
        if value and told.lower() != getattr(usb, key).lower():
            return False
    return True


def _of_others() -> Iterator[Finder]:
    for point in entry_points(group=ENTRY_POINTS):
        try:
            yield point.load()
        except (ImportError, AttributeError):
            continue
