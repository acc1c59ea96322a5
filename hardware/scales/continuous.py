r"""Scales that send their weight by themselves, or when they are asked with a fixed text.

Driver name in the configuration: ``continuous``. ``format`` names what they send: ``st-gs``
``and`` ``cas22`` ``ohaus`` ``aihua`` (`text_frames.py`), ``toledo`` ``weighbridge`` ``os2x``
``yousheng`` (`block_frames.py`). With ``request`` ("Q\r\n" for A&D, "IP\r\n" for Ohaus) the scale
is asked. Formats that do not tell of rest need two equal weights, as all do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.scales import block_frames
from hardware.scales.dialect import MOST_BUFFER, Commands, Heard
from hardware.scales.scale import Line, Rules, SerialScale
from hardware.scales.text_frames import TEXT, Cut

FORMATS = (*TEXT, "toledo", "weighbridge", "os2x", "yousheng")
COMMANDS: Mapping[str, Commands] = {
    "and": Commands(b"Z\r\n", b"T\r\n"),
    "ohaus": Commands(b"Z\r\n", b"T\r\n"),
    "os2x": Commands(b"<ZK>\t", b"<TK>\t"),
}


class Stream:
    """The dialect of all of them: what ``cut`` makes of the bytes."""

    def __init__(self, cut: Cut, request: bytes, commands: Commands) -> None:
        self._cut, self._request, self.commands = cut, request, commands
        self._buffer = bytearray()

    def request(self, unit_price: int | None) -> bytes:
        return self._request

    def reset(self) -> None:
        self._buffer.clear()

    def restart(self) -> None:
        self._buffer.clear()

    def feed(self, data: bytes) -> Heard:
        self._buffer += data
        readings, wrong = self._cut(self._buffer)
        del self._buffer[:-MOST_BUFFER]
        return Heard(readings, b"", wrong)


class ContinuousScale(SerialScale):
    """``checksum`` is for ``toledo``, ``offset`` for ``yousheng``. Raises ValueError."""

    def __init__(
        self,
        *,
        path: str,
        format: str,  # noqa: A002 - the word of the manuals
        name: str = "scale",
        baud: int = 9600,
        parity: str = "N",
        flow: str = "none",
        request: str = "",
        checksum: bool = False,
        offset: int = 0,
        unit: str = "kg",
        poll_s: float = 0.25,
        stale_s: float = 1.5,
        reads: int = 2,
        empty_g: float = 2,
        change_g: float = 20,
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
    ) -> None:
        rules = Rules(unit, poll_s, stale_s, reads, empty_g, change_g)
        if format not in FORMATS:
            raise ValueError(f"format must be one of {', '.join(FORMATS)}, not {format!r}")
        if offset not in (0, 1, 2):
            raise ValueError(f"offset must be 0, 1 or 2, not {offset!r}")
        blocks: dict[str, Callable[[], Cut]] = {
            "toledo": lambda: block_frames.toledo(checksum=checksum),
            "weighbridge": block_frames.cut_weighbridge,
            "os2x": block_frames.cut_os2x,
            "yousheng": lambda: block_frames.yousheng(offset),
        }
        cut = TEXT[format] if format in TEXT else blocks[format]()
        commands = COMMANDS.get(format, Commands())
        dialect = Stream(cut, request.encode("ascii"), commands)
        super().__init__(dialect, Line(path, baud, parity, flow), rules, name, loop, backoff)
