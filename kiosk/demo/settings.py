"""The settings file of a kiosk that talks to the sandbox and to simulated devices."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kiosk.pin import hash_pin

STAFF_PIN = "246810"  # of a shop that takes no money
NOBODY = "http://127.0.0.1:9/notify"  # the discard service's port, where nothing listens
Mode = Literal["checkout", "restaurant"]
STATIONS = ("kitchen", "bar")  # of the restaurant
SHOPS = Path(__file__).parents[1] / "shops"


@dataclass(frozen=True, slots=True)
class Play:
    """What is played. `settings` are merged into the kiosk's settings, table by table.

    Each of `stations` has a printer of its own.
    """

    display: str
    width: int = 1080
    height: int = 1920
    speed: float = 1.0
    enrolled: bool = True
    challenge: bool = False
    """Shoppers are asked to move, as in a shop; else the passive judges of the demonstration are
    enough, which is quicker.
    """
    scene: str = "picture"
    mode: Mode = "checkout"
    stations: tuple[str, ...] = ()
    scale: bool = False
    """Goods are weighed here."""
    bagging: bool = False
    """There is a scale under the bags."""
    terminal_id: str = "0001"
    channels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Without any, `wallets`."""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of one stage find each other: on the disk, and in memory (`run`)."""

    folder: Path
    run: Path

    @property
    def config(self) -> Path:
        """The kiosk's settings."""
        return self.folder / "kiosk.toml"

    @property
    def steps(self) -> Path:
        """When each step happened."""
        return self.folder / "steps.jsonl"

    @property
    def screen(self) -> Path:
        """What the screen says of itself."""
        return self.run / "screen.json"

    @property
    def scene(self) -> Path:
        """What is before the camera."""
        return self.run / "scene.txt"


def write_settings(places: Places, play: Play, wallet: Path, sandbox_url: str) -> None:
    """Write `kiosk.toml` and the channels' keys; `wallet` is the sandbox's folder."""
    merchant = json.loads((wallet / "merchant.json").read_text("utf-8"))
    places.scene.write_text(play.scene, "utf-8")
    channels = play.channels or wallets(places.folder, play.speed, wallet, sandbox_url)
    tables = {
        **_kiosk(places, play, merchant),
        **{f"channels.{name}": table for name, table in channels.items()},
        **_devices(places, wallet, sandbox_url, challenge=play.challenge),
        **({"devices.scale": _scale(places, "scale")} if play.scale else {}),
        **({"devices.bagging": _scale(places, "bagging")} if play.bagging else {}),
        **{f"stations.{name}": _printer(places, name) for name in play.stations},
    }
    for name, extra in play.settings.items():
        tables[name] = {**tables.get(name, {}), **extra}
    lines = [
        f"terminal_id = {json.dumps(play.terminal_id)}",
        f"trace = {json.dumps(str(places.steps))}",
        "",
    ]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{one} = {_value(what)}" for one, what in table.items()), ""]
    places.config.write_text("\n".join(lines), "utf-8")


def wallets(
    folder: Path, speed: float, wallet: Path, sandbox_url: str
) -> dict[str, dict[str, Any]]:
    """Channels straight to the sandbox, with their keys in `folder`.

    The first of them is the one that the face service knows.
    """
    merchant = json.loads((wallet / "merchant.json").read_text("utf-8"))
    account = _account(merchant, sandbox_url)
    key = _secret(folder / "wechatpay.key", merchant["key"])
    return {
        "wechatpay": {"key_credential": key, **account, **_code(speed, sandbox_url)},
        "wechatpay_native": {**account, **_native(folder, speed, wallet / "v3")},
    }


