"""The table of every parser that reads what comes from outside, for fuzz.py.

A new parser is a line here: a name, a genuine sample or more, the function, what it may raise.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hardware.printers.answers import AnswerSorter, AutomaticStatus, Realtime
from hardware.printers.status import from_automatic, health_of, with_realtime
from hardware.printers.stream import TokenStream
from hardware.scanners.framing import Framing
from kiosk.campaigns import load_campaigns
from kiosk.channels.channel import ChannelError, RefundOrder
from kiosk.channels.codes import classify
from kiosk.channels.wechatpay import WechatPayOptions, answers, refund_answers, xml
from kiosk.channels.wechatpay.bill import BillError, read_bill
from kiosk.channels.wechatpay.client import Answer
from kiosk.config import load
from kiosk.content import ContentError, load_price_book
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Gtin, Product
from kiosk.domain.entry import entry_from_json, entry_to_json, follow
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Submit, event_from_json, event_to_json
from kiosk.domain.refund import RefundDone, refund_event_from_json, refund_event_to_json
from kiosk.errors import ConfigError
from kiosk.faces.probe import read_wallet_key, seal
from kiosk.members import load_members, member_file
from kiosk.menus import load_menu
from kiosk.messages import ChooseTender, Consent, Screen, Showing, decode, encode
from kiosk.messages.staff import AskRefund
from kiosk.pin import PinHash, hash_pin
from kiosk.sandbox import wire
from kiosk.sandbox.dialects import _flat_json
from kiosk.sandbox.fields import MICROPAY, Refused, check
from kiosk.sandbox.probe import Authinfo, Unreadable, _probe, open_probe
from kiosk.sandbox.scripts import Script
from kiosk.sandbox.v3 import shapes
from kiosk.sandbox.v3.door import _document
from kiosk.sandbox.v3.wire import Denied, _authorization
from kiosk.snapshot import Snapshot
from kiosk.staff.number import read_number
from kiosk.visit import Visit
from kiosk.wire import _Line
from tests.channels.bills import bill_of
from tests.prove.fuzz import Parser
from tests.prove.parsers_devices import parsers_devices
from tests.prove.parsers_v3 import parsers_v3

ROOT = Path(__file__).parents[2]
NUMBER = "000126112606312651277807"
OPTIONS = WechatPayOptions("wx2421b1c4370ec43b", "1230000109", "k" * 32, "D01", "S1", "shop")
OURS = {"appid": OPTIONS.appid, "mch_id": OPTIONS.mch_id, "nonce_str": "n", "sign": "A" * 32}
REFUND = RefundOrder(NUMBER, f"{NUMBER}R1", Money(690), Money(200), "goods back")
CHUNK = 4096  # bytes; more does not come from a line in the time of one reading
NOW_MS = 1_795_000_000_000


def parsers(folder: Path) -> tuple[Parser, ...]:
    """Every parser; those that read a file read one of `folder`."""
    own = (*_devices(), *parsers_devices(), *_ours(folder))
    return (*_channel(), *parsers_v3(OPTIONS), *own, *_sandbox())


def _channel() -> tuple[Parser, ...]:
    paid = {"total_fee": "690", "fee_type": "CNY", "transaction_id": "42", "trade_state": "SUCCESS"}
    done = {"return_code": "SUCCESS", "result_code": "SUCCESS", **OURS, "out_trade_no": NUMBER}
    back = {"out_refund_no": f"{NUMBER}R1", "refund_id": "50", "refund_fee": "200"}
    listed = {f"{name}_0": value for name, value in back.items()} | {"refund_status_0": "SUCCESS"}
    failed = {"result_code": "FAIL", "err_code": "USERPAYING", "err_code_des": "需要支付密码"}
    told = [
        done | paid,
        done | failed,
        done | {"recall": "Y"},
        done | back,
        done | listed | {"refund_count": "1", "total_refund_count": "1"},
        {"return_code": "SUCCESS", **OURS, "authinfo": "x", "expires_in": "3600"},
        {"return_code": "FAIL", "return_msg": "签名错误"},
    ]
    bodies = [xml.encode(each) for each in told]
    codes = (b"SYSTEMERROR", b"ORDERNOTEXIST", b"REFUND", b"USERPAYING", b"CHANGE", b"_1>", b"FAIL")
    bill = bill_of()
    many = gzip.compress(bytes(50_000_000), 1)
    return (
        Parser("v2 XML", bodies, xml.parse, (ValueError,), codes),
        Parser("v2 answers", bodies, _what_it_means, (ValueError,), codes),
        Parser("trade bill", [bill, gzip.compress(bill)], _bill, (BillError,), [many, b",`"]),
    )


def _what_it_means(body: bytes) -> None:
    """Every call of the channel is given the same answer."""
    answer = Answer(xml.parse(body))
    calls: tuple[Callable[[], object], ...] = (
        lambda: answers.pay_answer(answer, OPTIONS, NUMBER),
        lambda: answers.query_answer(answer, OPTIONS, NUMBER),
        lambda: answers.reverse_answer(answer, OPTIONS, NUMBER),
        lambda: answers.authinfo_answer(answer, OPTIONS),
        lambda: refund_answers.refund_answer(answer, OPTIONS, REFUND),
        lambda: refund_answers.one_refund(
            refund_answers.refund_page(answer, OPTIONS, {"out_trade_no": NUMBER}), REFUND
        ),
    )
    for call in calls:
        with suppress(ChannelError):
            call()


def _bill(content: bytes) -> int:
    return sum(line.amount.fen for line in read_bill(io.BytesIO(content)))


def _devices() -> tuple[Parser, ...]:
    scans = [b"]E06901000000042\r\n", b"131234567890123456\r", f"kiosk:{NUMBER}\n".encode()]
    status = bytes.fromhex("12 1E 37 22 30303031 00 38000000 5F 4550534F4E 00")
    slip = b"\x1b@\x1ba\x01\x1c&" + "鲜果超市".encode("gb18030") + b"\n\x1dk\x49\x04{B12\x1dVB\0"
    labels = [b"2100001012345\n", b"\x1d010690100000004210AB\r"]
    labels += [b"]C10106901234567892310300123410AB1\x1d3932156369\x1d17261231\r"]
    labels += [b"https://id.gs1.org/01/06901234567892/10/AB1?17=261231&3103=001234\r"]
    return (
        Parser("scanner framing and codes", [*scans, *labels], _scans, (), [b"\r", b"]C1"], CHUNK),
        Parser("printer status", [status], _status, (), [b"\x10\x04", b"\x11", b"\x37"], CHUNK),
        Parser("printed slip", [slip], _slip, (), [b"\x1dv0\0", b"\x1d(k", b"\x1dk"], CHUNK),
    )


def _scans(data: bytes) -> None:
    framing = Framing()
    for at in range(0, len(data), 7):
        for scan in framing.feed(data[at : at + 7], at / 1000):
            classify(scan.text, gs1=scan.gs1)
            read_number(scan.text)
    framing.expire(1e9)


def _status(data: bytes) -> None:
    for answer in AnswerSorter().feed(data):
        if isinstance(answer, AutomaticStatus):
            health_of(from_automatic(answer.data))
        elif isinstance(answer, Realtime):
            for request in range(1, 5):
                health_of(with_realtime(from_automatic(bytes(4)), request, answer.byte))


def _slip(data: bytes) -> None:
    stream = TokenStream()
    stream.feed(data)
    for token in stream:
        assert token.raw


def _ours(folder: Path) -> tuple[Parser, ...]:
    said = [ChooseTender("code"), Consent("2026-11"), AskRefund(NUMBER, 200, 690)]
    lines = [encode(each) for each in (*said, Showing(Screen.BASKET, "v1"))]
    approved = event_to_json(Approved("42", 690))
    first = follow(None, NOW_MS, "payment", NUMBER, approved)
    entries = [entry_to_json(first), entry_to_json(follow(first, NOW_MS, "visit", "v", {"a": [1]}))]
    events, backs = [approved, event_to_json(Submit(NOW_MS))], [RefundDone("50", 200)]
    texts = [NUMBER, f"kiosk:{NUMBER}", "51623", "4200002311202603015678901234"]
    pin, key = hash_pin("246810", bytes(16)), base64.b64encode(bytes(32))
    wrong = (ValueError,)
    return (
        *_files(folder),
        Parser("lines of the wire", [b"".join(lines)], _lines, wrong, [b"\n"], 60_000),
        Parser("messages on the wire", lines, decode, wrong, [b'"type":', b"AskRefund"]),
        Parser("ledger entry", _bytes(entries), _as_text(entry_from_json), wrong, [b'"body":']),
        Parser("payment event", _json(events), _as_json(event_from_json), wrong),
        Parser(
            "refund event",
            _json([refund_event_to_json(each) for each in backs]),
            _as_json(refund_event_from_json),
            wrong,
        ),
        Parser("slip number", _bytes(texts), _as_text(read_number)),
        Parser("wallet key", [key], _as_text(read_wallet_key), wrong),
        Parser("PIN hash", _bytes([pin]), _as_text(PinHash.parse), wrong),
    )


def _files(folder: Path) -> tuple[Parser, ...]:
    """What is read from a file, which each input is written to."""
    config, prices, visit = (folder / name for name in ("kiosk.toml", "prices.csv", "visit.json"))
    offers, people = folder / "campaigns.json", folder / "members.json"
    served = folder / "menu.json"
    settings = (ROOT / "systemd" / "kiosk.toml").read_bytes()
    catalogue = (ROOT / "kiosk" / "shops" / "grocery" / "catalogue.csv").read_bytes()
    campaigns = (ROOT / "kiosk" / "shops" / "grocery" / "campaigns.json").read_bytes()
    menu = (ROOT / "kiosk" / "shops" / "noodles" / "menu.json").read_bytes()
    members = member_file(["99001234,gold"], bytes(16)).encode()
    sugar = Product("糖", "Sugar", Money(690), Gtin.parse("6901000000042"))
    Snapshot(visit).keep(Visit("v1", "en", 0.0, basket=Basket().add(sugar, 2)), NOW_MS)

    def of(path: Path, read: Callable[[Path], object]) -> Callable[[bytes], object]:
        def reading(data: bytes) -> object:
            path.write_bytes(data)
            return read(path)

        return reading

    kept = of(visit, lambda path: Snapshot(path).load(NOW_MS, 0.0))
    words = [b",,", b"piece", b"weight"]
    return (
        Parser("settings", [settings], of(config, load), (ConfigError,), [b"[", b"= ", b"."]),
        Parser("price book", [catalogue], of(prices, load_price_book), (ContentError,), words),
        Parser("campaigns", [campaigns], of(offers, load_campaigns), (ContentError,)),
        Parser("menu", [menu], of(served, load_menu), (ContentError,)),
        Parser("members", [members], of(people, load_members), (ContentError,)),
        Parser("kept visit", [visit.read_bytes()], kept),
    )


def _lines(data: bytes) -> None:
    """What a peer sent before it hung up."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        line = _Line(ours)
        while line.receive() is not None:
            pass


