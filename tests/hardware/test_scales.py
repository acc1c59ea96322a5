"""Every scale's driver against the simulated scale that speaks its bytes."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from decimal import Decimal

import pytest

from hardware.devices import Scale, ScaleStatus
from hardware.errors import NotSupported, Offline
from hardware.link import Backoff
from hardware.scales.cas import CasScale
from hardware.scales.continuous import FORMATS, ContinuousScale
from hardware.scales.dialog06 import Dialog06Scale
from hardware.scales.mettler8217 import Mettler8217
from hardware.scales.nci import NciScale
from hardware.scales.peer import ScalePeer
from hardware.testing import ScaleContract, ScaleRig, wait_until

QUICK = {"poll_s": 0.02, "stale_s": 0.4, "backoff": Backoff(0.01, 0.05)}


@contextmanager
def on_line(folder, speaks, driver, **options):
    peer = ScalePeer(folder / "scale", speaks, settle_s=0.03, every_s=0.02)
    peer.start()
    scale = driver(path=str(folder / "scale"), **{**QUICK, **options})
    assert isinstance(scale, Scale)
    try:
        yield ScaleRig(scale, peer.order)
    finally:
        scale.close()
        peer.stop()


class TestMettler8217(ScaleContract):
    def rig(self, folder):
        return on_line(folder, "mettler-8217", Mettler8217)


class TestCas(ScaleContract):
    zeroes = False

    def rig(self, folder):
        return on_line(folder, "cas", CasScale)


class TestNci(ScaleContract):
    def rig(self, folder):
        return on_line(folder, "nci", NciScale)


class TestDialog06(ScaleContract):
    weighs_unasked = False
    zeroes = False

    def rig(self, folder):
        return on_line(folder, "dialog06", Dialog06Scale)


class TestContinuous(ScaleContract):
    zeroes = False

    def rig(self, folder):
        return on_line(folder, "st-gs", ContinuousScale, format="st-gs")


@pytest.mark.parametrize(
    ("speaks", "driver", "options"),
    [
        ("cas-0", CasScale, {"type": "0"}),
        ("cas-7", CasScale, {"type": "7"}),
        ("nci-ecr", NciScale, {}),
        *((name, ContinuousScale, {"format": name}) for name in FORMATS),
    ],
)
def test_every_variant_is_weighed(tmp_path, speaks, driver, options):
    if speaks == "toledo":
        options = {**options, "checksum": True}
    if speaks == "aihua":
        options = {**options, "unit": "g"}
    with on_line(tmp_path, speaks, driver, **options) as rig:
        rig.scale.open()
        rig.person("load 1234")
        assert rig.scale.read_weight(3.0).grams == 1234


def test_a_scale_in_another_unit_is_refused_and_told(tmp_path):
    with on_line(tmp_path, "cas", CasScale, unit="lb") as rig:
        rig.scale.open()
        rig.person("load 1234")
        with pytest.raises(Offline, match="kg and not in lb"):
            rig.scale.read_weight(0.15)
        assert rig.scale.live_weight().status is ScaleStatus.NOT_READY
        assert rig.scale.check_health().mend == "Set the scale to lb."


@pytest.mark.parametrize(
    ("unit", "grams"), [("kg", "1234"), ("lb", "559.73298458"), ("oz", "34.983311536250")]
)
def test_every_unit_becomes_exact_grams(tmp_path, unit, grams):
    with on_line(tmp_path, "mettler-8217", Mettler8217, unit=unit) as rig:
        rig.scale.open()
        rig.person("load 1234")  # shown as 1.234 of whatever the scale weighs in
        assert rig.scale.read_weight(3.0).grams == Decimal(grams)


def test_a_tare_by_weight_and_one_of_the_load_make_net_weights(tmp_path):
    with on_line(tmp_path, "mettler-8217", Mettler8217) as rig:
        rig.scale.open()
        rig.scale.tare_weight(Decimal(125))
        rig.person("load 1000")
        net = rig.scale.read_weight(3.0)
        assert (net.grams, net.tare) == (Decimal(875), Decimal(125))
        rig.scale.tare_weight(Decimal(0))
        assert wait_until(lambda: rig.scale.live_weight().grams == Decimal(1000))
        rig.scale.tare_weight()
        assert wait_until(lambda: rig.scale.live_weight().status is ScaleStatus.ZERO)
        rig.person("load 1400")
        assert rig.scale.read_weight(3.0).grams == Decimal(400)
        with pytest.raises(ValueError, match="-1"):
            rig.scale.tare_weight(Decimal(-1))


def test_a_tare_that_the_protocol_does_not_have_is_refused(tmp_path):
    with on_line(tmp_path, "cas", CasScale) as rig:
        rig.scale.open()
        for grams in (None, Decimal(10)):
            with pytest.raises(NotSupported):
                rig.scale.tare_weight(grams)


def test_a_wrong_checksum_of_the_software_gives_no_weight(tmp_path):
    with on_line(tmp_path, "dialog06", Dialog06Scale, polynomial="18005") as rig:
        rig.scale.open()
        rig.person("load 1234")
        with pytest.raises(Offline):
            rig.scale.read_weight(0.2, 1980)


def test_the_scale_program_takes_orders(tmp_path):
    link, control = tmp_path / "scale", tmp_path / "control"
    command = [sys.executable, "-m", "hardware.scales.peer", "--link", str(link)]
    process = subprocess.Popen(
        [*command, "--speaks", "nci", "--settle", "0.05", "--control", str(control)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline()
    scale = NciScale(path=str(link), **QUICK)
    scale.open()
    process.stdin.write("load 640\n")
    process.stdin.close()
    assert scale.read_weight(3.0).grams == Decimal(640)
    control.write_text("load 900\n")
    assert scale.read_weight(3.0).grams == Decimal(900)
    scale.close()
    process.terminate()
    assert process.wait(5) == 0
    process.stdout.close()
    assert not control.exists()
