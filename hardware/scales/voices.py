"""How simulated scales speak: the bytes of each protocol, from the makers' tables.

A voice answers what the host sends (``hear``) and says something by itself (``murmur``). None of
it is shared with the drivers, so that both cannot be wrong alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from hardware.scales.pan import Pan, Seen


class Voice:
    """One protocol on one pan; ``wrong_check`` spoils the next check byte, where there is one."""

    def __init__(self, pan: Pan) -> None:
        self.pan = pan
        self.wrong_check = False
        self._heard = b""

    def hear(self, data: bytes) -> bytes:
        """The answer to what the host sent."""
        return b""

    def murmur(self) -> bytes:
        """What is sent unasked, ten times a second."""
        return b""

    def _check(self, data: bytes) -> int:
        spoilt, self.wrong_check = self.wrong_check, False
        return reduce(lambda left, right: left ^ right, data, 0x55 if spoilt else 0)


def kilograms(grams: int, width: int) -> bytes:
    """Grams as kilograms with three places, zeros in front."""
    return f"{abs(grams) / 1000:0{width}.3f}".encode()


class ToledoVoice(Voice):
    """8217: a letter in, a weight or "?" and a status out."""

    def hear(self, data: bytes) -> bytes:
        self._heard += data
        out = b""
        while self._heard:
            letter = self._heard[:1]
            if letter == b"T":
                line, end, rest = self._heard.partition(b"\r")
                if not end:
                    break
                self.pan.tare(int(line[1:]) if line[1:] else None)
                self._heard = rest
            else:
                self._heard = self._heard[1:]
                if letter == b"Z":
                    self.pan.zero()
                elif letter == b"C":
                    self.pan.tare(0)
            out += self._answer(letter)
        return out

    def _answer(self, letter: bytes) -> bytes:
        seen = self.pan.see()
        status = 0x40 | (not seen.stable) | seen.over << 1 | seen.under << 2
        status |= seen.zero << 4 | seen.net << 5
        if letter != b"W" or status & 0x07:
            return b"\x02?%c\r" % status
        return b"\x02" + kilograms(seen.grams, 6) + (b"N" if seen.net else b"") + b"\r"


class CasVoice(Voice):
    """Type 6: ENQ, ACK, DC1, then fifteen bytes."""

    enquiry, ask = 0x05, 0x11

    def hear(self, data: bytes) -> bytes:
        out = b""
        for byte in data:
            if byte == self.enquiry:
                out += b"\x06"
            elif byte == self.ask:
                out += self.frame(self.pan.see())
        return out

    def frame(self, seen: Seen) -> bytes:
        """The fields, their XOR, the end."""
        sign = b"F" if seen.over else b"-" if seen.under else b" "
        shown = b"FFFFFF" if seen.over else kilograms(seen.grams, 6)
        body = (b"S" if seen.stable else b"U") + sign + shown + b"kg"
        return b"\x01\x02" + body + b"%c\x03\x04" % self._check(body)


class FiveVoice(Voice):
    """CAS types 0 and 1: a weight only at rest."""

    def hear(self, data: bytes) -> bytes:
        out, seen = b"", self.pan.see()
        for byte in data:
            if byte == 0x05:
                out += b"\x06"
            elif byte == 0x12:
                if not seen.stable or seen.under or seen.over:
                    out += b"\x15"
                elif seen.zero:
                    out += b"\x07"
                else:
                    body = b"A%05d" % seen.grams
                    out += b"\x02" + body + b"%c\x03" % self._check(body)
        return out


class DollarVoice(Voice):
    """CAS type 7."""

    def hear(self, data: bytes) -> bytes:
        return b"".join(kilograms(self.pan.see().grams, 6) + b"\r" for _ in range(data.count(b"$")))


class NciVoice(Voice):
    """W CR in; weight, unit and status out."""

    ecr = False

    def hear(self, data: bytes) -> bytes:
        *lines, self._heard = (self._heard + data).split(b"\r")
        return b"".join(self._answer(line) for line in lines)

    def _answer(self, line: bytes) -> bytes:
        if line == b"Z":
            self.pan.zero()
        elif line == b"T":
            self.pan.tare()
        elif line not in (b"W", b"S"):
            return b"\n?\r\x03"
        seen = self.pan.see()
        first = 0x30 | (not seen.stable) | seen.zero << 1
        second = 0x30 | seen.under | seen.over << 1 | (seen.net << 6)
        status = bytes((first, second)) + (b"\x34" if seen.net else b"")
        weighs = line == b"W" and not (self.ecr and (first & 1 or second & 3))
        shown = b"^^^^^^" if seen.over else b"______" if seen.under else kilograms(seen.grams, 6)
        weight = shown + b"KG\r\n" if weighs else b""
        return b"\n" + weight + (b"S" if self.ecr else b"") + status + b"\r\x03"


class EcrVoice(NciVoice):
    """The variant of cash registers: S before the status, no weight while it moves."""

    ecr = True


class DialogVoice(Voice):
    """Dialog 06: price records, results, status, and the challenge after power-on."""

    def __init__(self, pan: Pan, polynomial: int = 0x11021, challenge: bytes = b"47") -> None:
        super().__init__(pan)
        self.polynomial, self.challenge = polynomial, challenge
        self.proven, self.proofs = False, 0
        self._price, self._verdict, self._code = 0, b"", b"00"
        self._weighed: int | None = None

    def hear(self, data: bytes) -> bytes:
        self._heard += data
        out = b""
        while self._heard:
            if self._heard[:1] != b"\x04":
                self._heard = self._heard[1:]
            elif self._heard[1:2] == b"\x05":
                self._heard, out = self._heard[2:], out + self._poll()
            elif self._heard[1:2] == b"\x02":
                record, end, rest = self._heard[2:].partition(b"\x03")
                if not end:
                    break
                self._heard, out = rest, out + self._record(record)
            elif len(self._heard) == 1:
                break
            else:
                self._heard = self._heard[1:]
        return out

    def _record(self, record: bytes) -> bytes:
        number, *fields = record.split(b"\x1b")
        if number in (b"01", b"03") and not self.proven:
            return b"\x02" + b"11\x1b2" + self.challenge + b"\x03"
        if number in (b"01", b"03"):
            self._price = int(fields[0])
            self.pan.tare(int(fields[1]) if number == b"03" else 0)
            return b"\x06"
        if number == b"10":
            self.proofs += 1
            self.proven = self._proof(fields[0]) and not self.wrong_check
            self.wrong_check = False
            self._verdict = b"1" if self.proven else b"0"
            return b"\x06"
        if number == b"08":
            code, self._code = self._code, b"00"
            return b"\x0209\x1b" + (self._state() or code) + b"\x03"
        self._code = b"10"
        return b"\x15"

    def _poll(self) -> bytes:
        if self._verdict:
            verdict, self._verdict = self._verdict, b""
            return b"\x0211\x1b" + verdict + b"\x03"
        seen = self.pan.see()
        if self._state() or not self._price or self._weighed == seen.grams:
            self._code = b"21"
            return b"\x15"
        self._weighed, price, self._price = seen.grams, self._price, 0
        amount = (price * seen.grams + 500) // 1000
        return b"\x0202\x1b3\x1b%05d\x1b%06d\x1b%06d\x03" % (seen.grams, price, amount)

    def _state(self) -> bytes:
        seen = self.pan.see()
        if not seen.stable:
            self._weighed = None
        for true, code in ((seen.over, b"32"), (seen.under, b"31"), (not seen.stable, b"20")):
            if true:
                return code
        return b"30" if seen.zero else b""

    def _proof(self, field: bytes) -> bool:
        """Division of a polynomial as it is done on paper, a bit string at a time."""
        high, low = int(self.challenge[:1], 16), int(self.challenge[1:], 16)
        bits = f"{int(field[:4], 16):016b}"
        bits = bits[16 - high :] + bits[: 16 - high]
        rest = [int(bit) for bit in bits + "0" * 16]
        divisor = [int(bit) for bit in f"{self.polynomial:017b}"]
        for at in range(16):
            if rest[at]:
                for place, bit in enumerate(divisor):
                    rest[at + place] ^= bit
        key = "".join(map(str, rest[16:]))
        key = key[16 - low :] + key[: 16 - low]
        return int(key, 2) == int(field[4:8], 16)


class StreamVoice(Voice):
    """A scale that sends by itself; ``frame`` makes the bytes."""

    def __init__(self, pan: Pan, frame: Callable[[StreamVoice, Seen], bytes]) -> None:
        super().__init__(pan)
        self._frame = frame

    def murmur(self) -> bytes:
        return self._frame(self, self.pan.see())

    def hear(self, data: bytes) -> bytes:
        for command in (b"<TK>\t", b"T\r\n"):
            if command in data:
                self.pan.tare()
        for command in (b"<ZK>\t", b"Z\r\n"):
            if command in data:
                self.pan.zero()
        return b""

    def check(self, data: bytes) -> int:
        """The XOR, or a wrong one."""
        return self._check(data)


def _signed(seen: Seen, width: int) -> bytes:
    text = f"{abs(seen.grams) / 1000:.3f}".rjust(width)
    return (b"-" if seen.grams < 0 else b"+") + text.encode()


def _st_gs(_voice: StreamVoice, seen: Seen) -> bytes:
    state = b"OL" if seen.over else b"ST" if seen.stable else b"US"
    return state + (b",NT," if seen.net else b",GS,") + _signed(seen, 7) + b"kg\r\n"


def _and(_voice: StreamVoice, seen: Seen) -> bytes:
    if seen.over:
        return b"OL,+9999999E+19\r\n"
    sign = b"-" if seen.under else b"+"
    return (b"ST," if seen.stable else b"US,") + sign + kilograms(seen.grams, 9) + b"  kg\r\n"


def _cas22(_voice: StreamVoice, seen: Seen) -> bytes:
    state = b"OL" if seen.over else b"ST" if seen.stable else b"US"
    lamp = 0x80 | seen.stable << 6 | (not seen.net) << 2 | seen.net << 1 | seen.zero
    head = state + (b",NT,1" if seen.net else b",GS,1") + b"%c," % lamp
    return head + f"{seen.grams / 1000:8.3f}".encode() + b" kg\r\n"


def _ohaus(_voice: StreamVoice, seen: Seen) -> bytes:
    sign = b"-" if seen.under else b" "
    text = f"{abs(seen.grams) / 1000:7.3f}".encode()
    return sign + b" " + text + b" kg    " + (b" " if seen.stable else b"?") + b" G  \r\n"


def _aihua(_voice: StreamVoice, seen: Seen) -> bytes:
    return b"\r %04d" % min(9999, max(0, seen.grams))


def _toledo(voice: StreamVoice, seen: Seen) -> bytes:
    swb = 0x30 | seen.net | seen.under << 1 | seen.over << 2 | (not seen.stable) << 3
    body = b"\x02\x2d%c\x20%06d000000\r" % (swb, abs(seen.grams))
    spoilt, voice.wrong_check = voice.wrong_check, False
    return body + bytes(((-sum(body) + spoilt) & 0x7F,))


def _weighbridge(voice: StreamVoice, seen: Seen) -> bytes:
    body = (b"-" if seen.under else b"+") + b"%06d3" % abs(seen.grams)
    return b"\x02" + body + b"%02X\x03" % voice.check(body)


def _os2x(voice: StreamVoice, seen: Seen) -> bytes:
    state = b"F" if seen.over else b"S" if seen.stable else b"U"
    body = b"\x01\x02" + state + (b"-" if seen.under else b" ") + kilograms(seen.grams, 6) + b"kg"
    f2 = seen.zero << 4 | seen.net << 5 | seen.over << 6
    return body + b"%c\x03\x04%c" % (voice.check(body), f2)


def _yousheng(_voice: StreamVoice, seen: Seen) -> bytes:
    flags = 0x03 | seen.under << 5 | seen.stable << 6 | seen.over << 7
    digits = bytes.fromhex(f"{min(abs(seen.grams), 999999):06d}")
    return b"\xff%c" % flags + digits[::-1] + b"\x00"


_STREAMS = {
    "st-gs": _st_gs,
    "and": _and,
    "cas22": _cas22,
    "ohaus": _ohaus,
    "aihua": _aihua,
    "toledo": _toledo,
    "weighbridge": _weighbridge,
    "os2x": _os2x,
    "yousheng": _yousheng,
}
VOICES: Mapping[str, Callable[[Pan], Voice]] = {
    "mettler-8217": ToledoVoice,
    "cas": CasVoice,
    "cas-0": FiveVoice,
    "cas-7": DollarVoice,
    "nci": NciVoice,
    "nci-ecr": EcrVoice,
    "dialog06": DialogVoice,
    **{
        name: (lambda pan, frame=frame: StreamVoice(pan, frame))  # type: ignore[misc]
        for name, frame in _STREAMS.items()
    },
}
