"""What one make of receipt printer can do: paper, columns, and which commands it knows.

| roll  | head dots | columns (12 x 24) | hanzi a line |
|-------|-----------|-------------------|--------------|
| 58 mm | 384       | 32                | 16           |
| 80 mm | 576       | 48                | 24           |

Both at 203 dpi, 8 dots to the millimetre. Some 80 mm heads have 512 dots and 42 columns. A
kitchen's printer is one of these; a label printer as well, with ``labels``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hardware.printers.columns import CHARSETS, CHINESE, GB18030, Charset

LONGEST_COMMAND = 16


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of printer. Unknown abilities are off: an unknown command prints as garbage."""

    paper_mm: int
    columns: int  # of font A, 12 dots each
    dots: int  # width of the print area
    native_qr: bool = True  # GS ( k; without it the QR code goes as a picture
    process_id: bool = True  # GS ( H fn 48; without it GS r is the barrier
    charset: Charset = CHINESE
    realtime: bool = True  # DLE EOT is answered
    narrowed: bool = False  # the print area is less than the head
    label_end: bytes = b""  # what moves on to the next label, in place of a cut


def profile_for(
    paper: int,
    *,
    columns: int = 0,
    native_qr: bool = True,
    process_id: bool = True,
    four_byte: bool = False,
    realtime: bool = True,
    labels: str = "",
    charset: str = GB18030,
) -> Profile:
    """The profile of an ordinary 203 dpi printer for ``paper`` 58 or 80 mm.

    ``columns`` narrows it, as for the 180 dpi heads with 42 or for labels. ``labels``: the command
    that moves on to the next label, in hexadecimal digits; many makes have GS FF, "1D0C".
    ``charset``: gb18030, gb2312 for old firmware, big5 and utf-8 for printers sold elsewhere.
    Raises ValueError for other paper.
    """
    match paper:
        case 58:
            base = Profile(58, 32, 384)
        case 80:
            base = Profile(80, 48, 576)
        case _:
            raise ValueError(f"paper must be 58 or 80 (millimetres), not {paper!r}")
    if not 0 <= columns <= base.columns:
        raise ValueError(f"columns must be at most {base.columns} for {paper} mm, not {columns!r}")
    if charset not in CHARSETS:
        raise ValueError(f"charset must be one of {', '.join(CHARSETS)}, not {charset!r}")
    wide = columns or base.columns
    dots = base.dots if wide == base.columns else (512 if wide == 42 else wide * 12)
    return replace(
        base,
        columns=wide,
        dots=dots,
        narrowed=dots < base.dots,
        native_qr=native_qr,
        process_id=process_id,
        charset=Charset(charset, four_byte),
        realtime=realtime,
        label_end=_command(labels),
    )


def _command(digits: str) -> bytes:
    try:
        command = bytes.fromhex(digits)
    except (TypeError, ValueError) as error:
        raise ValueError(f"labels must be digits such as 1D0C, not {digits!r}") from error
    if len(command) > LONGEST_COMMAND or (command and command[0] >= 0x20):
        raise ValueError(f"labels must be one command of at most {LONGEST_COMMAND} bytes")
    return command
