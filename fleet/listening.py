"""Where a process of the fleet listens, and over which certificate: one way for each of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

LONGEST_HEAD = 64 * 1024  # bytes of a request before its body


def add_listening(command: argparse.ArgumentParser, default: str) -> None:
    """Have the command take `--listen`, and `--certificate` with `--key` for TLS."""
    command.add_argument("--listen", type=_address, default=default, metavar="HOST:PORT")
    command.add_argument("--certificate", type=_file, metavar="FILE", help="PEM; with --key")
    command.add_argument("--key", type=_file, metavar="FILE", help="PEM; of the certificate")


def listen(app: Any, options: argparse.Namespace) -> int:
    """Serve until the process is told to stop; the exit status."""
    import uvicorn

    if (options.certificate is None) != (options.key is None):
        sys.stderr.write("--certificate and --key go together\n")
        return 2
    host, port = options.listen
    uvicorn.run(
        app,
        host=host,
        port=port,
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
        access_log=False,
        server_header=False,
        log_level="warning",
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )
    return 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not HOST:PORT")
    return host.strip("[]"), int(port)


def _file(text: str) -> Path:
    try:
        with Path(text).open("rb"):
            return Path(text)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be read: {error.strerror}") from error
