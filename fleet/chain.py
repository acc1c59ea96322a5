"""Where the lines of a batch belong in a terminal's chains: the rules, without a database.

    branch 0   1 ─ 2 ─ 3 ─ 4 ─ 5 ─ 6          what the terminal had sent
    branch 1           └─ 4'─ 5'─ 6'─ 7'      an old disk was put back behind 3

A line that is known is not stored again. One that follows a known line where nothing stands goes
there; one that follows it where another stands begins a branch: nothing is overwritten, and both
were sold. What follows nothing known stands beyond a gap, which is named until it is filled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from fleet.line import Line, Poison

ROOT = bytes(32)


@dataclass(frozen=True, slots=True)
class Held:
    """A line that is stored: where, and by which hash it is known."""

    branch: int
    hash: bytes
    prev: bytes
    poison: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """One unbroken chain; `forked_at` is its first own place, below it the parent's hold."""

    number: int
    parent: int = 0
    forked_at: int = 1
    top: int = 0
    top_hash: bytes = ROOT


@dataclass(frozen=True, slots=True)
class Gap:
    """Places of a branch that nothing came for, both ends included."""

    branch: int
    first: int
    last: int


@dataclass(slots=True)
class Terminal:
    """All branches of one terminal and their gaps; `place` moves them along.

    `held` are the stored lines at the places of a batch and beside them, by place.
    """

    branches: dict[int, Branch]
    gaps: list[Gap]
    held: dict[int, list[Held]] = field(default_factory=dict)

    @property
    def current(self) -> int:
        """The branch that began last: the disk that is in the machine."""
        return max(self.branches, default=0)

    def lineage(self, branch: int) -> list[tuple[int, int, int]]:
        """(branch, first, last) of the places that a branch is made of, its own first."""
        parts: list[tuple[int, int, int]] = []
        last = self.branches[branch].top
        while True:
            one = self.branches[branch]
            parts.append((branch, one.forked_at, last))
            if one.forked_at == 1:
                return parts
            last = min(one.forked_at - 1, self.branches[one.parent].top)
            branch = one.parent

    def lineages(self) -> list[list[tuple[int, int, int]]]:
        """The lineage of every branch, the oldest branch first."""
        return [self.lineage(number) for number in sorted(self.branches)]

    def high_water(self, branch: int) -> int:
        """The place up to which everything of the branch is here."""
        missing = self.missing(branch)
        return missing[0].first - 1 if missing else self.branches[branch].top

    def missing(self, branch: int) -> list[Gap]:
        """The gaps of the branch and of what it grew from, lowest first."""
        parts = self.lineage(branch)
        found = [
            replace(gap, last=min(gap.last, last))
            for part, first, last in parts
            for gap in self.gaps
            if gap.branch == part and first <= gap.first <= last
        ]
        return sorted(found, key=lambda gap: gap.first)

    def place(self, line: Line | Poison) -> int | None:
        """The branch where the line is to be stored, entered there; None where it is known."""
        at = self.held.get(line.seq, [])
        if any(one.hash == line.hash for one in at):
            return None
        branch = self._branch_for(line)
        prev = b"" if isinstance(line, Poison) else line.prev
        self.held.setdefault(line.seq, []).append(
            Held(branch, line.hash, prev, isinstance(line, Poison))
        )
        self._enter(branch, line)
        return branch

    # --- inside ---------------------------------------------------------------------------------

    def _branch_for(self, line: Line | Poison) -> int:
        if not self.branches:
            self.branches[0] = Branch(0)
            return 0
        for branch in self._followed(line):
            if self._free(branch, line):
                return branch
        parent, forked_at = self._origin(line)
        number = self.current + 1
        top_hash = ROOT if forked_at == 1 else b""
        self.branches[number] = Branch(number, parent, forked_at, forked_at - 1, top_hash)
        return number

    def _followed(self, line: Line | Poison) -> list[int]:
        """The branches that the line may continue, the newest first."""
        newest_first = sorted(self.branches, reverse=True)
        if isinstance(line, Poison):
            return newest_first[:1]
        if line.seq == 1:
            return [number for number in newest_first if self.branches[number].forked_at == 1]
        before = {number: self._at(number, line.seq - 1) for number in newest_first}
        joined = [
            number
            for number, one in before.items()
            if one is not None and (one.poison or one.hash == line.prev)
        ]
        # Behind nothing that is here it may yet follow what is still to come.
        return joined or [number for number, one in before.items() if one is None][:1]

    def _free(self, branch: int, line: Line | Poison) -> bool:
        """Whether the branch has room there, and what stands behind it would follow it."""
        if line.seq < self.branches[branch].forked_at or self._at(branch, line.seq) is not None:
            return False
        after = self._at(branch, line.seq + 1)
        return after is None or after.poison or isinstance(line, Poison) or after.prev == line.hash

    def _origin(self, line: Line | Poison) -> tuple[int, int]:
        """Which branch a new one grew from, and its first own place."""
        if line.seq > 1 and isinstance(line, Line):
            for number in sorted(self.branches, reverse=True):
                before = self._at(number, line.seq - 1)
                if before is not None and before.hash == line.prev:
                    return number, line.seq
        return self.current, line.seq

    def _at(self, branch: int, seq: int) -> Held | None:
        """What stands at a place of the branch, be it its own or of what it grew from."""
        for part, first, last in self.lineage(branch):
            if first <= seq <= last:
                here = self.held.get(seq, [])
                return next((one for one in here if one.branch == part), None)
        return None

    def _enter(self, branch: int, line: Line | Poison) -> None:
        one = self.branches[branch]
        if line.seq > one.top:
            if line.seq > one.top + 1:
                self.gaps.append(Gap(branch, one.top + 1, line.seq - 1))
            self.branches[branch] = replace(one, top=line.seq, top_hash=line.hash)
            return
        self.gaps = [
            part
            for gap in self.gaps
            for part in (_without(gap, line.seq) if gap.branch == branch else [gap])
        ]


def _without(gap: Gap, seq: int) -> list[Gap]:
    if not gap.first <= seq <= gap.last:
        return [gap]
    sides = [replace(gap, last=seq - 1), replace(gap, first=seq + 1)]
    return [side for side in sides if side.first <= side.last]


def follows(branch: Branch, lines: Sequence[Line | Poison]) -> bool:
    """Whether all lines simply continue the branch, each behind the other: the usual case."""
    top, top_hash = branch.top, branch.top_hash
    if not top_hash:
        return False
    for line in lines:
        if isinstance(line, Poison) or line.seq != top + 1 or line.prev != top_hash:
            return False
        top, top_hash = line.seq, line.hash
    return True


def by_place(rows: Iterable[tuple[int, Held]]) -> dict[int, list[Held]]:
    """Stored lines, by their place."""
    found: dict[int, list[Held]] = {}
    for seq, held in rows:
        found.setdefault(seq, []).append(held)
    return found
