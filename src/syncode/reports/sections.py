"""Rows of several kinds as text for people: one table for each kind, with a sentence on how to read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from syncode.reports.tables import aligned, one_line
from syncode.schemas.records import Row


@dataclass(frozen=True)
class Section:
    """How one kind of row is shown: a sentence, and a column name with what stands in it. `left` are the columns of text.

    `optional` columns are left out where no row has a field of that name.
    """

    title: str
    columns: Mapping[str, Callable[[Row], str]]
    optional: frozenset[str] = frozenset()
    left: tuple[int, ...] = (1,)


def told(sections: Mapping[str, Section], rows: Sequence[Row]) -> str:
    """Return one table for each kind of row that there is, in the order of the sections. Column names may end in blanks."""
    parts = []
    for kind, section in sections.items():
        mine = [row for row in rows if row["kind"] == kind]
        if mine:
            columns = {
                name: cell
                for name, cell in section.columns.items()
                if name not in section.optional or any(name in row for row in mine)
            }
            lines = [[one_line(cell(row)) for cell in columns.values()] for row in mine]
            parts.append(f"{section.title}\n\n{aligned([name.strip() for name in columns], lines, section.left)}")
    return "\n\n\n".join(parts)
