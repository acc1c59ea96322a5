"""Trade bills written by hand from the channel's column table; every number in them is made up."""

from __future__ import annotations

HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMMARY = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)

PAID = (
    "`2026-11-21 10:00:01,`wx2421b1c4370ec43b,`1230000109,`0,`D01,`4200000000202611211000000001,"
    "`S1D01T20261121000001,`o-one,`MICROPAY,`SUCCESS,`OTHERS,`CNY,`12.80,`0.00,`0,`0,`0.00,`0.00,"
    "`,`,`苹果, 梨,`till 1,`0.08000,`0.60%,`12.80,`0.00,`"
)
PAID_BY_FACE = (
    "`2026-11-21 10:07:00,`wx2421b1c4370ec43b,`1230000109,`0,`D01,`4200000000202611211000000002,"
    "`S1D01T20261121000002,`o-two,`FACE,`SUCCESS,`CMB_DEBIT,`CNY,`0.01,`0.00,`0,`0,`0.00,`0.00,"
    "`,`,`自助收银,`,`0.00000,`0.60%,`0.01,`0.00,`"
)
REFUNDED = (
    "`2026-11-21 11:30:00,`wx2421b1c4370ec43b,`1230000109,`0,`D01,`4200000000202611211000000001,"
    "`S1D01T20261121000001,`o-one,`MICROPAY,`REFUND,`OTHERS,`CNY,`0.00,`0.00,"
    "`50300000002026112111300000001,`S1D01T20261121000001R1,`5.00,`0.00,"
    "`ORIGINAL,`PROCESSING,`苹果, 梨,`till 1,`-0.03000,`0.60%,`0.00,`5.00,`"
)
REVOKED = (
    "`2026-11-21 10:08:00,`wx2421b1c4370ec43b,`1230000109,`0,`D01,`4200000000202611211000000002,"
    "`S1D01T20261121000002,`o-two,`FACE,`REVOKED,`CMB_DEBIT,`CNY,`0.00,`0.00,"
    "`50300000002026112110080000002,`0,`0.01,`0.00,"
    "`ORIGINAL,`SUCCESS,`自助收银,`,`0.00000,`0.60%,`0.00,`0.01,`"
)
ROWS = (PAID, PAID_BY_FACE, REVOKED, REFUNDED)
TOTALS = "`4,`12.81,`5.01,`0.00,`0.05000,`12.81,`5.01"


def bill_of(
    rows: tuple[str, ...] = ROWS, totals: str = TOTALS, header: str = HEADER, end: str = "\r\n"
) -> bytes:
    """The file, with BOM."""
    return b"\xef\xbb\xbf" + end.join([header, *rows, SUMMARY, totals, ""]).encode()


def payments(count: int, fen: int = 1) -> bytes:
    """A bill of so many payments of the same amount."""
    row = PAID.replace("12.80", f"{fen // 100}.{fen % 100:02d}").replace("0.08000", "0.00000")
    rows = [row.replace("000001,", f"{number:06d},") for number in range(count)]
    total = f"{fen * count // 100}.{fen * count % 100:02d}"
    return bill_of(tuple(rows), f"`{count},`{total},`0.00,`0.00,`0.00000,`{total},`0.00")
