"""Every scale's driver against the simulated scale that speaks its bytes."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from hardware.devices import Scale
from hardware.link import Backoff
from hardware.scales.cas import CasScale
from hardware.scales.continuous import FORMATS, ContinuousScale
from hardware.scales.dialog06 import Dialog06Scale
from hardware.scales.mettler8217 import Mettler8217
from hardware.scales.nci import NciScale
from hardware.scales.peer import ScalePeer
from hardware.scales.testing import ScaleContract, ScaleRig

QUICK = {"poll_s": 0.02, "stale_s": 0.12, "backoff": Backoff(0.01, 0.05)}


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


class TestOs2x(ScaleContract):
    def rig(self, folder):
        return on_line(folder, "os2x", ContinuousScale, format="os2x")


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
