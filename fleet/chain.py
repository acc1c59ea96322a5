"""Where the lines of a batch belong in a terminal's chains: the rules, without a database.

    branch 0   1 ─ 2 ─ 3 ─ 4 ─ 5 ─ 6          what the terminal had sent
    branch 1           └─ 4'─ 5'─ 6'─ 7'      an old disk was put back behind 3
    branch 2                         …  9'    came too early: loose, until 8' joins it

A branch is a run of lines of which each follows the one before by its hash. A line that is known is
not stored again; one that follows the last of a branch joins it; any other begins a branch, tied to
the line that it follows or loose while that is not here. So nothing is overwritten, both disks are
kept, and it does not matter in which order lines come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from fleet.line import Line, Poison

GENESIS = bytes(32)
LOOSE = -1
"""The parent of a branch that follows nothing that is here."""


@dataclass(frozen=True, slots=True)
class Held:
    """A line that is stored: where, and by which hash it is known."""

    branch: int
    hash: bytes
    poison: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """Lines from `first` to `top`; `prev` is what the first one claims to follow, b"": unknown."""

    number: int
    parent: int
    first: int
    prev: bytes
    top: int
    top_hash: bytes

    @property
    def loose(self) -> bool:
        """Whether it follows nothing that is here; the very first line need not."""
        return self.parent == LOOSE and self.first > 1


@dataclass(slots=True)
class Terminal:
    """All branches of one terminal; `place` moves them along.

    `held` are the stored lines at the places of a batch and beside them, by place. `tied` are the
    branches that were loose and are not any more.
    """

    branches: dict[int, Branch]
    held: dict[int, list[Held]] = field(default_factory=dict)
    tied: set[int] = field(default_factory=set)

    @property
    def newest(self) -> Branch | None:
        """The branch that began last."""
        return self.branches[max(self.branches)] if self.branches else None

    def lineage(self, number: int) -> list[tuple[int, int, int]]:
        """(branch, first, last) of the places that a branch is made of, its own first."""
        parts: list[tuple[int, int, int]] = []
        last = self.branches[number].top
        while True:
            one = self.branches[number]
            parts.append((number, one.first, last))
            if one.parent == LOOSE:
                return parts
            last, number = one.first - 1, one.parent

    def lineages(self) -> list[list[tuple[int, int, int]]]:
        """The lineage of every branch, the oldest branch first."""
        return [self.lineage(number) for number in sorted(self.branches)]

    def missing(self, number: int) -> tuple[int, int] | None:
        """The first and last place that are not here below a branch; None where all is."""
        root = self.branches[self.lineage(number)[-1][0]]
        if not root.loose:
            return None
        return min(self._common(), root.first - 1) + 1, root.first - 1

    def high_water(self, number: int) -> int:
        """The place up to which everything is here of the chain that the branch belongs to."""
        missing = self.missing(number)
        return self.branches[number].top if missing is None else missing[0] - 1

    def forked(self, branch: Branch) -> bool:
        """Whether another line stands where the branch begins."""
        if branch.parent == LOOSE:
            older = (one for one in self.branches.values() if one.number < branch.number)
            return branch.first == 1 and any(one.first == 1 for one in older)
        return branch.first <= self.branches[branch.parent].top

    def place(self, line: Line | Poison) -> int | None:
        """The branch where the line is to be stored, entered there; None where it is known."""
        if any(one.hash == line.hash for one in self.held.get(line.seq, [])):
            return None
        before = self._before(line)
        if before is not None and self.branches[before].top == line.seq - 1:
            number = before
            branch = replace(self.branches[number], top=line.seq, top_hash=line.hash)
        else:
            number = max(self.branches, default=-1) + 1
            prev = b"" if isinstance(line, Poison) else line.prev
            parent = LOOSE if before is None else before
            branch = Branch(number, parent, line.seq, prev, line.seq, line.hash)
        self.branches[number] = branch
        self.held.setdefault(line.seq, []).append(Held(number, line.hash, isinstance(line, Poison)))
        self._tie(number, line)
        return number

    # --- inside ---------------------------------------------------------------------------------

    def _common(self) -> int:
        """Up to where all chains that begin at the beginning are the same and here."""
        rooted = [one for one in self.branches.values() if not self._hangs(one.number)]
        forks = [one.first - 1 for one in rooted if self.forked(one)]
        return min(forks) if forks else max((one.top for one in rooted), default=0)

    def _hangs(self, number: int) -> bool:
        return self.branches[self.lineage(number)[-1][0]].loose

    def _before(self, line: Line | Poison) -> int | None:
        """The branch that holds what the line follows; a poison may be what any line followed."""
        if isinstance(line, Poison):
            ends = [one.number for one in self.branches.values() if one.top == line.seq - 1]
            return max(ends, default=None)
        there = self.held.get(line.seq - 1, [])
        named = [one.branch for one in there if one.hash == line.prev]
        return max(named or [one.branch for one in there if one.poison], default=None)

    def _tie(self, number: int, line: Line | Poison) -> None:
        """The line is what some loose branches have waited for."""
        for one in list(self.branches.values()):
            waits = one.parent == LOOSE and one.first == line.seq + 1
            fits = isinstance(line, Poison) or one.prev in (line.hash, b"")
            if waits and fits:
                self.branches[one.number] = replace(one, parent=number)
                self.tied.add(one.number)


def follows(terminal: Terminal, lines: Sequence[Line | Poison]) -> bool:
    """Whether all lines continue the newest branch, each behind the other, where nothing stands.

    That is the usual case, and needs no look at what is stored.
    """
    newest = terminal.newest
    first = lines[0].seq
    if newest is None:
        top, top_hash = 0, GENESIS
    elif any(one.top >= first for one in terminal.branches.values()):
        return False
    else:
        top, top_hash = newest.top, newest.top_hash
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
