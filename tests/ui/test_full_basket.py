"""A basket as full as it gets, with names of every kind: pages, and a foot that stays."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from tests.ui.test_pictures import check

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display
NAMES = ("𰻝𰻝面🌶", "x" * 60, "特级初榨橄榄油礼盒装七百五十毫升两瓶" * 2, "🍎👨‍👩‍👧‍👦", "W" * 40)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_hundred_lines_are_paged_and_every_one_can_be_reached(panel, language):
    panel.scene("basket-empty")
    full = scenes.basket(200, language=language)
    named = tuple(
        replace(line, names={"zh": NAMES[at % 5], "en": NAMES[at % 5]})
        for at, line in enumerate(full.lines)
    )
    panel.show(replace(full, lines=named, total_fen=4_999_999))
    check(panel)
    panel.keep(f"basket-full.{language}")
    lines = panel.app.stage.view.ids.lines
    seen = set()
    for _ in range(int(lines.pages)):
        seen |= {row.line.line_id for row in lines.children}
        if lines.page + 1 < lines.pages:
            panel.tap("page.down")
            panel.settle()
    assert seen == set(range(1, 201))
    check(panel)
    assert len(lines.children) + len(lines._spare) <= 2 * lines.per_page, "rows are used again"
