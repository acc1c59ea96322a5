"""What a kiosk is told of a channel through its service provider, checked when it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.channels.codes import card_prefix_trouble
from kiosk.channels.gateway.calls import Takes

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """One channel at the service provider's; times in seconds.

    `name` is the channel's name there. `takes` is "code", "face" (and codes) or "qr". Codes that
    begin with one of `card_prefixes` are cards of the shop's own, which pay with this channel.
    `read_timeout` is longer than the wallet's own client takes. The merchant's numbers at the
    wallet are no secret; the face service is told them.
    """

    name: str
    url: str
    trust: Path | None = None
    takes: Takes = Takes.CODE
    card_prefixes: tuple[str, ...] = ()
    sandbox: bool = False
    appid: str = ""
    mch_id: str = ""
    sub_appid: str = ""
    sub_mch_id: str = ""
    face_code_type: str = "1"
    connect_timeout: float = 5.0
    read_timeout: float = 60.0

    def __post_init__(self) -> None:
        """Raises ValueError with the name of the wrong option."""
        said = getattr(self.takes, "value", self.takes)
        if said not in {one.value for one in Takes}:
            raise ValueError(f"takes must be one of {', '.join(one.value for one in Takes)}")
        object.__setattr__(self, "takes", Takes(said))
        object.__setattr__(self, "card_prefixes", tuple(self.card_prefixes))
        for trouble in map(card_prefix_trouble, self.card_prefixes):
            if trouble:
                raise ValueError(f"card_prefixes: {trouble}")
        parts = urlsplit(self.url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError("fleet.url is not a URL")
        if parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
            # What the fleet answers is believed because of who answers: nothing else signs it.
            raise ValueError("fleet.url must be https")
        for name in ("connect_timeout", "read_timeout"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0 seconds")
