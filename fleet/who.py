"""Whose a row is: one terminal of one merchant."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_


@dataclass(frozen=True, slots=True)
class Who:
    """One terminal of one merchant."""

    merchant_id: str
    terminal_id: str

    def __str__(self) -> str:
        return f"{self.merchant_id}/{self.terminal_id}"


def of(table: Table, who: Who) -> ColumnElement[bool]:
    """The rows of the table that are the terminal's."""
    return and_(table.c.merchant_id == who.merchant_id, table.c.terminal_id == who.terminal_id)
