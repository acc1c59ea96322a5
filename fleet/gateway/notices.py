"""What wallets tell by themselves, read by the real channel, and the terminal that it concerns."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fleet.gateway.gateway import Gateway
from fleet.gateway.wallets import Wallets
from fleet.who import Who
from kiosk.channels.channel import ChannelError

log = logging.getLogger(__name__)


class NoticeRefused(Exception):
    """Nothing was read; `status` is what the caller is answered."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Notices:
    """Safe for threads."""

    def __init__(self, wallets: Wallets, gateway: Gateway) -> None:
        self._wallets, self._gateway = wallets, gateway

    def read(
        self, merchant_id: str, channel: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Who, str] | None:
        """Whose terminal is told to look at which payment; None where none is concerned.

        Raises NoticeRefused for everything that the wallet did not write, for us, just now.
        """
        served = self._wallets.find(merchant_id, channel)
        if served is None or not hasattr(served.account, "read_notice"):
            raise NoticeRefused(404, "nobody is told anything here")
        try:
            told = served.account.read_notice(headers, body)
        except ValueError as error:
            raise NoticeRefused(400, "not the channel's word") from error
        except ChannelError as error:
            raise NoticeRefused(503, "the channel's key is not to be had") from error
        if told is None:
            return None
        who = self._gateway.concerned(merchant_id, channel, told)
        if who is None:
            log.info("notice of an unknown number merchant_id=%s channel=%s", merchant_id, channel)
            return None
        return who, told.out_trade_no
