"""The contract of a face service: from consent to a face token, the channel in between.

    core                       face service                        channel
      │ start(attempt, order) ──►│  looks, guides, judges               │
      │◄── Guided … RawdataReady │                                      │
      │ ───────────── authinfo(rawdata) ───────────────────────────────►│
      │ authorise(authinfo) ────►│  the wallet names its holder         │
      │◄──── Recognised(token) | NotRecognised | Ended                  │

The wallets' certified services and our own pipeline are both behind it. What is captured stays in
the service; the core carries only opaque text that it cannot read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from kiosk.channels.channel import Authinfo, PayOrder, Token


@dataclass(frozen=True, slots=True)
class Guided:
    """What the shopper should do now, as a guidance key; `progress` from 0 to 1.

    `asked`: it is a move of the active challenge.
    """

    attempt: str
    guidance: str
    progress: float
    asked: bool = False


@dataclass(frozen=True, slots=True)
class RawdataReady:
    """The service is ready for the channel's authinfo."""

    attempt: str
    rawdata: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The wallet knows the shopper; the token pays once."""

    attempt: str
    token: Token


class EndReason(Enum):
    """Why there is no token. ATTACK and UNPROVEN are counted and limited, and the first is not
    explained to the shopper.
    """

    ATTACK = "ATTACK"
    UNPROVEN = "UNPROVEN"
    """Asked to move, he did not, or not so that it could be told."""
    TIMED_OUT = "TIMED_OUT"
    CAMERA = "CAMERA"
    MODEL = "MODEL"
    STOPPED = "STOPPED"
    NOT_RECOGNISED = "NOT_RECOGNISED"
    UNREACHABLE = "UNREACHABLE"


@dataclass(frozen=True, slots=True)
class Ended:
    """The attempt is over without a token."""

    attempt: str
    reason: EndReason
    cause: str = ""


FaceEvent = Guided | RawdataReady | Recognised | Ended


class FaceService(Protocol):
    """One attempt at a time; events come by the callback given at construction, from any thread."""

    def prepare(self) -> None:
        """Open the camera while the notice is read; nothing is captured."""

    def start(self, attempt: str) -> None:
        """Consent was given: begin to look."""

    def authorise(self, attempt: str, authinfo: Authinfo, order: PayOrder) -> None:
        """Have the wallet name its holder for this order; blocks on the network."""

    def refuse(self, attempt: str, cause: str) -> None:
        """The channel gave no authinfo: the attempt ends as UNREACHABLE."""

    def stop(self, attempt: str) -> None:
        """End the attempt and forget what was seen; harmless when it has ended."""

    def report_order(self, out_trade_no: str) -> bool:
        """Tell the wallet of an order that was paid at this machine, but not by face.

        Whether it has taken the report; blocks on the network. The machine's duty after each such
        payment (the wallet's rules for face devices).
        """

    def usable(self) -> tuple[bool, str]:
        """Whether a face can be captured now, and the cause if not."""

    def mend(self) -> str:
        """What the attendant does where no face can be captured; empty where nothing helps."""


FaceListener = Callable[[FaceEvent], None]
