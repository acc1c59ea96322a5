"""The door for notices, knocked at over TCP by whoever comes."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from kiosk.channels.channel import PaymentTold
from kiosk.domain.payment import Approved
from kiosk.errors import ConfigError
from kiosk.notices import AT_ONCE, LONGEST, NoticeDoor

TOLD = PaymentTold("0001", Approved("4200", 100))


class Signs:
    """A channel whose word is the header Signature: ours, and whose events are bodies."""

    name, notify_url, notify_listen = "wechatpay_native", "https://shop.example/notify/w", ""

    def __init__(self):
        self.hold = threading.Event()
        self.hold.set()

    def read_notice(self, headers, body):
        self.hold.wait(5)
        if headers.get("Signature") != "ours":
            raise ValueError("signed by nobody we know")
        return TOLD if body == b"paid" else None


@pytest.fixture
def channel():
    return Signs()


@pytest.fixture
def told():
    return []


@pytest.fixture
def url(channel, told):
    channel.notify_listen = "127.0.0.1:0"
    door = NoticeDoor(channel, told.append)
    door.open()
    yield f"http://127.0.0.1:{door.port}/notify/w"
    door.close()


def post(url, body=b"paid", **headers):
    return httpx.post(url, content=body, headers=headers or {"Signature": "ours"}, trust_env=False)


def test_what_is_signed_is_told_and_answered_without_a_word(url, told):
    assert post(url).status_code == 204
    assert post(url).status_code == 204
    assert told == [TOLD, TOLD]
    assert post(url, b"something else").status_code == 204
    assert told == [TOLD, TOLD]


def test_what_is_not_signed_is_refused_and_told_to_nobody(url, told):
    answer = post(url, Signature="WECHATPAY/SIGNTEST/x")
    assert (answer.status_code, answer.json()["code"]) == (400, "FAIL")
    assert told == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("", b"x" * (LONGEST + 1), 413), ("/other", b"paid", 404), ("?x=1", b"paid", 404)],
)
def test_what_is_not_a_notice_is_not_read(url, told, path, body, status):
    assert post(url + path, body).status_code == status
    assert told == []


def test_other_methods_are_not_served(url):
    assert httpx.get(url, trust_env=False).status_code == 501


def test_half_a_notice_is_no_notice(url, told):
    port = httpx.URL(url).port
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"POST /notify/w HTTP/1.1\r\nSignature: ours\r\nContent-Length: 9\r\n\r\npaid")
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100).startswith(b"HTTP/1.0 400")
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"POST /notify/w HTTP/1.1\r\nSignature: ours\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.0 411")
    assert told == []
    assert post(url).status_code == 204, "the door is still open"


def test_a_crowd_is_sent_away_and_the_door_stays_open(url, channel):
    channel.hold.clear()
    with ThreadPoolExecutor(AT_ONCE + 4) as pool:
        waiting = [pool.submit(post, url) for _ in range(AT_ONCE + 4)]
        while sum(each.done() for each in waiting) < 4:
            pass
        channel.hold.set()
        answers = sorted(each.result().status_code for each in waiting)
    assert answers == [204] * AT_ONCE + [503] * 4


def test_an_address_that_is_taken_is_said_at_the_start(channel, told):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        channel.notify_listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigError, match="cannot listen"):
            NoticeDoor(channel, told.append)
