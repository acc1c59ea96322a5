"""Nothing of a face is left by a visit: not in a file, a log, the ledger, or on a socket.

Every frame carries a canary. While a shopper pays by face, everything that core and faces hand to
the kernel is read; afterwards all files are. Each search is tried on what it must find first.
"""

from __future__ import annotations

import base64
import re
import shutil
import sqlite3
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from shopper import QUICK, Shopper, eventually
from traces_of_a_face import CANARY, found_in, with_canary
from witness import Handed, Witness

from hardware.cameras.pictures import composition_of, find_pictures
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage

pytestmark = [pytest.mark.display, pytest.mark.timeout(240)]
ASTRONAUT = "skimage:astronaut"


@pytest.fixture(scope="module")
def visit(display, tmp_path_factory):
    """One visit under observation: the shop as it was left, what was handed over, the preview."""
    if shutil.which("strace") is None:
        pytest.skip("strace is needed: apt install strace")
    folder = tmp_path_factory.mktemp("privacy")
    picture = cv2.imread(str(find_pictures("camera", ASTRONAUT)[0]))
    cv2.imwrite(str(folder / "canary.png"), with_canary(picture, 0.60, 0.72))
    face = composition_of(ASTRONAUT)
    camera = {
        "picture": str(folder / "canary.png"),
        "focus": [face.focus_x, face.focus_y],
        "visible": face.visible,
        "noise": 0,
    }
    play = Play(display, settings={**QUICK, "faces.camera": camera, "visit": {"done": 1.0}})
    with Stage(folder / "shop", play) as shop:
        shopper = Shopper(shop)
        shopper.comes_to_an_idle_kiosk()
        with Witness(folder, {name: shop.pid(name) for name in ("core", "faces")}) as witness:
            shopper.goes_to_pay()
            shopper.chooses_face()
            shopper.sees("FACE")
            live = preview_of(shop)
            eventually(lambda: found_in(live.read_bytes()) != [], "the canary before the camera")
            shopper.sees("DONE", timeout=60)
            shopper.comes_to_an_idle_kiosk()
        yield shop, list(witness.handed()), live


def preview_of(shop) -> Path:
    (path,) = shop.run.rglob("*preview*")
    return path


def files_of(shop) -> list[Path]:
    """All that the kiosk keeps; the wallet's own books, where faces are enrolled, are not his."""
    kept = [*shop.folder.rglob("*"), *shop.run.rglob("*")]
    return [one for one in kept if one.is_file() and shop.folder / "sandbox" not in one.parents]


def text_of(handed: list[Handed], where: str) -> bytes:
    return b"\n".join(one.content for one in handed if one.where.startswith(where))


def test_the_search_finds_what_it_looks_for(visit):
    shop, _, _ = visit
    row = bytes(CANARY) * 40
    template = np.random.default_rng(1).normal(size=128).astype("<f4")
    template /= np.linalg.norm(template)
    packed = template.tobytes()
    digits = ",".join(f"{number:.6f}" for number in template).encode()
    frame = np.full((32, 32, 3), 7, np.uint8)
    for planted in (
        row,
        row[1:],
        bytes(CANARY[::-1]) * 40,
        base64.b64encode(b"x" + row),
        row.hex().encode(),
        packed,
        b"odd" + packed,
        template.astype("<f8").tobytes(),
        base64.b64encode(struct.pack(">H", 128) + packed),
        b'{"template":[' + digits + b"]}",
        cv2.imencode(".jpg", frame)[1].tobytes(),
        cv2.imencode(".png", frame)[1].tobytes(),
    ):
        assert found_in(b"before" + planted + b"after"), planted[:40]
    with sqlite3.connect(next((shop.folder / "sandbox").glob("sandbox.db"))) as wallet:
        ((enrolled,),) = wallet.execute("SELECT template FROM face").fetchall()
    assert found_in(enrolled) == ["a template in <f4"]
    assert found_in(bytes(range(256)) * 64) == []


def test_the_visit_was_seen_whole(visit):
    """Otherwise finding nothing would mean nothing."""
    _, handed, _ = visit
    wrote = {(one.process, one.where.split(":")[0].rpartition("/")[2]) for one in handed}
    assert {("core", "TCP"), ("core", "UNIX-STREAM"), ("faces", "UNIX-STREAM")} <= wrote
    assert any(name == "core" and where.startswith("ledger-") for name, where in wrote)
    assert b'"rawdata"' in text_of(handed, "UNIX-STREAM")


def test_no_picture_and_no_template_leaves_the_faces_process(visit):
    _, handed, _ = visit
    left = [(one.process, one.where, found_in(one.content)) for one in handed]
    assert [one for one in left if one[-1]] == []
    assert {one.call for one in handed} <= {"write", "pwrite64", "sendto", "sendmsg", "writev"}


def test_no_file_of_the_kiosk_holds_a_picture_or_a_template(visit):
    shop, _, live = visit
    files = files_of(shop)
    assert live in files
    assert any(path.name.startswith("ledger-") for path in files)
    slips = set(shop.slips.rglob("*.png"))  # drawn by the simulated printer
    left = {path.name: found_in(path.read_bytes()) for path in files if path not in slips}
    assert {name: found for name, found in left.items() if found} == {}


def test_a_token_goes_to_the_wallet_and_nowhere_else(visit):
    shop, handed, _ = visit
    to_wallet = text_of(handed, "TCP")
    tokens = set(re.findall(rb"<auth_code>(?:<!\[CDATA\[)?(\d+)", to_wallet))
    permissions = set(re.findall(rb'"authinfo": ?"([^"]+)"', to_wallet))
    samples = set(re.findall(rb'"rawdata": ?"([^"]+)"', text_of(handed, "UNIX-STREAM")))
    assert all((tokens, permissions, samples))
    elsewhere = [one for one in handed if not one.where.startswith(("TCP", "UNIX-STREAM"))]
    for secret in tokens | permissions | samples:
        assert [one.where for one in elsewhere if secret in one.content] == []
        assert [path for path in files_of(shop) if secret in path.read_bytes()] == []
    for token in tokens:
        assert token not in text_of(handed, "UNIX-STREAM")
