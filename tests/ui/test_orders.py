"""The board over the counter: who is called, what fits, and the process on a display of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.messages import Role
from kiosk.messages.menu import OrdersShown
from kiosk.ui.board import FRESH, TURN, Orders, grid_for, turn_of
from kiosk.ui.fonts import FontMissing, prepare_fonts
from kiosk.wire import Server

SHOWN = OrdersShown(("101", "102", "103"), ("98", "99"), "zh", {"zh": "小馆", "en": "Kitchen"})


def test_nobody_is_called_by_what_was_ready_before_the_board_came_up():
    orders = Orders().follow(SHOWN, 0.0)
    assert orders.ready == ("99", "98"), "the newest first"
    assert orders.fresh == {}


def test_a_number_is_called_once_and_stays_lit_for_a_while():
    before = Orders().follow(SHOWN, 0.0)
    after = before.follow(replace(SHOWN, ready=("98", "99", "101")), 5.0)
    assert after.newly(before)
    assert list(after.fresh) == ["101"]
    again = after.follow(replace(SHOWN, ready=("98", "99", "101")), 6.0)
    assert not again.newly(after)
    assert again.at(5.0 + FRESH).fresh == {}
    assert again.at(6.0) is again


def test_a_number_that_was_collected_is_not_lit_any_more():
    orders = Orders().follow(SHOWN, 0.0).follow(replace(SHOWN, ready=("98", "99", "101")), 1.0)
    assert orders.follow(SHOWN, 2.0).fresh == {}


@pytest.mark.parametrize(("count", "size"), [(1, 200), (2, 200), (3, 112), (6, 112), (40, 72)])
def test_numbers_are_as_large_as_lets_all_of_them_be_seen(count, size):
    assert grid_for(count, 860, 680, (200, 112, 72)).size == size


def test_pages_take_turns_where_even_the_smallest_numbers_are_too_many():
    numbers = [str(each) for each in range(25)]
    seen = [turn_of(numbers, 10, TURN * turn) for turn in range(4)]
    assert [len(page) for page in seen] == [10, 10, 5, 10]
    assert [number for page in seen[:3] for number in page] == numbers


@pytest.mark.display
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("name", "preparing", "ready", "lost"),
    [("nothing", 0, 0, False), ("few", 6, 3, False), ("many", 60, 30, True)],
)
def test_every_number_and_word_fits_on_the_board(panel, language, name, preparing, ready, lost):
    from kivy.core.window import Window
    from kivy.lang import Builder

    from kiosk.ui.orders import Board

    rules = rules_folder() / "orders.kv"
    if str(rules) not in Builder.files:
        Builder.load_file(str(rules))
    board = Board(reduce_motion=True)
    before = [str(1000 + each) for each in range(ready)]
    coming = [str(6789 + each) for each in range(preparing)]
    board.show(OrdersShown(tuple(coming), tuple(before[1:]), language, SHOWN.shop), 0.0)
    called = board.show(OrdersShown(tuple(coming), tuple(before), language, SHOWN.shop), 1.0)
    board.lost = lost
    Window.add_widget(board)
    try:
        for _ in range(3):
            board.tick(2.0, 1_760_000_000.0)
            panel.frames(2)
        assert called == bool(ready)
        assert misfits(board) == []
        panel.keep(f"board-{name}.{language}")
    finally:
        Window.remove_widget(board)


def rules_folder():
    from kiosk.ui import orders

    return Path(orders.__file__).parent


def misfits(board):
    from kivy.uix.label import Label

    found = []

    def walk(widget):
        if widget.opacity == 0:
            return
        if isinstance(widget, Label) and widget.text:
            x, y = widget.to_window(*widget.pos)
            wide, high = widget.texture_size
            inside = x >= -1 and y >= -1 and x + wide <= 1081 and y + high <= 1921
            if not inside or wide > widget.width + 1 or widget.font_size < 30:
                found.append((widget.text, widget.pos, widget.texture_size))
        for child in widget.children:
            walk(child)

    walk(board)
    return found


@contextmanager
def board_process(tmp_path, display):
    """`kiosk orders` on a display of its own, and the core's end of its line."""
    try:
        prepare_fonts(tmp_path / "cache")
    except FontMissing as error:
        pytest.skip(str(error))
    (tmp_path / "run").mkdir()
    config = tmp_path / "kiosk.toml"
    config.write_text(
        'terminal_id = "0001"\n'
        f'[paths]\nstate = "{tmp_path}"\nrun = "{tmp_path}/run"\ncache = "{tmp_path}/cache"\n'
        "[orders]\nfullscreen = false\nwidth = 640\nheight = 360\nsound = false\n"
        f'trace = "{tmp_path}/trace"\n',
        "utf-8",
    )
    heard = []
    server = Server(
        tmp_path / "run" / "core.sock",
        lambda _role, message: heard.append(message),
        lambda role, here: heard.append((role, here)),
    )
    server.start()
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "orders", "--config", str(config)],
        env={**os.environ, "DISPLAY": display},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield server, heard
    finally:
        process.terminate()
        process.wait(10)
        server.stop()


@pytest.fixture
def own_display():
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is missing: no window can be opened")
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", "640x360x24", "-nolisten", "tcp"],
        pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as answers:
        yield f":{answers.readline().strip()}"
    process.terminate()
    process.wait(10)


@pytest.mark.display
def test_the_boards_process_shows_what_the_core_says_and_that_it_is_gone(tmp_path, own_display):
    def traced(met):
        end = time.monotonic() + 40
        while time.monotonic() < end:
            path = tmp_path / "trace"
            if path.exists() and met(json.loads(path.read_text("utf-8"))):
                return
            time.sleep(0.05)
        raise AssertionError("the board did not show it")

    with board_process(tmp_path, own_display) as (server, heard):
        traced(lambda seen: seen["ready"] == [] and not seen["lost"])
        assert heard == [(Role.ORDERS, True)], "it says hello, and nothing else"
        server.send(Role.ORDERS, SHOWN)
        traced(lambda seen: seen["ready"] == ["99", "98"] and seen["fresh"] == [])
        server.send(Role.ORDERS, replace(SHOWN, ready=("98", "99", "101")))
        traced(lambda seen: seen["fresh"] == ["101"])
        server.stop()
        traced(lambda seen: seen["lost"])
