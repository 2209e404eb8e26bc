"""What was found wrong with a published table, as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from syncode.reports.tables import aligned, percent
from syncode.schemas.records import Row


def as_text(rows: Sequence[Row]) -> str:
    """Return the findings for people: the sizes behind the table, then the rows that cannot be as they are printed."""
    if any(row["kind"] == "weighted" for row in rows):
        return _weighted([row for row in rows if row["defects"]])
    lines = []
    for row in rows:
        if row["kind"] != "sizes":
            continue
        sizes = " ".join(f"{group}={size}" for group, size in row["sizes"].items())
        source = "claimed" if row["claimed"] else "implied"
        lines.append(f"{source}: {sizes}, N = {row['n']}: {row['rows']} rows")
        lines += [f"    {count:3} rows print {order}" for order, count in row["orders"].items()]
        lines += [
            f"    {defect}" + (f": {row['claimed_n']} claimed" if defect == "wrong n" else "")
            for defect in row["defects"]
        ]
    head = ["row", "model", "N", "win", "tie", "score", "defects"]
    bad = [row for row in rows if row["kind"] == "row" and row["defects"]]
    cells = [[str(row["row"]), row["model"], *_numbers(row), _told(row)] for row in bad]
    table = aligned(head, cells, (1, 6)) if cells else "No row contradicts itself."
    return "\n".join([*lines, "", table])


def _weighted(bad: Sequence[Row]) -> str:
    if not bad:
        return "Every average is that of its columns and weights."
    cells = [
        [str(row["row"]), row["model"], f"{row['printed']:g}", f"{row['implied']:.2f}", ", ".join(row["defects"])]
        for row in bad
    ]
    return aligned(["row", "model", "printed", "implied", "defects"], cells, (1, 4))


def _numbers(row: Row) -> list[str]:
    if row.get("n") is None:
        return ["-"] * 4
    return [str(row["n"]), percent(row["win"]), percent(row["tie"]), percent(row["score"])]


def _told(row: Row) -> str:
    parts = list(row["defects"])
    if row.get("repair"):
        parts.append(f"{row['repair']['column']} should be {row['repair']['implied']}")
    if "permuted columns" in parts:
        parts.append(row["order"])
    return ", ".join(parts)
