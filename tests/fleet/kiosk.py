"""A core without a window that has joined a fleet, and what the office sees of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives import serialization

from fleet.clock import wall_ms
from fleet.down import Commands, Desired, Target
from kiosk.demo.hand import Hand
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage
from kiosk.messages import Leave, Screen
from tests.fleet.shop import Shop

LIMIT = 300  # fen that may go back of one payment
GOODS = "6901000000011"


class Kiosk:
    """A core without a window that has joined, and what the office sees of it."""

    def __init__(self, stage, shop, who):
        self.stage, self.shop = stage, shop
        self.who, self.merchant = who, Target(who.merchant_id)
        self.commands, self.desired = Commands(shop.database), Desired(shop.database)
        self.hand = Hand(stage)

    def tell(self, what, **arguments):
        return self.commands.give(self.who, what, arguments, "staff", wall_ms())

    def answer(self, command_id, seconds=30):
        return until(lambda: self._answered(command_id), seconds)

    def _answered(self, command_id):
        found = self.commands.find(self.who.merchant_id, command_id)
        return found if found.done is not None else None

    def desires(self, kind, text):
        return self.desired.put(self.merchant, kind, text, "staff", wall_ms())

    def says(self, kind, version, state, seconds=20):
        """Wait until it says so of this version; its words."""

        def said():
            for one in self.desired.standing(self.who.merchant_id):
                told = one.told
                if (
                    one.kind == kind
                    and told
                    and (told.version, told.state.value)
                    == (
                        version,
                        state,
                    )
                ):
                    return told
            return None

        return until(said, seconds).said

    def dies(self):
        self.stage.kill("core")
        self.hand.forget()

    def comes_again(self):
        """It ended by itself, and its unit starts it again."""
        until(lambda: not self.stage.alive("core"), 20)
        self.hand.forget()
        self.stage.start("core")

    def shows(self, screen, said=None):
        return self.hand.sees(
            lambda seen: seen.screen is screen and (said is None or seen.said.key == said),
            f"{screen} {said}",
        )

    def sells(self):
        """One piece, paid by code; the number of the payment."""
        self.shows(Screen.ATTRACT)
        self.hand.fills_a_basket([GOODS])
        self.hand.chooses("code")
        self.stage.scan(self.stage.payment_code())
        done = self.shows(Screen.DONE)
        self.hand.touches(Leave())
        self.shows(Screen.ATTRACT)
        return done.reference


def until(happened, seconds):
    end = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found


@contextmanager
def joined_kiosk(folder, database, server) -> Iterator[Kiosk]:
    shop = Shop(database)
    who, key = shop.join()
    (folder / "state").mkdir()
    (folder / "state" / "fleet.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    settings = {
        "fleet": {"url": server.address, "merchant_id": who.merchant_id, "serial": "SN"},
        "visit": {"done": 1.0},
        "staff": {"refund_limit_fen": LIMIT},
    }
    play = Play(display="", speed=10.0, enrolled=False, settings=settings)
    with Stage(folder, play, kiosk=("core",)) as stage:
        kiosk = Kiosk(stage, shop, who)
        yield kiosk
        kiosk.hand.close()
