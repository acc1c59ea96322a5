"""A service provider as a process, two of its merchants, and kiosks that hold none of its keys."""

from __future__ import annotations

import itertools
import json
import secrets
import socket
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from fleet.accounts import Accounts, CardNumbers, Counter, Journal
from fleet.clock import wall_ms
from fleet.database import Database
from fleet.gateway.tables import gateway_order, gateway_refund
from fleet.register import Store
from fleet.who import Who
from kiosk.channels.channel import PayOrder, Token, TokenKind
from kiosk.channels.gateway import GatewayOptions, gateway_channel
from kiosk.domain.money import Money
from kiosk.domain.signed import Signer
from kiosk.sandbox.testing import SandboxProcess
from tests.channels.v3 import native_peer
from tests.fleet.accounts.peer import card_number
from tests.fleet.gateway.relay import Relay
from tests.fleet.server import Server
from tests.fleet.shop import Shop

KEY = "c" * 32
CARDS = itertools.count(1)
NUMBERS = itertools.count(1)
SECONDS = {"connect_timeout": 1, "read_timeout": 2, "answer_within": 1}
TAKES = {"wechatpay": "face", "native": "qr", "card": "code"}


class Provider:
    """`merchant` has three channels; so has `other`, at the same wallet."""

    def __init__(self, folder: Path, database: Database, url: str, wallet: SandboxProcess) -> None:
        self.folder, self.database, self.wallet = folder, database, wallet
        self.merchant, self.other = Shop(database), Shop(database)
        for store_id in ("S2", "S3"):
            store = Store(self.merchant.merchant_id, store_id, store_id)
            self.merchant.register.put_store(store)
        self.numbers = CardNumbers(KEY.encode())
        self._terminals = itertools.count(1)
        self.notices = Relay()
        """Where the wallet sends its notices, which are passed on."""
        self.settings = folder / "fleet.toml"
        shops = (self.merchant, self.other)
        self.settings.write_text("\n".join(self._channels(one.merchant_id) for one in shops))
        self.server = Server(url, FLEET_SETTINGS=str(self.settings))
        self.notices.address = self.server.address

    def close(self) -> None:
        self.server.kill()
        self.notices.close()

    def _channels(self, merchant_id: str) -> str:
        known, folder = self.wallet.merchant(), self.folder
        (folder / "v2.key").write_text(known["key"])
        (folder / "card.key").write_text(KEY)
        native = native_peer.options_of(self.wallet, sub_mch_id=known["sub_mch_id"])
        (folder / "v3.key").write_text(native.key)
        line = {"sandbox": True, "pay_url": self.wallet.address}
        line |= SECONDS
        whose = {name: known[name] for name in ("appid", "mch_id", "sub_mch_id")}
        tables = {
            "wechatpay": {
                "driver": "wechatpay",
                "key_credential": str(folder / "v2.key"),
                **whose,
                **line,
                "face_url": self.wallet.address,
                "store_id": known["store_id"],
                "store_name": "示例门店",
            },
            "native": {
                "driver": "wechatpay-native",
                "key_credential": str(folder / "v3.key"),
                **whose,
                **line,
                "notify_url": f"{self.notices.url}/v1/notify/{merchant_id}/native",
                "private_key_path": str(native.private_key_path),
                "serial_no": native.serial_no,
            },
            "card": {
                "driver": "stored-value",
                "key_credential": str(folder / "card.key"),
                "card_prefixes": ["9156"],
            },
        }
        lines = []
        for name, table in tables.items():
            lines.append(f"[merchants.{merchant_id}.channels.{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        return "\n".join(lines)

    def join(self, shop: Shop | None = None, store_id: str = "S1") -> tuple[Who, Ed25519PrivateKey]:
        """A terminal more."""
        shop = shop or self.merchant
        return shop.join(f"{next(self._terminals):04d}", store_id)

    def kiosk(self, name: str, terminal=None, address: str = "", wall=wall_ms, **more):
        """A terminal's channel."""
        who, key = terminal or self.join()
        usual = {"sandbox": name != "card", "takes": TAKES[name]}
        options = GatewayOptions(name=name, url=address or self.server.address, **{**usual, **more})
        return gateway_channel(
            options, Signer(str(who), key.sign, wall, lambda: secrets.token_urlsafe(16))
        )

    def nowhere(self, name: str):
        """The same, at an address where nobody listens."""
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        return self.kiosk(name, address=address)

    def order(self, fen: int = 1280) -> PayOrder:
        return PayOrder(new_number(), Money(fen), "自助收银")

    def code(self) -> Token:
        """A payment code of a shopper with money."""
        return Token(TokenKind.CODE, self.wallet.code(balance=10_000_000))

    def card(self, fen: int = 10_000_000, shop: Shop | None = None) -> Token:
        """A stored-value card with so much on it."""
        journal = Journal(self.database, (shop or self.merchant).merchant_id)
        number = card_number(next(CARDS))
        account = Accounts(journal, self.numbers).open(number, by="staff")
        if fen:
            Counter(journal).top_up(account.account_id, new_number(), Money(fen), by="staff")
        return Token(TokenKind.CODE, number)

    def rows(self, table, **values: object) -> list[dict]:
        query = select(table).where(*[table.c[name] == value for name, value in values.items()])
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def booked(self, out_trade_no: str) -> list[dict]:
        return self.rows(gateway_order, out_trade_no=out_trade_no)

    def refunds(self, out_trade_no: str) -> list[dict]:
        return self.rows(gateway_refund, out_trade_no=out_trade_no)


def new_number() -> str:
    return f"G{secrets.token_hex(4)}{next(NUMBERS):06d}"
