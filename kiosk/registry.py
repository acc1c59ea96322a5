"""Driver name to class: a table of built-ins and entry points, imported only when used.

Third parties register under the entry-point group `kiosk.<kind>`. An unknown name lists the known
ones; a driver whose import fails is an error with its reason, never silently skipped.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from kiosk.errors import ConfigError
from kiosk.settings import Driver

BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "scanner": {
        "serial": "hardware.scanners.serial:SerialScanner",
        "evdev": "hardware.scanners.evdev:EvdevScanner",
        "hidpos": "hardware.scanners.hidpos:HidposScanner",
        "ssi": "hardware.scanners.ssi:SsiScanner",
        "camera": "hardware.scanners.camera:CameraScanner",
    },
    "printer": {
        "escpos-serial": "hardware.printers.serial:escpos_serial",
        "escpos-tcp": "hardware.printers.tcp:escpos_tcp",
        "escpos-usb": "hardware.printers.usb:escpos_usb",
        "escpos-usblp": "hardware.printers.usblp:escpos_usblp",
    },
    "drawer": {
        "gpio": "hardware.drawers.gpio:GpioDrawer",
        "printer": "hardware.drawers.printer:PrinterDrawer",
    },
    "dispenser": {
        "gpio": "hardware.dispensers.gpio:GpioDispenser",
        "simulated": "hardware.dispensers.simulated:SimulatedDispenser",
    },
    "lights": {"gpio": "hardware.lights.gpio:GpioLights"},
    "contact": {
        "gpio": "hardware.contacts.gpio:GpioContact",
        "jack": "hardware.contacts.jack:JackContact",
    },
    "navigator": {"evdev": "hardware.navigators.evdev:EvdevNavigator"},
    "scale": {
        "mettler-8217": "hardware.scales.mettler8217:Mettler8217",
        "cas": "hardware.scales.cas:CasScale",
        "dialog06": "hardware.scales.dialog06:Dialog06Scale",
        "nci": "hardware.scales.nci:NciScale",
        "continuous": "hardware.scales.continuous:ContinuousScale",
    },
    "camera": {
        "opencv": "hardware.cameras.opencv:OpencvCamera",
        "folder": "hardware.cameras.folder:FolderCamera",
    },
    "channel": {
        "wechatpay": "kiosk.channels.wechatpay.channel:WechatPay",
        "wechatpay-native": "kiosk.channels.wechatpay.v3.channel:WechatNative",
        "gateway": "kiosk.channels.gateway:gateway_channel",
    },
}


def known(kind: str) -> list[str]:
    """The names that `find` accepts for this kind."""
    plugged = {point.name for point in entry_points(group=f"kiosk.{kind}")}
    return sorted(plugged | set(BUILT_IN.get(kind, {})))


def find(kind: str, name: str) -> Any:
    """The driver's class. Raises ConfigError for an unknown name or a failing import."""
    target = BUILT_IN.get(kind, {}).get(name)
    try:
        if target is not None:
            module, _, attribute = target.partition(":")
            return getattr(importlib.import_module(module), attribute)
        for point in entry_points(group=f"kiosk.{kind}", name=name):
            return point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"the {kind} driver {name} cannot be loaded: {error}",
            "Install the extra that it needs",
        ) from error
    raise ConfigError(f"there is no {kind} driver {name}", f"Known: {', '.join(known(kind))}")


def build(kind: str, settings: Driver, **given: Any) -> Any:
    """An instance with the options of its table; an option it does not take is a ConfigError.

    An option that is a table with a driver is a device of its own, which the driver is given.
    """
    driver = find(kind, settings.driver)
    takes = set(inspect.signature(driver).parameters)
    unknown = sorted(set(settings.options) - takes)
    if unknown:
        raise ConfigError(
            f"the {kind} driver {settings.driver} does not take {', '.join(unknown)}",
            f"It takes: {', '.join(sorted(takes - set(given)))}",
        )
    options = {key: _inner(key, value) for key, value in settings.options.items()}
    try:
        return driver(**{**options, **given})
    except (TypeError, ValueError) as error:
        raise ConfigError(f"the {kind} driver {settings.driver}: {error}") from error


def _inner(key: str, value: Any) -> Any:
    if key not in BUILT_IN or not isinstance(value, Mapping) or "driver" not in value:
        return value
    rest = {name: one for name, one in value.items() if name != "driver"}
    return build(key, Driver(str(value["driver"]), rest))
