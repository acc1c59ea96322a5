"""What passed inside the machine, as a table; ends with 1 if any failed, was skipped, or none ran.

    python tests/machine/results.py build/machine/last/results.xml

A test that is marked for the machine and is skipped there has lost its device: that is no success.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from defusedxml import ElementTree

OUTCOMES = ("passed", "failed", "skipped")


def line(name: str, counts: Iterable[object], seconds: object) -> str:
    return f"{name:60}" + "".join(f"{cell:>9}" for cell in (*counts, seconds))


def main(path: str) -> int:
    tests: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: Counter[str] = Counter()
    for case in ElementTree.fromstring(Path(path).read_bytes()).iter("testcase"):
        found = {element.tag for element in case}
        outcome = "failed" if found & {"failure", "error"} else "skipped" * ("skipped" in found)
        suite = case.get("classname", "")
        tests[suite][outcome or "passed"] += 1
        seconds[suite] += float(case.get("time", 0))
    print(line("", OUTCOMES, "seconds"))
    for suite, counts in sorted(tests.items()):
        name = suite.removeprefix("tests.")
        print(line(name, [counts[each] for each in OUTCOMES], round(seconds[suite], 1)))
    total = sum(tests.values(), Counter())
    print(line("all", [total[each] for each in OUTCOMES], round(seconds.total(), 1)))
    return int(not total["passed"] or total["failed"] > 0 or total["skipped"] > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
