"""`kiosk sandbox face-service`: the certified face service on this machine."""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.sandbox.face_service.line import Line
from kiosk.sandbox.face_service.service import FaceService
from kiosk.sandbox.face_service.shopper import Shopper
from kiosk.sandbox.face_service.wallet import WalletLine
from kiosk.sandbox.merchant import write_whole

SHOPPER = "oShopperBeforeTheCamera00000"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk sandbox face-service", description=__doc__)
    parser.add_argument("--sandbox", required=True, metavar="URL", help="where the sandbox is")
    parser.add_argument(
        "--listen", default="0", metavar="PORT_OR_PATH", help="on 127.0.0.1, or a Unix socket"
    )
    parser.add_argument("--shopper", default=SHOPPER, metavar="OPENID", help="who is seen")
    parser.add_argument("--ready", type=Path, help="file that gets the address once it listens")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    shopper = Shopper(options.shopper, random.SystemRandom())
    service = FaceService(WalletLine(options.sandbox), shopper)
    server = await Line(service.answer).open(options.listen)
    where = server.sockets[0].getsockname()
    address = where if isinstance(where, str) else f"127.0.0.1:{where[1]}"
    if options.ready is not None:
        write_whole(options.ready, f"{address}\n", 0o644)
    print(address, flush=True)
    try:
        await stopped.wait()
    finally:
        server.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM; 0 at a clean end, 1 when it cannot listen."""
    options = _parser().parse_args(argv)
    try:
        asyncio.run(_serve(options))
    except OSError as error:
        print(f"kiosk sandbox face-service: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
