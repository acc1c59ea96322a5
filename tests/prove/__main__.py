"""`make prove`: the proof that no crash, cut or bad line loses or doubles money, as one table.

    crash     kill -9 at every edge of every path x fault      crash.py paths.py faults.py
                                                                lanes.py baskets.py
              the shop, the knife, the judge                    shop.py knife.py oracle.py
    power     the disk after a power cut, prefix by prefix      power.py disk.py
    network   bad lines x calls                                 network.py
    visits    random visits against the laws of money           visits.py wallet.py
    fleet     kills, thieves and old disks at the fleet         fleet.py
    gateway   its process killed while kiosks pay by it         gateway.py
    soak      hundreds of visits through the window             soak.py
    zoo       ledgers of earlier versions of the program        zoo.py
    fuzz      every parser on bytes that nobody meant           fuzz.py parsers.py

Writes proof.json and proof.md to build/proof and prints the table; 1 where something is not zero
that must be, or is not finished. What is finished stays there: run it again, and it goes on. When
the program has changed since, it begins anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from tests.prove.lanes import LANES
from tests.prove.table import markdown, rows_of

ROOT = Path(__file__).parents[2]
TOGETHER = 3
"""Lanes at a time: most of a cell is waiting, and two cores carry three."""
PROVED = ("*.py", "channels", "domain", "faces", "ledger", "sandbox", "ui")
"""What of kiosk/ the proof is about."""


def main() -> int:
    """Go on with the proof, then say how it stands."""
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("build/proof"))
    parser.add_argument("--minutes", type=float, default=45.0)
    parser.add_argument("--table", action="store_true", help="only say how it stands")
    parser.add_argument("--keep", action="store_true", help="go on though the program has changed")
    options = parser.parse_args()
    if not options.table:
        _begin(options.folder, keep=options.keep)
        _work(options.folder, options.minutes * 60 - 90)
    rows = rows_of(options.folder)
    text = markdown(rows)
    (options.folder / "proof.md").write_text(text, "utf-8")
    told = {"source": _source(), "rows": [{**asdict(row), "holds": row.holds} for row in rows]}
    (options.folder / "proof.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    sys.stdout.write(text)
    return 0 if all(row.holds for row in rows) else 1


def _begin(folder: Path, *, keep: bool) -> None:
    source, known = _source(), folder / "source"
    if known.exists() and known.read_text("ascii") != source and not keep:
        sys.stdout.write("the program has changed: the proof begins anew\n")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    known.write_text(source, "ascii")


def _work(folder: Path, seconds: float) -> None:
    end = time.monotonic() + seconds

    def run(module: str, *arguments: str) -> None:
        left = max(1.0, end - time.monotonic())
        log = folder / f"{'-'.join([module, *arguments[:1]])}.log".replace("/", "-")
        with log.open("ab") as out:
            command = [sys.executable, "-m", f"tests.prove.{module}", *arguments, str(left)]
            subprocess.run(command, stdout=out, stderr=out, check=False, cwd=ROOT)

    with ThreadPoolExecutor(2) as pool:
        pool.submit(run, "sums", str(folder.resolve() / "sums"))
        pool.submit(run, "soak", str(folder.resolve() / "soak"))
        lanes = ThreadPoolExecutor(TOGETHER)
        for lane in LANES:
            if lane != "sample":
                lanes.submit(run, "crash", lane, str(folder.resolve() / "crash" / lane))
        lanes.shutdown(wait=True)


def _source() -> str:
    """A digest of the program that is proved, and of the proof."""
    whole = hashlib.sha256()
    places = [*(ROOT / "kiosk").glob("*.py"), *(ROOT / "hardware").rglob("*.py")]
    places += (ROOT / "fleet").rglob("*.py")
    for name in PROVED[1:]:
        places += (ROOT / "kiosk" / name).rglob("*.py")
    places += (ROOT / "tests" / "prove").glob("*.py")
    for path in sorted(places):
        whole.update(path.read_bytes())
    return whole.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
