"""What goes wrong in a shop: the shopper reads one clear sentence, staff find cause and mend."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest
from ledger_on_disk import everything, last_state, states
from shopper import EGGS, QUICK, Shopper, eventually

from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage
from models.weights import weights_folder

pytestmark = [pytest.mark.display, pytest.mark.timeout(120)]


def held(shop):
    return shop.sandbox("GET", "/sandbox/audit")["money_held"]


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("6909999999996", "hint.unknown_barcode"),
        ("6901000000043", "hint.bad_check_digit"),
        ("130000000000000001", "hint.payment_code_in_basket"),
        ("https://example.cn/a", "hint.wrong_qr"),
        ("not a code", "hint.unknown_barcode"),
    ],
)
def test_a_code_that_is_no_goods_is_explained_and_the_basket_stays(shop, shopper, code, hint):
    shopper.fills_a_basket()
    shop.scan(code)
    shopper.finger.wait_until(lambda seen: seen.hint == hint, hint)
    shopper.scans(EGGS)
    assert shopper.sees("BASKET").screen == "BASKET"


def test_a_payment_code_is_spent_once(shop, shopper):
    shop.sandbox(
        "POST", "/sandbox/scripts", {"script": "decline NOTENOUGH", "api": "micropay", "count": 1}
    )
    shopper.goes_to_pay()
    code = shopper.shows_a_code()
    shopper.sees("TROUBLE")
    shopper.touches("back")
    shopper.touches("tender.code")
    shopper.sees("CODE")
    before = len(states(shop))
    shop.scan(code)
    shopper.finger.wait_until(lambda seen: seen.hint == "hint.code_already_used", "the hint")
    assert len(states(shop)) == before


def test_no_code_no_key_and_no_face_is_ever_written(shop, shopper):
    shopper.goes_to_pay()
    code = shopper.shows_a_code()
    shopper.sees("DONE")
    shopper.comes_to_an_idle_kiosk()
    shopper.goes_to_pay()
    shopper.chooses_face()
    shopper.sees("DONE", timeout=30)
    key = (shop.folder / "wechatpay.key").read_text("ascii")
    logs = "".join(path.read_text("utf-8") for path in (shop.folder / "logs").glob("*.log"))
    for text in (everything(shop), logs, shop.places.steps.read_text("utf-8")):
        assert code not in text
        assert key not in text
        assert "rawdata" not in text


def test_a_printer_without_paper_does_not_touch_the_payment(shop, shopper):
    before = held(shop)
    shop.printer("paper out")
    try:
        shopper.goes_to_pay()
        shopper.shows_a_code()
        assert shopper.sees("DONE").said == "say.paid"
        assert held(shop) - before == 690
        assert last_state(shop) == "PAID"
    finally:
        shop.printer("paper in")


def test_a_camera_that_hangs_ends_the_attempt_and_the_code_still_pays(shop, shopper):
    shop.scene("picture 0.2s, stuck")
    shopper.goes_to_pay()
    shopper.chooses_face()
    seen = shopper.sees("TROUBLE", timeout=40)
    assert seen.said in ("say.face_unavailable", "say.face_timed_out")
    shop.scene("picture")
    shopper.touches("back")
    shopper.sees("TENDER")
    shopper.shows_a_code()
    shopper.sees("DONE")


def test_a_sandbox_that_is_down_takes_the_tenders_off_the_screen_and_they_come_back(shop, shopper):
    shopper.goes_to_pay()
    shop.kill("sandbox")
    shopper.finger.wait_until(
        lambda seen: not seen.can_touch("tender.code"), "the tender to go", timeout=60
    )
    shopper.touches("back")
    shopper.sees("BASKET")
    shop.start("sandbox")
    shopper.touches("pay")
    shopper.finger.wait_until(
        lambda seen: seen.can_touch("tender.code"), "the tender to come back", timeout=40
    )


def test_a_config_with_an_unknown_key_names_file_line_and_key(shop, tmp_path):
    text = shop.places.config.read_text("utf-8").replace("[shop]", '[shop]\ncolour = "red"')
    broken = tmp_path / "kiosk.toml"
    broken.write_text(text, "utf-8")
    answer = subprocess.run(
        [sys.executable, "-m", "kiosk", "core", "--config", str(broken)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    line = text.splitlines().index('colour = "red"') + 1
    assert answer.returncode == 1
    assert f"{broken}:{line}: shop.colour" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_camera_that_is_unplugged_takes_the_face_off_the_screen_until_it_is_back(shop, shopper):
    shop.scene("picture 0.2s, gone")
    shopper.goes_to_pay()
    shopper.chooses_face()
    seen = shopper.sees("TROUBLE", timeout=40)
    assert (seen.said, seen.detail) == ("say.face_unavailable", "money.none_taken")
    shop.scene("picture")
    shopper.touches("back")
    shopper.sees("TENDER")
    shopper.chooses_face()
    assert shopper.sees("DONE", timeout=30).said == "say.paid"


def test_a_printer_that_is_unplugged_does_not_touch_the_payment(shop, shopper):
    before = held(shop)
    shop.printer("unplug")
    try:
        shopper.goes_to_pay()
        shopper.shows_a_code()
        assert shopper.sees("DONE").said == "say.paid"
        assert held(shop) - before == 690
    finally:
        shop.printer("plug")


def test_an_altered_model_takes_the_face_off_the_screen_and_the_code_pays(shop, shopper, tmp_path):
    weights = tmp_path / "weights"
    shutil.copytree(weights_folder(os.environ), weights)
    with next(iter(weights.glob("*sface*"))).open("ab") as altered:
        altered.write(b"\0")
    config = shop.places.config
    kept = config.read_text("utf-8")
    config.write_text(kept.replace("[faces]", f'[faces]\nweights = "{weights}"'), "utf-8")
    try:
        shop.kill("faces")
        shop.start("faces")
        log = shop.folder / "logs" / "faces.log"
        eventually(lambda: "expected SHA-256" in log.read_text("utf-8"), "the refusal")
        shopper.goes_to_pay()
        assert not shopper.sees("TENDER").can_touch("tender.face")
        shopper.shows_a_code()
        assert shopper.sees("DONE").said == "say.paid"
    finally:
        config.write_text(kept, "utf-8")
        shop.kill("faces")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 24 MiB of our own, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_puts_the_kiosk_out_of_order_and_room_brings_it_back(
    display, tmp_path, small_disk
):
    with Stage(
        tmp_path / "shop", Play(display, settings={**QUICK, "paths": {"state": str(small_disk)}})
    ) as s:
        shopper = Shopper(s)
        shopper.sees("ATTRACT", timeout=30)
        filling = small_disk / "filling"
        filling.write_bytes(b"\0" * (20 << 20))
        assert shopper.sees("OUT_OF_ORDER").said == "out.ledger"
        s.scan(EGGS)
        time.sleep(0.5)  # whatever it did, it has done
        assert shopper.sees("OUT_OF_ORDER").said == "out.ledger"
        filling.unlink()
        shopper.sees("ATTRACT")
