"""A picture of every screen, state and language, and what must hold on each of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

PICTURES = Path(__file__).resolve().parents[2] / "build" / "screens"
scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", sorted(scenes.SCENES))
def test_every_text_fits_and_every_target_can_be_hit(panel, name, language):
    panel.scene(name, language)
    PICTURES.mkdir(parents=True, exist_ok=True)
    Image.fromarray(panel.picture()).save(PICTURES / f"{name}.{language}.png", compress_level=1)
