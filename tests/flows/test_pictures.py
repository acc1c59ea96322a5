"""A picture of every screen in both languages, each taken inside a visit, in build/screens/."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image

from kiosk.demo.display import photograph

pytestmark = [pytest.mark.display, pytest.mark.timeout(180)]

FOLDER = Path(__file__).parents[2] / "build" / "screens" / "visits"


class Photographer:
    """Takes pictures of what the shopper sees, once it stands still."""

    def __init__(self, shop, shopper, language):
        self.shop, self.shopper, self.language = shop, shopper, language

    def take(self, screen, name=None, settled=0.6):
        """`settled` seconds after it came: then the amounts have finished counting."""
        seen = self.shopper.sees(screen)
        time.sleep(settled)
        assert seen.language == self.language
        path = FOLDER / f"{self.language}-{name or screen.lower()}.png"
        photograph(self.shop.play.display, path)
        with Image.open(path) as picture:
            assert picture.size == (1080, 1920)
            assert len(picture.convert("RGB").resize((108, 192)).getcolors(1 << 16) or []) > 16
        return path


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_screen_is_photographed_inside_a_visit(shop, shopper, language):
    photos = Photographer(shop, shopper, language)
    shopper.finger.wait_until(lambda seen: seen.can_touch("start"), "the attract screen")
    if shopper.sees("ATTRACT").language != language:
        shopper.touches(f"language.{language}")
    shopper.finger.wait_until(lambda seen: seen.language == language, language)
    photos.take("ATTRACT")
    shopper.touches("start")
    photos.take("BASKET", "basket-empty")
    shopper.scans("6901000000042", "6923000000037", "6912000000048", "2100101012341")
    photos.take("BASKET")
    shopper.touches("pay")
    photos.take("TENDER")
    shopper.touches("tender.code")
    photos.take("CODE")
    shopper.touches("other_way")
    shopper.sees("TENDER")
    shop.kill("core")
    photos.take("OUT_OF_ORDER")
    shop.start("core")
    shopper.sees("BASKET")
    shopper.touches("pay")
    shop.scene("empty")
    shopper.finger.wait_until(lambda seen: seen.can_touch("tender.face"), "face pay", timeout=30)
    shopper.touches("tender.face")
    photos.take("NOTICE")
    shopper.touches("accept")
    photos.take("FACE", "face-nobody")
    shop.sandbox("POST", "/sandbox/scripts", {"script": "userpaying phone", "api": "micropay"})
    shop.scene("picture")
    photos.take("FACE", settled=0.2)
    shopper.is_told("say.confirm_on_phone")
    photos.take("WAITING")
    shopper.touches("other_way")
    photos.take("TROUBLE")
    shopper.touches("back")
    shopper.sees("TENDER")
    _pays_in_parts(photos)
    photos.take("DONE")
    pictures = {path.read_bytes() for path in FOLDER.glob(f"{language}-*.png")}
    assert len(pictures) == 15


def _pays_in_parts(photos):
    shopper = photos.shopper
    shopper.touches("split")
    shopper.sees("PART")
    shopper.touches("part.half")
    photos.take("PART")
    shopper.touches("part.done")
    shopper.sees("TENDER")
    shopper.shows_a_code()
    photos.take("TENDER", "tender-rest")
    shopper.asks_for_a_qr()
    photos.take("QR")
    shopper.phone.pays()
