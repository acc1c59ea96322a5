"""What the documents say is so: links, commands, settings, drivers, states, files and functions.

Each check reads the Markdown as a reader does (headings, tables, code) and compares it with the
code. Where a table or a diagram can be made from the code, the failure shows the right one.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import importlib.util
import inspect
import re
import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path

import pytest
from PIL import Image

from fleet.database import Database
from fleet.gateway.wallets import load_wallets
from kiosk import cli, registry
from kiosk.campaigns import COMMON, KEYS, load_campaigns
from kiosk.channels.gateway import GatewayOptions
from kiosk.channels.gateway.calls import Takes
from kiosk.channels.wechatpay.options import WechatPayOptions
from kiosk.channels.wechatpay.v3 import WechatNativeOptions
from kiosk.config import Config, load
from kiosk.content import COLUMNS, MAY_BE_MISSING, load_price_book
from kiosk.demo import screens
from kiosk.domain.payment import FINAL, TABLE
from kiosk.domain.refund import REFUND_FINAL, REFUND_TABLE
from kiosk.menus import KEYS as MENU_KEYS
from kiosk.menus import load_menu
from kiosk.sandbox import __main__ as sandbox
from kiosk.settings import Driver

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
MADE = {".git", ".venv", "build", "weights", ".pytest_cache"}
DOCUMENTS = sorted(
    path for path in ROOT.rglob("*.md") if not MADE & set(path.relative_to(ROOT).parts)
)

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")


def section(text: str, heading: str) -> str:
    """What stands between a heading and the next one of its rank or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n", text, re.MULTILINE)
    assert found, f"no heading {heading!r}"
    rest = text[found.end() :]
    return re.split(rf"^#{{1,{len(found[1])}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows but the rulers and the heads above them."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    split = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rulers = [at for at, cells in enumerate(split) if set("".join(cells)) <= set("-: ")]
    heads = {at - 1 for at in rulers}
    return [cells for at, cells in enumerate(split) if at not in heads and at not in rulers]


def bare(text: str) -> str:
    return text.strip("`")


# ---- links


def slugs(text: str) -> set[str]:
    """The anchors that a forge makes of the headings."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def dead_links(path: Path) -> Iterator[str]:
    for target in LINK.findall(FENCE.sub("", path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        goal = path.parent / place if place else path
        if not goal.exists() or (anchor and anchor not in slugs(goal.read_text("utf-8"))):
            yield target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    assert list(dead_links(path)) == []


def test_a_dead_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Top\n[a](page.md#top) [b](gone.md) [c](#below) [d](https://example.org)")
    assert list(dead_links(page)) == ["gone.md", "#below"]


# ---- commands


def commands(text: str) -> Iterator[str]:
    """What a reader would type: lines of sh blocks, and code in a sentence that looks like it."""
    for language, block in FENCE.findall(text):
        if language == "sh":
            yield from (line.partition(" # ")[0].strip() for line in block.splitlines())
    yield from SPAN.findall(FENCE.sub("", text))


def parsers() -> dict[str, argparse.ArgumentParser]:
    found: dict[str, argparse.ArgumentParser] = {}
    for action in cli._parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            found.update(action.choices)
    return {**found, "sandbox": sandbox._parser()}


def wrong_command(text: str, targets: set[str]) -> str | None:
    """Why this cannot be typed, or None when it can or is no command of ours."""
    words = text.split()
    if words[:1] == ["make"]:
        asked = {word for word in words[1:] if re.fullmatch(r"[a-z-]+", word)}
        return None if asked <= targets else f"no target {asked - targets}"
    if len(words) > 1 and Path(words[0]).name == "kiosk":
        known = parsers()
        if words[1] not in known:
            return f"no command {words[1]}"
        options = known[words[1]]._option_string_actions
        ours = words[2 : words.index("--")] if "--" in words else words[2:]
        unknown = {word for word in ours if word.startswith("--")} - set(options)
        return f"no option {unknown}" if unknown else None
    if words[1:2] == ["-m"] and Path(words[0]).name == "python" and len(words) > 2:
        ours = words[2].split(".")[0] in {"kiosk", "hardware", "vision", "models"}
        return f"no module {words[2]}" if ours and not importlib.util.find_spec(words[2]) else None
    return None


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_can_be_typed(path):
    told = {text: wrong_command(text, make_targets()) for text in commands(path.read_text("utf-8"))}
    assert {text: why for text, why in told.items() if why} == {}


@pytest.mark.parametrize(
    "text",
    ["make coffee", "kiosk brew", "kiosk doctor --louder", "python -m kiosk.brewery"],
)
def test_a_command_that_is_not_there_is_found(text):
    assert wrong_command(text, make_targets())


def test_every_command_of_the_program_and_of_make_is_told():
    told = set(commands(README))
    first = {" ".join(text.split()[:2]) for text in told}
    assert {f"kiosk {name}" for name in parsers()} - first == set()
    assert {f"make {name}" for name in make_targets()} - first == set()


# ---- settings


def as_toml(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:g}"
        case tuple():
            return f"[{', '.join(map(as_toml, value))}]"
        case Mapping():
            return "none"
        case Enum():
            return as_toml(value.value)
        case Path() if value.is_relative_to(ROOT):
            return f'"{value.relative_to(ROOT)}"'
        case _:
            return f'"{value}"'


def settings(kind: type, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every key that a settings file may set, with its default as the file would say it."""
    hints = typing.get_type_hints(kind)
    for one in dataclasses.fields(kind):
        hint = hints[one.name]
        if dataclasses.is_dataclass(hint) and hint is not Driver:
            yield from settings(hint, f"{prefix}{one.name}.")
        elif one.default is not dataclasses.MISSING:
            yield prefix + one.name, as_toml(one.default)
        elif one.default_factory is not dataclasses.MISSING:
            yield prefix + one.name, as_toml(one.default_factory())
        else:
            yield prefix + one.name, "required"


def documented(heading: str) -> dict[str, str]:
    table = {bare(cells[0]): cells for cells in rows(section(README, heading))}
    assert all(len(cells) == 3 and cells[2] for cells in table.values()), "a meaning is missing"
    return {key: bare(cells[1]) for key, cells in table.items()}


def test_every_setting_and_its_default_is_told():
    assert documented("All keys") == dict(settings(Config))


def test_every_option_of_the_wechatpay_channel_is_told():
    given = {"key", "name", "device_id", "store_id", "store_name"}  # from elsewhere in the settings
    wanted = {key: value for key, value in settings(WechatPayOptions) if key not in given}
    wanted |= {"key_credential": '"wechatpay.key"'}
    assert documented("The channel wechatpay") == wanted


def test_every_option_of_the_wechatpay_native_channel_is_told():
    given = {"key", "name", "device_id"}
    wanted = {key: value for key, value in settings(WechatNativeOptions) if key not in given}
    wanted |= {"key_credential": '"wechatpay-native.key"'}
    assert documented("The channel wechatpay-native") == wanted


def test_every_option_of_the_gateway_channel_is_told():
    given = {"name", "url", "trust"}  # from elsewhere in the settings
    wanted = {key: value for key, value in settings(GatewayOptions) if key not in given}
    assert documented("The channel gateway") == wanted


def test_the_sample_of_the_fleets_settings_is_accepted(tmp_path, monkeypatch):
    (sample,) = [block for language, block in FENCE.findall(README) if language == "ini"]
    (tmp_path / "fleet.toml").write_text(sample, "utf-8")
    for name in ("M1.wechatpay.key", "card-numbers.key"):
        (tmp_path / name).write_text("k" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    wallets = load_wallets(tmp_path / "fleet.toml", Database("sqlite://"))
    assert wallets.find("M1", "wechatpay").takes is Takes.FACE
    assert wallets.find("M1", "card").card_prefixes == ("9156",)


def test_the_sample_of_a_settings_file_is_accepted(tmp_path):
    (sample,) = [block for language, block in FENCE.findall(README) if language == "toml"]
    path = tmp_path / "kiosk.toml"
    path.write_text(sample, "utf-8")
    config = load(path)
    for kind, driver in config.devices.items():
        assert set(driver.options) <= plain_options(registry.find(kind, driver.driver))
    given = {"key": "k" * 32, "device_id": "1", "store_id": "1", "store_name": "1"}
    WechatPayOptions(**given, **config.channels["wechatpay"].options)


# ---- drivers


PLAIN = {"int", "float", "str", "bool", "None", "tuple[float, float]", "dict[str, int]"}


def plain_options(driver: type) -> set[str]:
    """What a driver takes from a settings file: no objects, and its name is the table's."""
    taken = inspect.signature(driver).parameters
    return {
        name
        for name, one in taken.items()
        if name != "name" and {kind.strip() for kind in str(one.annotation).split("|")} <= PLAIN
    }


def test_every_driver_and_its_options_are_told():
    table = {
        (cells[0], bare(cells[1])): set(SPAN.findall(cells[2]))
        for cells in rows(section(README, "Devices and their drivers"))
    }
    wanted = {
        (kind, name): plain_options(registry.find(kind, name))
        for kind, drivers in registry.BUILT_IN.items()
        for name in drivers
        if kind != "channel"
    }
    assert table == wanted


def test_every_channel_is_told():
    told = {bare(cells[0]) for cells in rows(section(README, "Channels"))}
    assert set(registry.BUILT_IN["channel"]) <= told


# ---- the states of a payment and of a refund


def states(table: Mapping[Enum, Mapping[type, Enum]], finals: frozenset[Enum]) -> str:
    """A table as text: a line for each way out of a state, the events that lead there behind it.

    What leaves a state as it is (a restart, mostly) is left out.
    """
    lines = []
    for state, ways in table.items():
        ends: dict[str, list[str]] = {}
        for event, target in ways.items():
            if target is not state:
                name = target.name + "*" * (target in finals)
                ends.setdefault(name, []).append(event.__name__)
        for at, (target, events) in enumerate(ends.items()):
            head = "" if at else state.name
            lines.append(f"{head:<14} ─► {target:<15} {', '.join(events)}")
    return "\n".join(lines) + "\n"


def test_the_states_are_those_of_the_program():
    drawn = [states(TABLE, FINAL), states(REFUND_TABLE, REFUND_FINAL)]
    blocks = [block for _, block in FENCE.findall(section(README, "The states of a payment"))]
    assert blocks == drawn, "\n" + "\n".join(drawn)


# ---- the tour


def defined(path: Path) -> set[str]:
    """The functions, methods and classes of a file: `name()`, `Class.name`, `Class`."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(f"{node.name}()")
        elif isinstance(node, ast.ClassDef):
            found.add(node.name)
            inner = (one for one in node.body if isinstance(one, ast.FunctionDef))
            found |= {f"{node.name}.{one.name}" for one in inner}
    return found


def missing_places(text: str, root: Path = ROOT) -> Iterator[str]:
    """Files that are not there, and names that the file named last before them does not define."""
    known: set[str] = set()
    for span in SPAN.findall(FENCE.sub("", text)):
        if span.endswith(".py"):
            if not (root / span).is_file():
                yield span
                known = set()
            else:
                known = defined(root / span)
        elif re.fullmatch(r"[A-Z]\w*\.\w+|[a-z_]\w*\(\)", span) and span not in known:
            yield span


def test_every_file_and_function_of_the_tour_is_there():
    tour = section(README, "One payment through the code")
    assert list(missing_places(tour)) == []
    assert len([span for span in SPAN.findall(tour) if span.endswith(".py")]) > 20


def test_a_function_that_moved_away_is_found(tmp_path):
    (tmp_path / "till.py").write_text("class Till:\n    def pay(self): ...\n\ndef open_(): ...\n")
    text = "`till.py` `Till.pay` `open_()` `Till.refund` `close()` `gone.py`"
    assert list(missing_places(text, tmp_path)) == ["Till.refund", "close()", "gone.py"]


def test_every_path_in_the_readme_is_there():
    spans = SPAN.findall(FENCE.sub("", README))
    paths = [span for span in spans if re.fullmatch(r"[\w.]+(/[\w.-]+)+/?", span)]
    ours = [path for path in paths if (ROOT / path.split("/")[0]).is_dir()]
    assert len(ours) > 30
    assert [
        path for path in ours if not path.startswith("build/") and not (ROOT / path).exists()
    ] == []


# ---- pictures


def test_the_pictures_of_the_readme_are_those_that_make_screens_writes():
    linked = sorted(re.findall(r"!\[[^\]]+\]\(kiosk/ui/pictures/([\w-]+\.png)\)", README))
    made = sorted(f"{lang}-{name}.png" for lang in screens.LANGUAGES for name in screens.SHOWN)
    assert linked == made == sorted(path.name for path in screens.PICTURES.glob("*"))


def test_the_pictures_are_small():
    for path in screens.PICTURES.glob("*.png"):
        with Image.open(path) as picture:
            assert (picture.mode, picture.size) == ("P", (screens.WIDTH, 640)), path.name
        assert path.stat().st_size <= 60_000, path.name


def test_a_photograph_of_the_panel_becomes_a_small_picture(tmp_path):
    Image.effect_noise((1080, 1920), 40).convert("RGB").save(tmp_path / "taken.png")
    screens.shrink(tmp_path / "taken.png", tmp_path / "kept.png")
    with Image.open(tmp_path / "kept.png") as picture:
        assert (picture.mode, picture.size) == ("P", (360, 640))


# ---- the shops


def test_the_price_book_is_told_as_it_is_read(tmp_path):
    text = (ROOT / "kiosk" / "shops" / "README.md").read_text("utf-8")
    assert [bare(cells[0]) for cells in rows(text)][: len(COLUMNS)] == list(COLUMNS)
    assert {f"| `{name}` |" in text for name in MAY_BE_MISSING} == {True}
    (sample,) = [block for language, block in FENCE.findall(text) if language == "csv"]
    path = tmp_path / "catalogue.csv"
    path.write_text(sample, "utf-8")
    assert len(load_price_book(path)) == len(sample.splitlines()) - 1


def json_blocks(text: str) -> list[str]:
    return [block for language, block in FENCE.findall(text) if language == "json"]


def test_the_menu_is_told_as_it_is_read(tmp_path):
    text = section((ROOT / "kiosk" / "shops" / "README.md").read_text("utf-8"), "The menu")
    assert {key for keys in MENU_KEYS.values() for key in keys if f"`{key}`" not in text} == set()
    (sample,) = json_blocks(text)
    path = tmp_path / "menu.json"
    path.write_text(sample, "utf-8")
    assert [dish.left for dish in load_menu(path)] == [40]
    shipped = load_menu(ROOT / "kiosk" / "shops" / "noodles" / "menu.json")
    assert (len(shipped), len(shipped.categories)) == (24, 5)


def test_campaigns_are_told_as_they_are_read(tmp_path):
    text = (ROOT / "kiosk" / "shops" / "README.md").read_text("utf-8")
    told = {bare(name) for cells in rows(text) for name in cells[0].split(", ")}
    assert {*COMMON, *KEYS} <= told
    assert {key for keys in KEYS.values() for key in keys if f"`{key}`" not in text} == set()
    (sample,) = json_blocks(section(text, "Campaigns"))
    path = tmp_path / "campaigns.json"
    path.write_text(sample, "utf-8")
    assert len(load_campaigns(path)) == sample.count('"id"')
    shipped = ROOT / "kiosk" / "shops" / "grocery" / "campaigns.json"
    assert [each.id for each in load_campaigns(shipped)] == ["from-100", "second-drink"]


# ---- the changelog


def test_the_changelog_has_the_form_that_it_names():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)[0] == "Unreleased"
    kinds = set(re.findall(r"^### (\w+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert "- " in section(text, "[Unreleased]")
