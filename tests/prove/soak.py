"""Hundreds of visits through the real window of one kiosk that is never restarted.

    python -m tests.prove.soak FOLDER SECONDS

After each visit the memory, open files and threads of core, ui and faces are read from the kernel.
Whatever is kept for good by a visit shows as a slope over the last half of them. What a process
has after a start says nothing of this, so a run that was broken off begins anew.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kiosk.bench.machine import memory_of
from kiosk.demo.display import VirtualDisplay
from kiosk.demo.settings import Play
from kiosk.demo.shopper import BANANAS, wait_for_tender
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError
from tests.flows.shopper import EGGS, JUICE, QUICK, SUGAR, Shopper

VISITS = 500
MINUTES = 20.0
"""In which a kiosk of these processes makes them, on two processors that nobody else uses."""
PROCESSES = ("core", "ui", "faces")
SLOPE = 1.0  # percent over the last half
SPEED = 20.0
KEPT = "soak.json"


@dataclass(frozen=True, slots=True)
class Sample:
    """What one process holds after a visit; memory in MB."""

    at_s: float
    process: str
    pss: float
    rss: float
    files: int
    threads: int


MEASURES = ("pss", "rss", "files", "threads")


@dataclass(slots=True)
class Soak:
    """What was played and what was seen."""

    seconds: float = 0.0
    visits: dict[str, int] = field(default_factory=dict)
    stuck: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.visits.values())


# --- the visits -----------------------------------------------------------------------------------


def by_code(shopper: Shopper) -> None:
    _fills(shopper, SUGAR, EGGS)
    _pays_by_code(shopper)


def by_qr(shopper: Shopper) -> None:
    _fills(shopper, JUICE)
    shopper.asks_for_a_qr()
    shopper.phone.pays()
    _has_paid(shopper)


def by_face(shopper: Shopper) -> None:
    _fills(shopper, SUGAR)
    shopper.chooses_face()
    _has_paid(shopper)


def leaves(shopper: Shopper) -> None:
    _fills(shopper, EGGS)
    for widget in ("back", "leave", "sheet.accept"):
        shopper.touches(widget)


def is_declined(shopper: Shopper) -> None:
    body = {"script": "decline NOTENOUGH", "api": "micropay", "count": 1}
    shopper.shop.sandbox("POST", "/sandbox/scripts", body)
    _fills(shopper, SUGAR)
    shopper.shows_a_code()
    shopper.sees("TROUBLE")
    shopper.touches("back")
    shopper.sees("TENDER")
    _pays_by_code(shopper)


def gets_no_slip(shopper: Shopper) -> None:
    shopper.shop.printer("paper out")
    try:
        by_code(shopper)
    finally:
        shopper.shop.printer("paper in")


def speaks_another_language(shopper: Shopper) -> None:
    language = shopper.sees("ATTRACT").language
    shopper.touches("language.en" if language == "zh" else "language.zh")
    shopper.finger.wait_until(lambda seen: seen.language != language, "the other language")
    by_code(shopper)


def weighs(shopper: Shopper) -> None:
    shopper.touches("start")
    shopper.sees("BASKET")
    shopper.touches("browse")
    shopper.finger.wait_until(lambda seen: seen.can_touch(BANANAS), "cards")
    shopper.touches(BANANAS)
    shopper.finger.wait_until(lambda seen: seen.can_touch("weighing.cancel"), "the scale's turn")
    shopper.shop.scale("load 860")
    shopper.sees("BASKET")
    shopper.shop.scale("empty")
    shopper.touches("pay")
    shopper.sees("TENDER")
    _pays_by_code(shopper)


MIX: Mapping[Callable[[Shopper], None], int] = {
    by_code: 5,
    leaves: 5,
    by_qr: 2,
    by_face: 2,
    weighs: 2,
    is_declined: 1,
    gets_no_slip: 1,
    speaks_another_language: 2,
}
"""How often each comes in one round, whose order is another each time."""


def _fills(shopper: Shopper, *codes: str) -> None:
    shopper.touches("start")
    shopper.sees("BASKET")
    shopper.scans(*codes)
    shopper.touches("pay")
    shopper.sees("TENDER")


def _pays_by_code(shopper: Shopper) -> None:
    shopper.shows_a_code()
    _has_paid(shopper)


def _has_paid(shopper: Shopper) -> None:
    """From a payment only DONE leads to ATTRACT, and soon, so that the one may be missed."""
    shopper.sees("DONE", "ATTRACT", timeout=40)


# --- the run --------------------------------------------------------------------------------------


def play(
    folder: Path, visits: int, seconds: float, mix: Mapping[Callable[[Shopper], None], int] = MIX
) -> Soak:
    """So many visits, or as many as fit into `seconds`. Raises KioskError where no kiosk comes."""
    settings = {**QUICK, "visit": {"done": 0.5, "trouble": 20.0}}
    with (
        VirtualDisplay(QUICK["ui"]["width"], QUICK["ui"]["height"]) as display,
        Stage(folder, Play(display.name, speed=SPEED, scale=True, settings=settings)) as stage,
    ):
        shopper, soak = Shopper(stage), Soak()
        shopper.sees("ATTRACT", timeout=60)
        wait_for_tender(stage)
        began = time.monotonic()
        chance = random.Random(visits)
        counts: Counter[str] = Counter()
        left: list[Callable[[Shopper], None]] = []
        while soak.count < visits and soak.seconds < seconds:
            left = left or _round(mix, chance)
            visit = left.pop()
            try:
                visit(shopper)
            except (KioskError, AssertionError) as trouble:
                soak.stuck.append(f"visit {soak.count + 1}, {visit.__name__}: {trouble}")
            shopper.comes_to_an_idle_kiosk()
            counts[visit.__name__] += 1
            soak.visits, soak.seconds = dict(counts), time.monotonic() - began
            soak.samples += [_sample(stage, name, soak.seconds) for name in PROCESSES]
        if not stage.sandbox("GET", "/sandbox/audit")["clean"]:
            soak.stuck.append("the wallet's books are not clean")
    return soak


def _round(
    mix: Mapping[Callable[[Shopper], None], int], chance: random.Random
) -> list[Callable[[Shopper], None]]:
    visits = [visit for visit, times in mix.items() for _ in range(times)]
    chance.shuffle(visits)
    return visits


def _sample(stage: Stage, name: str, at_s: float) -> Sample:
    pid = stage.pid(name)
    memory, process = memory_of([pid]), Path("/proc") / str(pid)
    files, threads = (len(list((process / each).iterdir())) for each in ("fd", "task"))
    return Sample(round(at_s, 2), name, round(memory.pss, 3), round(memory.rss, 3), files, threads)


# --- what it says ---------------------------------------------------------------------------------


def slope(values: Sequence[float]) -> float:
    """Percent of their mean that the last half of the values gains, along its straight line."""
    half = values[len(values) // 2 :]
    count, mean = len(half), sum(half) / len(half)
    if count < 2 or not mean:
        return 0.0
    middle = (count - 1) / 2
    rise = sum((at - middle) * (value - mean) for at, value in enumerate(half))
    run = sum((at - middle) ** 2 for at in range(count))
    return 100 * rise / run * (count - 1) / mean


def slopes(samples: Sequence[Sample]) -> dict[str, float]:
    """Of every process and measure, as "ui pss"."""
    return {
        f"{name} {measure}": slope(
            [float(getattr(each, measure)) for each in samples if each.process == name]
        )
        for name in PROCESSES
        for measure in MEASURES
    }


def table(soak: Soak) -> str:
    """What each process held at the middle and at the end, and how it grew between."""
    lines = [
        f"{soak.count} visits in {soak.seconds / 60:.1f} minutes: "
        + ", ".join(f"{name} {count}" for name, count in sorted(soak.visits.items())),
        "",
        "| process | measure | at half | at the end | slope of the last half |",
        "| ------- | ------- | ------- | ---------- | ---------------------- |",
    ]
    for key, grows in slopes(soak.samples).items():
        name, measure = key.split()
        values = [float(getattr(one, measure)) for one in soak.samples if one.process == name]
        middle, last = values[len(values) // 2], values[-1]
        lines.append(f"| {name} | {measure} | {middle:.1f} | {last:.1f} | {grows:+.2f} % |")
    return "\n".join(lines) + "\n"


def chart(soak: Soak, path: Path) -> None:
    """A picture: a row for each measure, a line for each process."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, rows = plt.subplots(len(MEASURES), 1, figsize=(10, 11), sharex=True)
    for row, measure in zip(rows, MEASURES, strict=True):
        for name in PROCESSES:
            values = [getattr(one, measure) for one in soak.samples if one.process == name]
            row.plot(range(1, len(values) + 1), values, label=name, linewidth=1)
        row.axvline(soak.count / 2, color="grey", linestyle=":")
        row.set_ylabel(f"{measure}, MB" if measure in ("pss", "rss") else measure)
        row.set_ylim(bottom=0)
    rows[0].legend()
    rows[-1].set_xlabel(f"visits, in {soak.seconds / 60:.1f} minutes")
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def run(folder: Path, deadline: float, visits: int = VISITS) -> bool:
    """Play what is not finished; whether nothing is left."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / KEPT
    if kept.exists():
        return True
    soak = play(folder / f"shop-{time.time_ns()}", visits, deadline - time.monotonic())
    (folder / "soak.md").write_text(table(soak), "utf-8")
    chart(soak, folder / "soak.png")
    if soak.count < visits:
        return False
    keep(folder, soak)
    return True


def keep(folder: Path, soak: Soak) -> None:
    """A run that is whole is not played again."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = (folder / KEPT).with_suffix(".part")
    beside.write_text(json.dumps(asdict(soak)), "utf-8")
    beside.replace(folder / KEPT)


def finished(folder: Path) -> Soak | None:
    """The run that was kept, if there is one."""
    kept = folder / KEPT
    if not kept.exists():
        return None
    read = json.loads(kept.read_text("utf-8"))
    return Soak(**{**read, "samples": [Sample(**each) for each in read["samples"]]})


if __name__ == "__main__":
    whole = run(Path(sys.argv[1]), time.monotonic() + float(sys.argv[2]))
    sys.exit(0 if whole else 3)
