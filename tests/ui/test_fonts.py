"""The face that texts are set in."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk.ui.fonts import SYSTEM, FontMissing, font_files, main, prepare_fonts, ready
from kiosk.ui.icons import ICONS, cover
from kiosk.ui.sound import RATE, SOUNDS, samples
from kiosk.ui.words import LANGUAGES, Catalogue


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    try:
        return prepare_fonts(tmp_path_factory.mktemp("fonts"))
    except FontMissing as error:
        pytest.skip(str(error))


def test_a_machine_without_a_chinese_font_is_told_which_package_to_install(tmp_path):
    with pytest.raises(FontMissing, match="apt-get install fonts-noto-cjk"):
        prepare_fonts(tmp_path / "cache", tmp_path)
    assert not ready(font_files(tmp_path / "cache"))


def test_the_simplified_chinese_face_is_chosen_not_the_first_one(fonts):
    if not (SYSTEM / "opentype/noto/NotoSansCJK-Regular.ttc").is_file():
        pytest.skip("another Chinese font is installed")
    assert "SC" in TTFont(fonts.regular, lazy=True)["name"].getDebugName(1)
    assert "Bold" in TTFont(fonts.bold, lazy=True)["name"].getDebugName(4)


def test_every_letter_of_every_sentence_has_a_glyph(fonts):
    catalogue = Catalogue.load()
    letters = {
        letter
        for language in LANGUAGES
        for key in catalogue.keys(language)
        for letter in catalogue.sentence(language, key)
    } | set("¥−0123456789.,·")
    for path in (fonts.regular, fonts.bold):
        known = TTFont(path, lazy=True).getBestCmap()
        assert [letter for letter in letters if ord(letter) not in known] == []


def test_all_figures_are_equally_wide(fonts):
    for path in (fonts.regular, fonts.bold):
        font = TTFont(path, lazy=True)
        widths = {font["hmtx"][font.getBestCmap()[ord(figure)]][0] for figure in "0123456789"}
        assert len(widths) == 1


def test_prepared_fonts_are_not_made_again(fonts, capsys):
    before = fonts.regular.stat().st_mtime_ns
    assert main(["--cache", str(fonts.regular.parent)]) == 0
    assert fonts.regular.stat().st_mtime_ns == before
    assert [Path(line) for line in capsys.readouterr().out.split()] == [fonts.regular, fonts.bold]


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_drawn_within_its_grid(name):
    drawn = cover(name, 96)
    assert drawn.max() == 255
    assert 0.02 < (drawn > 127).mean() < 0.6
    edge = [*drawn[0], *drawn[-1], *drawn[:, 0], *drawn[:, -1]]
    assert max(edge) < 200


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_short_and_ends_in_silence(name):
    sound = samples(SOUNDS[name])
    assert 0.05 < len(sound) / 2 / RATE < 1.5
    assert sound[-40:] == bytes(40)
