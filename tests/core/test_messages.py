"""Every message goes over the wire whole; anything else is refused by name."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.messages import (
    LIMIT,
    Captured,
    ChooseTender,
    Guiding,
    Hello,
    Hinting,
    LineShown,
    Message,
    Role,
    Screen,
    Showing,
    StartCapture,
    Text,
    decode,
    encode,
)
from kiosk.messages.brand import Branded
from kiosk.messages.goods import (
    MOST_FOUND,
    Browse,
    FindGoods,
    GoodsFound,
    GoodsShown,
    LiveWeight,
    PickGoods,
)

LINE = LineShown(1, {"zh": "苹果", "en": "Apples"}, 1, "1.234 kg", 1196, 1476, counted=False)
EXAMPLES = [
    Hello(Role.UI, "1"),
    ChooseTender("face"),
    Showing(
        Screen.BASKET, "v1", lines=(LINE,), said=Text("say.paid", {"a": "b"}), seconds_left=1.5
    ),
    Hinting(None, "tick"),
    Browse(),
    FindGoods("pg"),
    PickGoods("00101"),
    GoodsFound("pg", (GoodsShown("00101", {"zh": "苹果", "en": "Apples"}, 1196, picture="a.png"),)),
    LiveWeight("00101", "stable", 1234, 1476, again=True),
    Showing(Screen.BASKET, scale=True, weighing=GoodsShown("00101", {"zh": "苹果"}, 1196)),
    Guiding("a", "hold", 0.5),
    StartCapture("a"),
    Branded(("zh", "ja"), {"brand": "#0B6E4F"}, {"zh": {"attract.title": "欢迎"}}, 5.0),
]


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda one: type(one).__name__)
def test_a_message_comes_out_as_it_went_in(message):
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == message


def test_as_many_goods_as_may_be_told_fit_into_a_message():
    names = {"zh": "称" * 40, "en": "w" * 60}
    longest = GoodsShown("6901000000042", names, 9_999_999, picture="图" * 1_000)
    assert len(encode(GoodsFound("z" * 4_000, (longest,) * MOST_FOUND))) <= LIMIT


def test_every_message_without_fields_goes_both_ways():
    bare = [kind for kind in Message.__args__ if not kind.__dataclass_fields__]
    assert len(bare) >= 6
    for kind in bare:
        assert decode(encode(kind())) == kind()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"type": "Nobody"}',
        b'{"type": "ChooseTender"}',
        b'{"type": "ChooseTender", "tender": 3}',
        b'{"type": ["ChooseTender"]}',
        b'{"type": "Showing", "screen": "CASINO"}',
        b"\xff\xfe",
        b'{"type": ' + b"[" * 20_000,
        b'{"type": "' + b"x" * LIMIT + b'"}',
    ],
)
def test_what_is_no_message_is_a_value_error(line):
    with pytest.raises(ValueError, match="message"):
        decode(line)


@given(st.binary(max_size=400))
def test_random_bytes_are_never_more_than_a_value_error(line):
    try:
        decode(line)
    except ValueError:
        pass
    else:
        raise AssertionError("random bytes are no message")


def test_what_was_captured_is_not_in_a_messages_text():
    assert "secret" not in repr(Captured("a", "secret"))


MANY_AT_ONCE = """
import sys, threading
from kiosk.messages import Screen, Showing, decode, encode
sys.setswitchinterval(1e-6)
line, gate = encode(Showing(Screen.BASKET)), threading.Barrier(8)
def read():
    gate.wait()
    decode(line)
threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_threads_that_read_their_first_message_at_once_live():
    for _ in range(6):
        run = subprocess.run([sys.executable, "-c", MANY_AT_ONCE], check=False)
        assert run.returncode == 0
