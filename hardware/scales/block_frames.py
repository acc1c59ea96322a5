"""Weights as blocks of fixed length, as scales send them by themselves.

    toledo       02 SWA SWB SWC W(6) T(6) 0D [CKS]        Toledo 8142; CKS may be switched off
    weighbridge  02 sign d(6) dp xorH xorL 03             Chinese weighbridges
    os2x         01 02 F1 sign W(6) U(2) CHK 03 04 [F2]   Pinnacle; F2 in the active mode only
    yousheng     FF flags B1 B2 B3 unit                   six BCD digits, the lowest two first

A block that is wrong loses its first byte and is looked at again, so a whole one is never missed.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from hardware.devices import ScaleStatus
from hardware.scales.cas import ap1_reading
from hardware.scales.dialect import Reading, number, unit_of, weight, xor
from hardware.scales.text_frames import Cut

Read = Callable[[bytes], "Reading | None"]


def blocks_of(start: bytes, length: int, read: Read, *, between: bytes = b"") -> Cut:
    """Blocks of one length; a byte of ``between`` that follows one is passed over."""

    def cut(buffer: bytearray) -> tuple[list[Reading], int]:
        readings, wrong = [], 0
        while len(buffer) >= length:
            reading = read(bytes(buffer[:length])) if buffer.startswith(start) else None
            if reading is not None:
                readings.append(reading)
                del buffer[:length]
            elif buffer[:1] in [between[at : at + 1] for at in range(len(between))]:
                del buffer[0]
            else:
                wrong += 1
                del buffer[0]
        return readings, wrong

    return cut


def toledo(*, checksum: bool) -> Cut:
    """Toledo continuous; with ``checksum`` its last byte makes the sum of seven bits zero."""

    def read(block: bytes) -> Reading | None:
        swa, swb = block[1], block[2]
        if block[16] != 0x0D or not swa & 0x20 or not swb & 0x20:
            return None
        if checksum and sum(byte & 0x7F for byte in block) & 0x7F:
            return None
        unit = "kg" if swb & 0x10 else "lb"
        if swb & 0x04:
            return Reading(ScaleStatus.OVERWEIGHT, unit=unit)
        amount = number(block[4:10], max(0, (swa & 7) - 2))
        if amount is None:
            return None
        if swb & 0x02:
            return Reading(ScaleStatus.UNDER_ZERO, unit=unit)
        return weight(amount, unit, stable=not swb & 0x08, net=bool(swb & 1))

    return blocks_of(b"\x02", 18 if checksum else 17, read)


def weighbridge(block: bytes) -> Reading | None:
    """A block with sign, six digits and the count of decimals; it never tells of rest."""
    if block[11] != 0x03 or block[9:11].upper() != b"%02X" % xor(block[1:9]):
        return None
    if not block[8:9].isdigit() or block[1:2] not in (b"+", b"-"):
        return None
    amount = number(block[2:8], block[8] - 0x30)
    if block[1:2] == b"-" and amount:
        return Reading(ScaleStatus.UNDER_ZERO)
    return weight(amount, "", stable=True)


def os2x(block: bytes) -> Reading | None:
    """A block as CAS type 6 has it, but with the first two bytes in the check."""
    if block[13:] != b"\x03\x04" or xor(block[:12]) != block[12]:
        return None
    return ap1_reading(block[2:3], block[3:4], block[4:10], unit_of(block[10:12]))


def yousheng(offset: int) -> Cut:
    """``offset`` is taken from the decimals in the flags: makers' texts differ (0 or 1)."""

    def read(block: bytes) -> Reading | None:
        flags, digits = block[1], block[4:1:-1].hex().encode("ascii")
        if not digits.isdigit() or flags & 0x18 or block[5] not in (0, 1):
            return None
        unit = "kg" if block[5] == 0 else "lb"
        if flags & 0x80:
            return Reading(ScaleStatus.OVERWEIGHT, unit=unit)
        amount = Decimal(digits.decode("ascii")).scaleb(-max(0, (flags & 7) - offset))
        if flags & 0x20 and amount:
            return Reading(ScaleStatus.UNDER_ZERO, unit=unit)
        return weight(amount, unit, stable=bool(flags & 0x40))

    return blocks_of(b"\xff", 6, read)


def cut_weighbridge() -> Cut:
    """Blocks of twelve bytes."""
    return blocks_of(b"\x02", 12, weighbridge)


def cut_os2x() -> Cut:
    """Blocks of fifteen bytes; F2 and the answer to a request stand between them."""
    return blocks_of(b"\x01\x02", 15, os2x, between=bytes([0x06, *range(0x00, 0x80, 0x10)]))
