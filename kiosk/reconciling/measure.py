"""How long a day takes: so many payments in the ledger, as many rows in the bill.

Both are made first, which is not counted; then `kiosk reconcile` runs on the files as a process of
its own, with its CSV file. Numbers come in no order, as those of several terminals do. The ledger
may have more days, of which only the first is compared.

    python -m kiosk.reconciling.measure DIRECTORY [PAYMENTS [DAYS]]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from kiosk.domain.money import Money
from kiosk.domain.payment import Method, Payment, State, payment_to_json
from kiosk.domain.receipt import china_time
from kiosk.ledger import Ledger
from kiosk.ledger.month import Month

MIDNIGHT = 1_772_294_400_000  # 2026-03-01 in China
DAY_MS = 86_400_000
_COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
_SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


_SETTINGS = """terminal_id = "10000001"
[paths]
state = {state}
[channels.wechatpay]
driver = "wechatpay"
"""
# The command, and then what the kernel says of its process: VmHWM is the most memory it ever had.
_RUN = """
import sys
from kiosk.cli import main
code = main(sys.argv[1:])
sys.stderr.write(open("/proc/self/status").read())
sys.exit(code)
"""


def measure(directory: Path, n: int = 100_000, days: int = 1) -> dict[str, float]:
    """Seconds for one of `days` days of `n` payments on the disk of `directory`, left as it was.

    `processor` is for how many of them a processor was ours: on a busy machine not for all.
    `peak_mb` is the most memory that the process ever had, in 10⁶ bytes.
    """
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        place = Path(folder)
        _write_ledger(place / "ledger", n, days)
        _write_bill(place / "bill.csv", n)
        settings = place / "kiosk.toml"
        settings.write_text(_SETTINGS.format(state=json.dumps(str(place))), "utf-8")
        asked = ["--config", str(settings), "--day", "2026-03-01"]
        asked += ["--bill", str(place / "bill.csv"), "--csv", str(place / "sheet.csv")]
        start, before = time.perf_counter(), os.times()
        command = [sys.executable, "-c", _RUN, "reconcile", *asked]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds, after = time.perf_counter() - start, os.times()
    if done.returncode != 0:
        raise RuntimeError(f"two equal books differ ({done.returncode}): {done.stderr[-200:]}")
    busy = sum(after[2:4]) - sum(before[2:4])  # of children: user and system
    (peak,) = [line.split()[1] for line in done.stderr.splitlines() if line.startswith("VmHWM:")]
    return {
        "payments": float(n),
        "seconds": round(seconds, 2),
        "processor": round(busy, 2),
        "peak_mb": round(int(peak) * 1024 / 1e6, 1),
    }


def main(arguments: list[str]) -> int:
    """Print the measurement as JSON."""
    if not 1 <= len(arguments) <= 3:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    found = measure(Path(arguments[0]), *map(int, arguments[1:]))
    sys.stdout.write(f"{json.dumps(found)}\n")
    return 0


def _number(index: int) -> str:
    return f"0001260301{index * 7_368_787 % 10**14:014d}"  # a prime step: no two alike


def _fen(index: int) -> int:
    return 100 + index * 7919 % 30_000  # ¥1 to ¥301, each as often as any other


def _sent_ms(index: int, n: int) -> int:
    return MIDNIGHT + DAY_MS * index // n


def _write_ledger(directory: Path, n: int, days: int) -> None:
    Ledger(directory, lambda: MIDNIGHT).close()
    (path,) = directory.glob("ledger-*.db")
    with closing(Month(path, writable=True)) as month, month.transaction():
        for index in range(n * days):
            number, at_ms = _number(index), _sent_ms(index, n)
            payment = Payment(
                out_trade_no=number,
                visit_id=number,
                channel="wechatpay",
                method=Method.FACE,
                amount=Money(_fen(index)),
                created_ms=at_ms,
                state=State.PAID,
                submitted_ms=at_ms,
                transaction_id=f"42{index}",
                taken_fen=_fen(index),
            )
            body = {"payment": payment_to_json(payment), "basket": {}}
            month.append(at_ms, "payment_opened", number, body, payment)


def _write_bill(path: Path, n: int) -> None:
    with path.open("w", encoding="utf-8-sig", newline="\r\n") as file:
        file.write(f"{_COLUMNS}\n")
        fees = 0  # in 1/1000 fen
        for index in range(n):
            cells = [china_time(_sent_ms(index, n)), "wx", "19", "0", "10000001", f"42{index}"]
            yuan, fee = Money(_fen(index)).yuan, f"{_fen(index) * 38 / 1e6:.5f}"
            fees += int(fee.replace(".", ""))
            cells += [_number(index), "o", "FACE", "SUCCESS", "OTHERS", "CNY", yuan, "0.00"]
            cells += ["0", "0", "0.00", "0.00", "", "", "牛奶", "", fee, "0.38%", yuan]
            cells += ["0.00", ""]
            file.write(_row(cells))
        paid = Money(sum(map(_fen, range(n)))).yuan
        fee = f"{fees // 10**5}.{fees % 10**5:05d}"
        file.write(f"{_SUMS}\n")
        file.write(_row([str(n), paid, "0.00", "0.00", fee, paid, "0.00"]))


def _row(cells: list[str]) -> str:
    return "`" + ",`".join(cells) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
