"""The settings file of a kiosk that talks to the sandbox and to simulated devices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kiosk.demo.stage import Stage

SHOPS = Path(__file__).parents[1] / "shops"


def write_settings(stage: Stage, merchant: Mapping[str, Any]) -> None:
    """Write `kiosk.toml` and the channel's key for this stage."""
    key = stage.folder / "wechatpay.key"
    key.write_text(merchant["key"], "ascii")
    key.chmod(0o600)
    scene = stage.run / "scene.txt"
    scene.write_text(stage.play.scene, "utf-8")
    tables = _tables(stage, merchant, key, scene)
    for name, extra in stage.play.settings.items():
        tables[name] = {**tables.get(name, {}), **extra}
    lines = ['terminal_id = "0001"', f"trace = {json.dumps(str(stage.steps))}", ""]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{one} = {_value(what)}" for one, what in table.items()), ""]
    stage.config.write_text("\n".join(lines), "utf-8")


def _tables(
    stage: Stage, merchant: Mapping[str, Any], key: Path, scene: Path
) -> dict[str, dict[str, Any]]:
    play, speed = stage.play, stage.play.speed
    return {
        "shop": {
            "name": "鲜果超市",
            "name_en": "Fresh Grocery",
            "address": "示例路 1 号",
            "store_id": merchant["store_id"],
        },
        "paths": {
            "state": str(stage.folder / "state"),
            "run": str(stage.run),
            "cache": str(cache_folder()),
        },
        "content": {"catalogue": str(SHOPS / "grocery" / "catalogue.csv")},
        "ui": {
            "width": play.width,
            "height": play.height,
            "fullscreen": False,
            "sound": False,
            "trace": str(stage.screen_trace),
        },
        "channels.wechatpay": {
            "driver": "wechatpay",
            "appid": merchant["appid"],
            "mch_id": merchant["mch_id"],
            "key_credential": str(key),
            "sandbox": True,
            "pay_url": stage.sandbox_url,
            "face_url": stage.sandbox_url,
            # The sandbox's rules run faster by `speed`; the kiosk's own policy must as well.
            "query_after": 5.0 / speed,
            "query_every": 5.0 / speed,
            "give_up_after": 45.0 / speed,
            "reverse_not_before": 15.0 / speed,
            "read_timeout": max(1.0, 10.0 / speed),
        },
        "devices.scanner": {"driver": "serial", "path": str(stage.run / "scanner")},
        "devices.printer": {
            "driver": "escpos-serial",
            "path": str(stage.run / "printer"),
            "baud": 115200,
        },
        "faces": {
            "wallet_key": str(stage.folder / "sandbox" / "wallet.pub"),
            "wallet_url": stage.sandbox_url,
            # A still picture passes no challenge: the demonstration, and only it, does without.
            "passive_only": True,
        },
        "faces.camera": {
            "driver": "folder",
            "picture": "skimage:astronaut",
            "width": 640,
            "height": 480,
            "script_file": str(scene),
        },
    }


def cache_folder() -> Path:
    """Fonts and the like that are made once: beside the project's other build products."""
    return Path(__file__).parents[2] / "build" / "cache"


def _value(value: Any) -> str:
    """A TOML value; its strings, numbers, booleans and lists are written as JSON's are."""
    return json.dumps(value, ensure_ascii=False)
