"""`python -m kiosk.sandbox`: the wallet on this machine."""

from __future__ import annotations

import argparse
import logging
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.sandbox.app import LINK_LIFE, open_sandbox
from kiosk.sandbox.face_service.__main__ import main as face_service
from kiosk.sandbox.merchant import write_whole
from kiosk.sandbox.scripts import MAGIC, SCRIPTS, Api, Kind
from kiosk.sandbox.server import listen, serve
from kiosk.sandbox.tls import certificates_in
from kiosk.sandbox.v3.keys import Mode

_CONTROL = """\
control, from this machine only (JSON; money in fen; examples in kiosk/sandbox/README.md):
  GET    /sandbox/health       DELETE /sandbox/state: forget everything but the keys
  GET    /sandbox/wallet       the public key that probes are sealed for
  POST   /sandbox/scripts      {"script": "delay 20", "api"?, "count"?, "out_trade_no"?}
  GET    /sandbox/scripts      what has still to happen        DELETE  forget it
  POST   /sandbox/codes        {"openid"?, "name"?, "balance"?}  -> a payment code, 60 s
  POST   /sandbox/faces        {"openid"?, "name"?, "template": [...], "balance"?}
  GET    /sandbox/faces        DELETE /sandbox/faces[/OPENID]
  GET    /sandbox/orders[/NO]  POST /sandbox/orders/NO/confirm | refuse
  POST   /sandbox/scan         {"code_url", "openid"?}  a phone scans the kiosk's screen
  GET    /sandbox/audit        every call, and what broke the rules
  POST   /sandbox/clock        {"advance"?: seconds, "speed"?: factor}
  GET    /phone                the shopper's phone, for a browser
"""


_FACE_SERVICE = """\
kiosk sandbox face-service --help: the certified face service, a process that belongs to a sandbox
"""


def _where(kind: Kind) -> str:
    """The calls a script fits, in the shorter of two ways."""
    missing = [api.value for api in Api if api not in kind.apis]
    if len(missing) < len(Api) / 2:
        return f"every call but {', '.join(missing)}" if missing else "every call"
    return ", ".join(api.value for api in kind.apis)


def _epilog() -> str:
    scripts = [f"  {name:<20}{kind.does}  [{_where(kind)}]" for name, kind in SCRIPTS.items()]
    magic = [
        f"  {fen // 100}.{fen % 100:02d} yuan  " + ", ".join(f"{w} ({a.value})" for w, a in armed)
        for fen, armed in MAGIC.items()
    ]
    calls = f"calls: {', '.join(api.value for api in Api)}"
    told = [_FACE_SERVICE, _CONTROL, "scripts:", *scripts, calls, "", "magic amounts:", *magic]
    return "\n".join(told)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiosk sandbox",
        description="The wallet on this machine: real wire, memory, fault scripts, audit.",
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--state", type=Path, required=True, help="folder of keys and memory")
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1; 0: a free one")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="how much faster the 15 s, 45 s and 7 d rules run"
    )
    parser.add_argument(
        "--tls",
        type=Path,
        metavar="DIR",
        help="serve HTTPS; /secapi/ then asks for the client certificate made in DIR",
    )
    parser.add_argument(
        "--v3-key",
        type=Mode,
        choices=list(Mode),
        default=Mode.CERTIFICATE,
        metavar="certificate|public-key",
        help="what merchants check /v3/ answers with",
    )
    parser.add_argument(
        "--link-life",
        type=float,
        default=LINK_LIFE,
        metavar="SECONDS",
        help="how long the link to a bill is good for; 30 in older documents of the wallet",
    )
    parser.add_argument("--ready", type=Path, help="file that gets the address once it listens")
    return parser


def _listening(listener: socket.socket, scheme: str, ready: Path | None) -> None:
    address = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}\n"
    if ready is not None:
        write_whole(ready, address, 0o644)
    print(address, end="", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sandbox until SIGTERM; 0 at a clean end, 1 when it cannot start.

    With `face-service` first, the face service that belongs to one.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["face-service"]:
        return face_service(given[1:])
    parser = _parser()
    options = parser.parse_args(given)
    if not 0.01 <= options.speed <= 10_000:
        parser.error("--speed is 0.01 to 10000")
    logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        sandbox = open_sandbox(
            options.state, speed=options.speed, mode=options.v3_key, link_life=options.link_life
        )
        tls = certificates_in(options.tls, sandbox.merchant.mch_id) if options.tls else None
        listener = listen(options.port)
    except OSError as error:
        print(f"kiosk sandbox: {error}", file=sys.stderr)
        return 1
    try:
        scheme = "http" if tls is None else "https"
        serve(
            sandbox.app,
            listener,
            lambda: _listening(listener, scheme, options.ready),
            sandbox.notifier.run,
            tls,
        )
    finally:
        listener.close()
        sandbox.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