def _sandbox() -> tuple[Parser, ...]:
    key = X25519PrivateKey.from_private_bytes(bytes(range(32)))
    face = np.full(128, 128**-0.5, np.float32)
    plain = b"\0\x80" + face.tobytes() + b"attempt"
    probe = seal(face, "attempt", key.public_key().public_bytes_raw()).encode()
    note = Authinfo("D01", "S1", "", NOW_MS / 1000, "raw").sealed(bytes(32), bytes(12)).encode()
    pay = wire.render(OURS | {"auth_code": "131234567890123456", "out_trade_no": NUMBER})
    native = {"appid": OPTIONS.appid, "mchid": OPTIONS.mch_id, "description": "果"}
    native |= {"out_trade_no": NUMBER, "notify_url": "https://shop.example/n"}
    native |= {"amount": {"total": 690, "currency": "CNY"}}
    signed = (
        b'WECHATPAY2-SHA256-RSA2048 mchid="1",serial_no="2",nonce_str="3",timestamp="1795000000",'
    )
    signed += b'signature="NQ=="'
    script = {"script": "userpaying refuse 8", "api": "micropay", "count": 1}
    control = (ValueError, TypeError, OverflowError, RecursionError)  # control.py answers 400
    return (
        Parser("sandbox: v2 request", [pay], _request, (wire.Malformed, Refused)),
        Parser("sandbox: v3 request", _json([native]), _v3_request, (Denied, Refused)),
        Parser("sandbox: v3 signature", [signed], _as_text(_authorization), (Denied,)),
        Parser("sandbox: face request", _json([OURS]), _flat_json, (wire.Malformed,)),
        Parser("sandbox: script", _json([script]), _as_json(Script.of), control, [b"late", b" 2"]),
        Parser("face probe, opened", [plain], _probe, (Unreadable,), [b"\0\x10", b"\2\0"]),
        Parser(
            "face probe",
            [probe],
            lambda data: open_probe(key, data.decode("latin-1")),
            (Unreadable,),
        ),
        Parser(
            "authinfo",
            [note],
            lambda data: Authinfo.opened(bytes(32), data.decode("latin-1")),
            (Unreadable,),
        ),
    )


def _request(body: bytes) -> None:
    fields = wire.parse(body)
    with suppress(wire.Malformed):
        wire.verify(fields, "k" * 32)
    with suppress(Refused):
        check(fields, MICROPAY)


def _v3_request(body: bytes) -> None:
    document = _document(body)
    for shape in (shapes.NATIVE, shapes.REFUND):
        with suppress(Refused):
            shapes.check(document, shape)


def _as_text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: read(data.decode(errors="replace"))


def _as_json(read: Callable[[dict], object]) -> Callable[[bytes], object]:
    """Read what is a JSON object; nothing else gets as far as that."""

    def reading(data: bytes) -> object:
        try:
            body = json.loads(data)
        except RecursionError as error:
            raise ValueError("too deep") from error
        return read(body) if isinstance(body, dict) else None

    return reading


def _bytes(texts: list[str]) -> list[bytes]:
    return [each.encode() for each in texts]


def _json(objects: list[dict]) -> list[bytes]:
    return [json.dumps(each).encode() for each in objects]