def toml(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Settings as a file has them, a table after the other."""
    lines: list[str] = []
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{one} = {_value(what)}" for one, what in table.items()), ""]
    return "\n".join(lines)


_ADDRESS = "示例路 1 号"
_SHOP: Mapping[Mode, dict[str, Any]] = {
    "checkout": {"name": "鲜果超市", "name_en": "Fresh Grocery", "address": _ADDRESS},
    "restaurant": {
        "kind": "restaurant",
        "name": "小巷面馆",
        "name_en": "Alley Noodles",
        "address": _ADDRESS,
    },
}
_CONTENT: Mapping[Mode, dict[str, dict[str, Any]]] = {
    "checkout": {"content": {"catalogue": str(SHOPS / "grocery" / "catalogue.csv")}},
    "restaurant": {
        "content": {
            "menu": str(SHOPS / "noodles" / "menu.json"),
            "campaigns": str(SHOPS / "noodles" / "campaigns.json"),
        },
        "restaurant": {"tables": 40},
    },
}


def _kiosk(places: Places, play: Play, merchant: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        "shop": {**_SHOP[play.mode], "store_id": merchant["store_id"]},
        "paths": {
            "state": str(places.folder / "state"),
            "run": str(places.run),
            "cache": str(cache_folder()),
        },
        **_CONTENT[play.mode],
        "staff": {"pin_hash": hash_pin(STAFF_PIN, secrets.token_bytes(16))},
        "ui": {
            "width": play.width,
            "height": play.height,
            "fullscreen": False,
            "sound": False,
            "trace": str(places.screen),
        },
    }


def _account(merchant: Mapping[str, Any], sandbox_url: str) -> dict[str, Any]:
    """The merchant, by whichever wire."""
    return {
        "appid": merchant["appid"],
        "mch_id": merchant["mch_id"],
        "sandbox": True,
        "pay_url": sandbox_url,
    }


def _code(speed: float, sandbox_url: str) -> dict[str, Any]:
    """The channel that takes faces and codes."""
    return {
        "driver": "wechatpay",
        "face_url": sandbox_url,
        # The sandbox's rules run faster by `speed`; the kiosk's own policy must as well.
        "query_after": 5.0 / speed,
        "query_every": 5.0 / speed,
        "give_up_after": 45.0 / speed,
        "reverse_not_before": 15.0 / speed + 0.5,
        "read_timeout": max(1.0, 10.0 / speed),
    }


def _native(folder: Path, speed: float, keys: Path) -> dict[str, Any]:
    """The channel whose code is scanned from the screen; what it is told by itself goes nowhere."""
    known = json.loads((keys / "v3.json").read_text("utf-8"))
    return {
        "driver": "wechatpay-native",
        "key_credential": _secret(folder / "wechatpay_native.key", known["api_v3_key"]),
        "private_key_path": str(keys / "merchant.key"),
        "serial_no": known["serial_no"],
        "notify_url": NOBODY,
        "query_after": 2.0 / speed,
        "query_every": 2.5 / speed,
        "speed": speed,
        "read_timeout": max(1.0, 10.0 / speed),
        "answer_within": max(2.0, 30.0 / speed),
    }


def _secret(path: Path, value: str) -> str:
    """Where a key lies, for nobody else to read."""
    path.write_text(value, "ascii")
    path.chmod(0o600)
    return str(path)


def _devices(
    places: Places, wallet: Path, sandbox_url: str, *, challenge: bool
) -> dict[str, dict[str, Any]]:
    # A still picture passes no challenge.
    asking = {"challenge": "always"} if challenge else {"passive_only": True, "challenge": "off"}
    return {
        "devices.scanner": {"driver": "serial", "path": str(places.run / "scanner")},
        "devices.printer": _printer(places, "printer"),
        "faces": {
            "wallet_key": str(wallet / "wallet.pub"),
            "wallet_url": sandbox_url,
            **asking,
        },
        "faces.camera": {
            "driver": "folder",
            "picture": "skimage:astronaut",
            "width": 640,
            "height": 480,
            "script_file": str(places.scene),
            "reads": str(places.screen),
        },
    }


def _printer(places: Places, name: str) -> dict[str, Any]:
    return {"driver": "escpos-serial", "path": str(places.run / name), "baud": 115200}


def _scale(places: Places, name: str) -> dict[str, Any]:
    return {"driver": "mettler-8217", "path": str(places.run / name)}


def cache_folder() -> Path:
    """Fonts and the like that are made once: beside the project's other build products."""
    return Path(__file__).parents[2] / "build" / "cache"


def _value(value: Any) -> str:
    """A TOML value; its strings, numbers, booleans and lists are written as JSON's are."""
    return json.dumps(value, ensure_ascii=False)
