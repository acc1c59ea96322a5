"""The lines between the processes: who is let in, what a broken line does, who wins."""

from __future__ import annotations

import os
import socket
import threading
import time

import pytest

from kiosk.messages import CallAttendant, ChooseTender, Guiding, Hinting, Pay, Role, encode
from kiosk.wire import Client, Server


class Core:
    """Collects what reaches the core."""

    def __init__(self, path, users=None):
        self.heard, self.changes = [], []
        self.server = Server(
            path,
            lambda role, message: self.heard.append((role, message)),
            lambda role, here: self.changes.append((role, here)),
            users,
        )
        self.server.start()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "core.sock"


def eventually(happened, what="it"):
    end = time.monotonic() + 5
    while not happened():
        assert time.monotonic() < end, f"waited for {what}"
        time.sleep(0.005)


def client(path, role=Role.UI):
    caller = Client(path, role, retry_after=0.02)
    caller.start()
    eventually(lambda: caller.connected, "the line")
    return caller


def test_messages_go_both_ways_in_order(path):
    core = Core(path)
    ui = client(path)
    eventually(lambda: core.server.connected(Role.UI))
    for number in range(200):
        ui.send(ChooseTender(str(number)))
    eventually(lambda: len(core.heard) == 200)
    assert [one.tender for _, one in core.heard] == [str(number) for number in range(200)]
    assert core.server.send(Role.UI, Hinting(None, "tick"))
    eventually(lambda: ui.drain() == [Hinting(None, "tick")])
    ui.stop()
    core.server.stop()


def test_a_caller_finds_a_core_that_comes_up_later_and_again(path):
    ui = Client(path, Role.UI, retry_after=0.02)
    ui.start()
    assert not ui.send(Pay())
    for _ in range(2):
        core = Core(path)
        eventually(lambda core=core: core.server.connected(Role.UI))
        core.server.stop()
        eventually(lambda: not ui.connected)
    ui.stop()


def test_the_newest_caller_in_a_role_wins(path):
    core = Core(path)
    first = client(path)
    eventually(lambda: core.server.connected(Role.UI))
    second = client(path)
    core.heard.clear()
    first.stop()
    second.send(CallAttendant())
    eventually(lambda: (Role.UI, CallAttendant()) in core.heard)
    second.stop()
    core.server.stop()


@pytest.mark.parametrize("role", [Role.FACES, Role.ORDERS])
def test_a_role_of_another_user_or_of_none_is_refused_where_one_is_bound(path, role):
    core = Core(path, {Role.FACES: os.getuid() + 1})
    # The core's own user may always call; so pretend to be the core of somebody else.
    core.server._users = {Role.FACES: os.getuid() + 1}
    original = os.getuid
    os.getuid = lambda: original() + 2
    try:
        faces = Client(path, role, retry_after=0.02)
        faces.start()
        time.sleep(0.3)
        assert not core.server.connected(role)
    finally:
        os.getuid = original
        faces.stop()
        core.server.stop()


@pytest.mark.parametrize("said", [b"hello\n", b'{"type":"Pay"}\n', b"{" * 300_000, b"\n\n\n"])
def test_who_does_not_say_hello_is_hung_up_on(path, said):
    core = Core(path)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.settimeout(5)
        stranger.connect(str(path))
        try:
            stranger.sendall(said)
            assert stranger.recv(1) == b""
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert core.changes == []
    core.server.stop()


def test_a_bad_message_ends_that_line_only(path):
    core = Core(path)
    ui, faces = client(path), client(path, Role.FACES)
    eventually(lambda: core.server.connected(Role.UI) and core.server.connected(Role.FACES))
    ui._line._socket.sendall(b"nonsense\n")
    eventually(lambda: (Role.UI, False) in core.changes)
    faces.send(Guiding("a", "hold"))
    eventually(lambda: (Role.FACES, Guiding("a", "hold")) in core.heard)
    eventually(lambda: core.server.connected(Role.UI), "the caller to call again")
    ui.stop()
    faces.stop()
    core.server.stop()


def test_a_peer_that_does_not_read_is_dropped_and_does_not_hold_the_core_up(path):
    core = Core(path)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.connect(str(path))
        from kiosk.messages import Hello

        deaf.sendall(encode(Hello(Role.UI, "1")))
        eventually(lambda: core.server.connected(Role.UI))
        long = Hinting(None, "x" * 100_000)
        started = time.monotonic()
        while core.server.send(Role.UI, long):
            assert time.monotonic() - started < 10
        assert time.monotonic() - started < 5
    core.server.stop()


def test_senders_on_two_threads_do_not_mix_their_lines(path):
    core = Core(path)
    ui = client(path)
    eventually(lambda: core.server.connected(Role.UI))

    def send(word):
        for _ in range(100):
            ui.send(ChooseTender(word * 2000))

    threads = [threading.Thread(target=send, args=(word,)) for word in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: len(core.heard) == 200)
    assert {one.tender for _, one in core.heard} == {"a" * 2000, "b" * 2000}
    ui.stop()
    core.server.stop()
