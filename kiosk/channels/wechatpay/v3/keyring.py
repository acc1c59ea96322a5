"""WeChat Pay's keys by name, kept fresh: who asks for one gets it, or knows that there is none.

Certificates are fetched before the first call that needs them and at most every twelve hours after;
a name that nobody knows has them fetched at once, but not more than once a minute, since anybody
can write a name into a header.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from kiosk.channels.channel import ChannelError
from kiosk.channels.wechatpay.v3.keys import Certificate

_STALE = 12 * 3600.0  # seconds, by the channel's document
_PAUSE = 60.0  # seconds between two fetches that nobody but a header asked for


class Keyring:
    """Safe for threads: one of them fetches, the others wait for what it brings."""

    def __init__(
        self,
        public: Mapping[str, RSAPublicKey],
        fetch: Callable[[], Sequence[Certificate]],
        wall: Callable[[], float],
        steady: Callable[[], float],
    ) -> None:
        """`fetch` asks the channel for its certificates and raises ChannelError."""
        self._public = dict(public)
        self._fetch = fetch
        self._wall = wall
        self._steady = steady
        self._certificates: dict[str, Certificate] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._fetching = threading.Lock()

    def prepare(self) -> None:
        """Have a key before anything is asked; raises ChannelError where there is none to be had.

        What cannot be renewed for the moment is good until it ends.
        """
        if self._public:
            return
        if not self._in_force():
            with self._fetching:
                if not self._in_force():
                    self._renew()
        elif self._since(self._fetched) > _STALE and self._since(self._tried) > _PAUSE:
            with self._fetching, contextlib.suppress(ChannelError):
                if self._since(self._tried) > _PAUSE:
                    self._renew()

    def find(self, name: str) -> RSAPublicKey | None:
        """The key of this name; None where the channel does not list it either."""
        known = self._known(name)
        if known is not None or self._since(self._tried) <= _PAUSE:
            return known
        with self._fetching, contextlib.suppress(ChannelError):
            if self._known(name) is None and self._since(self._tried) > _PAUSE:
                self._renew()
        return self._known(name)

    def _known(self, name: str) -> RSAPublicKey | None:
        if name in self._public:
            return self._public[name]
        certificate = self._certificates.get(name)
        if certificate is None or not certificate.in_force(self._wall()):
            return None
        return certificate.key

    def _in_force(self) -> bool:
        now = self._wall()
        return any(each.in_force(now) for each in self._certificates.values())

    def _renew(self) -> None:
        self._tried = self._steady()
        fetched = self._fetch()
        # One assignment: another thread sees the old ones or the new ones.
        self._certificates = {each.serial_no: each for each in fetched}
        self._fetched = self._steady()

    def _since(self, moment: float | None) -> float:
        return float("inf") if moment is None else self._steady() - moment
