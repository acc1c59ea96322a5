"""A kiosk's payment through the gateway beside the same one straight to the wallet.

    scanned code ─► core ─┬──────────────────► sandbox ─► paid ─► slip, whole        direct
                          └─► fleet process ─┘                                       through

Both kiosks are cores as in a shop, with a printer each and the same sandbox, and take turns.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from fleet.bench.rows import Row
from fleet.bench.server import free_port
from fleet.demo.kiosks import Sample, SampleKiosk
from fleet.demo.provider import MERCHANTS, Provider
from fleet.demo.shoppers import hand_at, pay_by_code
from fleet.register import Plan
from fleet.who import Who

PAYMENTS = 25  # of each


def payment(url: str) -> Iterator[Row]:
    """From the code to the end of the slip, either way, and the one over the other."""
    merchant = next(iter(MERCHANTS))
    plans = [Plan(Who(merchant, f"700{number}"), "S1", f"SN-700{number}") for number in (1, 2)]
    port = free_port()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        provider = stack.enter_context(Provider(folder / "fleet", url))
        for plan in plans:
            provider.plan(plan)
        address = f"http://127.0.0.1:{port}"
        first = Sample(plans[0], address, direct=True)
        direct = stack.enter_context(SampleKiosk(folder / "direct", first))
        second = Sample(plans[1], address)
        through = stack.enter_context(SampleKiosk(folder / "through", second, direct))
        settings = provider.hold_keys(direct.wallet, direct.sandbox_url)
        provider.start("serve", port, FLEET_SETTINGS=str(settings))
        kiosks = (direct, through)
        for kiosk in kiosks:
            kiosk.join(provider.approve)
        hands = [stack.enter_context(hand_at(kiosk)) for kiosk in kiosks]
        for _ in range(PAYMENTS):
            for kiosk, hand in zip(kiosks, hands, strict=True):
                hand.comes_to_an_idle_kiosk(pay_again=False)
                hand.fills_a_basket()
                pay_by_code(kiosk, hand)
        for hand in hands:
            hand.comes_to_an_idle_kiosk(pay_again=False)
        straight, gone = (statistics.median(kiosk.took()[5:]) for kiosk in kiosks)
    yield Row("payment straight to the wallet, code to slip", f"{straight:.0f} ms")
    yield Row("payment through the gateway, code to slip", f"{gone:.0f} ms")
    yield Row("through the gateway ÷ straight", f"{gone / straight:.2f} ×", "≤ 1.3")
