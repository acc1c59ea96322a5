"""The doctor looks at the operator's files, his colours and the languages of the shop."""

from __future__ import annotations

from hardware.devices import Condition
from kiosk.branding import Brand
from kiosk.config import Config, Shop, Ui
from kiosk.doctor import brand


def states(findings):
    return [finding.state for finding in findings]


def test_a_picture_that_is_not_there_is_bad(tmp_path):
    (tmp_path / "mark.png").write_bytes(b"-")
    whole = Config("0001", brand=Brand(logo=tmp_path / "mark.png"))
    lacking = Config("0001", brand=Brand(video=tmp_path / "film.mp4", slides=tmp_path / "none"))
    assert states(brand.brand(whole)) == [Condition.GOOD]
    assert states(brand.brand(lacking)) == [Condition.BAD, Condition.BAD]


def test_a_colour_too_dark_for_the_dark_theme_is_told_with_its_contrast():
    dim = Config("0001", ui=Ui(dark=True), brand=Brand(colours={"soft": "#8A929E"}))
    says = [finding.says for finding in brand.brand(dim)]
    assert "soft on ground has a contrast of 6.0 : 1, less than 7 : 1" in says


def test_a_language_without_a_file_is_bad_and_one_with_gaps_is_told(tmp_path):
    (tmp_path / "ja.toml").write_text('[basket]\npay = "お会計"\nno = "{x}"\n', "utf-8")
    shop = Shop(languages=("zh", "en", "ja", "ko"))
    found = list(brand.languages(Config("0001", shop=shop, brand=Brand(languages=tmp_path))))
    assert states(found) == [
        Condition.BAD,
        Condition.GOOD,
        Condition.GOOD,
        Condition.UNKNOWN,
        Condition.BAD,
    ]
    assert "basket.no: no screen says this" in found[0].says
    assert "ja lacks" in found[3].says
    assert "no file of sentences for ko" in found[4].says
