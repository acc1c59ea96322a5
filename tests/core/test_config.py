"""The settings file: what is read, and how a mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import registry
from kiosk.config import Config, load
from kiosk.errors import ConfigError
from kiosk.settings import Driver, read_credential

GOOD = """
terminal_id = "0001"

[shop]
name = "果店"

[visit]
idle = 30

[channels.wechatpay]
driver = "wechatpay"
appid = "wx1"

[devices.scanner]
driver = "serial"
path = "/dev/ttyUSB0"

[faces.camera]
driver = "opencv"
device = 0
"""


def written(tmp_path, text):
    path = tmp_path / "kiosk.toml"
    path.write_text(text, "utf-8")
    return path


def test_tables_become_typed_values_and_the_rest_are_defaults(tmp_path):
    config = load(written(tmp_path, GOOD))
    assert isinstance(config, Config)
    assert config.shop.name == "果店"
    assert config.visit.idle == 30
    assert config.visit.done == 8
    assert config.channels["wechatpay"] == Driver("wechatpay", {"appid": "wx1"})
    assert config.devices["scanner"].options == {"path": "/dev/ttyUSB0"}
    assert config.faces.camera == Driver("opencv", {"device": 0})
    assert config.preview == config.paths.run / "preview"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('terminal_id = "0001"\ncolour = "red"', ":2: colour: is not a setting"),
        ('terminal_id = "0001"\n[shop]\n\ncolour = "red"', ":4: shop.colour: is not a setting"),
        ('terminal_id = "0001"\n[shp]\nname = "a"', ":2: shp: is not a setting"),
        ('terminal_id = "0001"\n[visit]\nidle = "long"', ":3: visit.idle"),
        ('terminal_id = "0001"\n[faces]\nchallenge = "maybe"', ":3: faces.challenge"),
        ('terminal_id = "A1"', ":1: terminal_id: must be 4 to 8 digits"),
        (
            'terminal_id = "0001"\n[shop]\nlanguage = "de"',
            ':3: shop.language: must be "zh" or "en"',
        ),
        ('terminal_id = "0001"\n[devices.scanner]\npath = "x"', ":2: devices.scanner: names no"),
        ('terminal_id = "0001"\n[devices]\nscanner = 3', ":3: devices.scanner: is not a table"),
        (
            'terminal_id = "0001"\n[stations.Bar]\ndriver = "x"',
            ":2: stations.Bar: cannot be the name of a station",
        ),
        (
            'terminal_id = "0001"\n[stations.printer]\ndriver = "x"',
            ":2: stations.printer: cannot be the name of a station",
        ),
        ('terminal_id = "0001"\n[ui]\nscale = 2.0', ":3: ui.scale: must be from 0.75 to 1.25"),
        (
            'terminal_id = "0001"\n[shop]\nlanguages = ["en", "English"]',
            ':3: shop.languages: "English" is no language',
        ),
        (
            'terminal_id = "0001"\n[brand.colours]\nbrnad = "#123456"',
            ":3: brand.colours.brnad: is no colour of the screen",
        ),
        (
            'terminal_id = "0001"\n[brand.colours]\nbrand = "#7FB8A4"',
            ":3: brand.colours.brand: brand on ground has a contrast of 2.1 : 1",
        ),
        (
            'terminal_id = "0001"\n[brand.texts.en]\n"attract.titel" = "Hello"',
            ":3: brand.texts.en.attract.titel: no screen says this",
        ),
        (
            'terminal_id = "0001"\n[brand.texts.en]\n"basket.count" = "Pieces: {pieces}"',
            ":3: brand.texts.en.basket.count: names {pieces}; known here: {count}",
        ),
        ("[shop]\nname = 'a'", "terminal_id"),
        ("a = " + "[" * 20_000, "recursion"),
        ("a = " + "9" * 5_000, "digits"),
        ("terminal_id = ", "kiosk.toml"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_key(tmp_path, text, place):
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert raised.value.cause.startswith(str(path))
    assert place in raised.value.cause


def test_the_sample_of_an_installation_is_read_and_its_drivers_take_their_options():
    config = load(Path(__file__).parents[2] / "systemd" / "kiosk.toml")
    for kind, driver in config.devices.items():
        registry.build(kind, driver, name=kind)
    registry.build("camera", config.faces.camera, name="camera")
    assert config.users.ui == "kiosk-ui"


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_an_unknown_driver_lists_the_known_ones():
    with pytest.raises(ConfigError, match="no printer driver laser") as raised:
        registry.find("printer", "laser")
    assert "escpos-serial" in raised.value.mend


def test_an_option_that_a_driver_does_not_take_lists_those_it_takes():
    with pytest.raises(ConfigError, match="does not take colour") as raised:
        registry.build("scanner", Driver("serial", {"path": "x", "colour": 1}))
    assert "baud" in raised.value.mend


def test_a_bad_value_is_a_config_error_in_the_drivers_words():
    with pytest.raises(ConfigError, match="serial"):
        registry.build("scanner", Driver("serial", {"path": "x", "baud": -1}))


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind in registry.BUILT_IN for name in registry.BUILT_IN[kind]],
)
def test_every_built_in_driver_can_be_imported(kind, name):
    assert callable(registry.find(kind, name))


def test_a_credential_is_a_file_that_systemd_hands_over_or_an_absolute_path(tmp_path, monkeypatch):
    (tmp_path / "key").write_text(" secret \n", "utf-8")
    assert read_credential(str(tmp_path / "key")) == "secret"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_credential("key") == "secret"
    with pytest.raises(ConfigError, match="credential other"):
        read_credential("other")
