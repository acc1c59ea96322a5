"""The contract suites on the Native channel, against the sandbox process over TCP."""

from __future__ import annotations

from kiosk.channels.testing import QrContract, RefundContract


class TestWechatNative(QrContract):
    """Every promise of a code on the screen, for a merchant and for a service provider's shop."""


class TestWechatNativeRefunds(RefundContract):
    """Every promise about money that goes back."""
