"""The selector loop, its lines, and how they come back."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from hardware.errors import Busy, DeviceError, NotFound, Offline
from hardware.link import Backoff, Link
from hardware.loop import DeviceLoop
from hardware.pseudo import PseudoTerminal
from hardware.testing import wait_until
from hardware.transport import check_serial_options, memory_pair, open_serial, open_tcp


@pytest.fixture
def loop():
    loop = DeviceLoop()
    loop.start()
    yield loop
    loop.stop()


@pytest.fixture
def terminal(tmp_path):
    line = PseudoTerminal(tmp_path / "line")
    line.plug()
    yield line
    line.unplug()


def test_bytes_arrive_on_the_loops_thread_in_order(loop):
    pair = memory_pair()
    got: list[tuple[bytes, bool]] = []
    loop.register(pair.near, lambda data: got.append((data, loop.in_loop)), got.append)
    for part in (b"one ", b"two ", b"three"):
        pair.far.write(part, time.monotonic() + 1)
    assert wait_until(lambda: b"".join(data for data, _ in got) == b"one two three")
    assert all(in_loop for _, in_loop in got)
    assert not loop.in_loop


def test_a_line_that_ends_is_told_once_with_its_mend(loop):
    pair = memory_pair("scale")
    lost: list[DeviceError] = []
    loop.register(pair.near, lambda _data: None, lost.append)
    pair.far.close()
    assert wait_until(lambda: len(lost) == 1)
    assert isinstance(lost[0], Offline)
    assert lost[0].device == "scale"
    assert lost[0].mend


def test_a_failing_driver_does_not_take_the_others_along(loop, caplog):
    bad, good = memory_pair(), memory_pair()
    got: list[bytes] = []
    loop.register(bad.near, lambda _data: 1 / 0, lambda _error: None)
    loop.register(good.near, got.append, lambda _error: None)
    bad.far.write(b"x", time.monotonic() + 1)
    good.far.write(b"y", time.monotonic() + 1)
    assert wait_until(lambda: got == [b"y"])
    assert wait_until(lambda: "a device callback failed" in caplog.text)


def test_timers_run_in_the_order_of_their_time_and_can_be_cancelled(loop):
    ran: list[str] = []
    loop.call_later(0.06, lambda: ran.append("late"))
    loop.call_later(0.02, lambda: ran.append("early"))
    loop.call_later(0.04, lambda: ran.append("never")).cancel()
    assert wait_until(lambda: len(ran) == 2)
    assert ran == ["early", "late"]


def test_stopping_closes_every_line_and_may_come_twice(loop):
    pair = memory_pair()
    loop.register(pair.near, lambda _data: None, lambda _error: None)
    loop.call_soon(lambda: None)
    assert wait_until(lambda: loop._selector is not None and len(loop._selector.get_map()) == 2)
    loop.stop()
    loop.stop()
    with pytest.raises(Offline):
        pair.far.read()


def test_a_write_ends_at_its_deadline_and_tells_how_much_went():
    pair = memory_pair()
    begun = time.monotonic()
    sent = pair.near.write(b"x" * 10_000_000, begun + 0.05)
    assert 0 < sent < 10_000_000
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("through_link", [False, True])
def test_a_line_that_ends_within_a_write_tells_how_much_went(loop, through_link):
    pair = memory_pair()
    link = Link("printer", loop, lambda: pair.near, lambda _data: None, backoff=Backoff(9, 9))
    if through_link:
        link.open()
    writer = link if through_link else pair.near
    end = threading.Timer(0.1, pair.far.close)
    end.start()
    sent = writer.write(b"x" * 10_000_000, time.monotonic() + 10)
    assert 0 < sent < 10_000_000
    with pytest.raises(Offline):
        writer.write(b"x", time.monotonic() + 1)
    link.close()


def test_a_write_to_an_ended_line_raises_and_says_that_nothing_went():
    pair = memory_pair()
    pair.far.close()
    with pytest.raises(Offline):
        pair.near.write(b"x", time.monotonic() + 0.1)


def test_a_serial_line_carries_every_byte_both_ways(terminal, tmp_path):
    transport = open_serial("printer", str(tmp_path / "line"))
    every = bytes(range(256))
    assert transport.write(every, time.monotonic() + 1) == 256
    arrived = bytearray()
    assert wait_until(lambda: arrived.extend(terminal.read()) or bytes(arrived) == every)
    terminal.write(every)
    received = bytearray()
    assert wait_until(lambda: received.extend(transport.read()) or bytes(received) == every)
    transport.close()
    transport.close()


def test_a_line_that_was_closed_is_free_for_the_next_at_once(loop, terminal, tmp_path):
    path = str(tmp_path / "line")
    first, second = (
        Link("scanner", loop, lambda: open_serial("scanner", path), lambda _data: None)
        for _ in range(2)
    )
    first.open()
    loop.call_soon(lambda: time.sleep(0.1))  # some other device's turn
    first.close()
    second.open()
    second.close()


def test_a_line_is_closed_as_well_where_the_loop_has_ended():
    loop, pair = DeviceLoop(), memory_pair()
    loop.start()
    link = Link("scanner", loop, lambda: pair.near, lambda _data: None)
    link.open()
    loop.stop()
    begun = time.monotonic()
    link.close()
    assert time.monotonic() - begun < 0.5


@pytest.mark.usefixtures("terminal")
def test_a_serial_line_is_held_by_one_only(tmp_path):
    first = open_serial("printer", str(tmp_path / "line"))
    with pytest.raises(Busy) as raised:
        open_serial("printer", str(tmp_path / "line"))
    assert raised.value.mend
    first.close()
    open_serial("printer", str(tmp_path / "line")).close()


def test_a_path_that_is_no_line_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        open_serial("printer", str(tmp_path / "nothing"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotFound):
        open_serial("printer", str(tmp_path / "file"))


def test_tcp_carries_bytes_and_a_closed_port_is_not_found():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        transport = open_tcp("printer", "127.0.0.1", port)
        peer, _ = server.accept()
        transport.write(b"\x1b\x40", time.monotonic() + 1)
        assert peer.recv(10) == b"\x1b\x40"
        peer.close()
        with pytest.raises(Offline):
            wait_until(lambda: transport.read() != b"")
        transport.close()
    with pytest.raises(NotFound):
        open_tcp("printer", "127.0.0.1", port)


@pytest.mark.parametrize(
    ("options", "word"),
    [((9601, "N", "none"), "baud"), ((9600, "X", "none"), "parity"), ((9600, "N", "x"), "flow")],
)
def test_bad_serial_options_are_named(options, word):
    with pytest.raises(ValueError, match=word):
        check_serial_options(*options)


def test_backoff_doubles_up_to_its_limit():
    backoff = Backoff(0.5, 10)
    assert [backoff.after(n) for n in range(6)] == [0.5, 1, 2, 4, 8, 10]
    assert backoff.after(1000) == 10


def test_a_link_comes_back_by_the_same_path(loop, terminal, tmp_path):
    got: list[bytes] = []
    events: list[str] = []
    link = Link(
        "scanner",
        loop,
        lambda: open_serial("scanner", str(tmp_path / "line")),
        got.append,
        on_up=lambda: events.append("up"),
        on_down=lambda error: events.append(type(error).__name__),
        backoff=Backoff(0.01, 0.02),
    )
    link.open()
    link.open()
    terminal.unplug()
    assert wait_until(lambda: events == ["Offline"])
    with pytest.raises(Offline):
        link.write(b"x", time.monotonic() + 0.1)
    assert wait_until(lambda: isinstance(link.last_error, NotFound))
    terminal.plug()
    assert wait_until(lambda: events == ["Offline", "up"])
    terminal.write(b"again")
    assert wait_until(lambda: b"".join(got) == b"again")
    assert link.losses == 1
    link.close()
    assert not link.up


def test_a_closed_link_stays_closed(loop, terminal, tmp_path):
    link = Link(
        "scanner",
        loop,
        lambda: open_serial("scanner", str(tmp_path / "line")),
        lambda _data: None,
        backoff=Backoff(0.01, 0.02),
    )
    link.open()
    link.close()
    terminal.unplug()
    terminal.plug()
    time.sleep(0.08)
    assert not link.up


def test_closing_never_waits_for_a_stalled_writer(loop):
    pair = memory_pair()
    link = Link("printer", loop, lambda: pair.near, lambda _data: None)
    link.open()
    sent: list[int] = []
    job = threading.Thread(
        target=lambda: sent.append(link.write(b"x" * 10_000_000, time.monotonic() + 30))
    )
    job.start()
    time.sleep(0.1)
    begun = time.monotonic()
    link.close()
    job.join(2)
    assert time.monotonic() - begun < 1
    assert 0 < sent[0] < 10_000_000
