"""A corrected ranking as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from syncode.reports.sections import Section, told
from syncode.reports.tables import number, percent, span
from syncode.schemas.records import Row


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.1f}"


SECTIONS = {
    "model": Section(
        "Scores in %: corrected by people, the judge's alone, people's on the labelled pairs. Models between which no "
        "difference is shown share a rank (Holm, 5 %).",
        {
            "rank": lambda row: "-" if row["rank"] is None else str(row["rank"]),
            "model": lambda row: row["model"],
            "corrected": lambda row: percent(row["corrected"]),
            "95 %": lambda row: span(row["low"], row["high"]),
            "judge": lambda row: percent(row["score"]),
            "people": lambda row: percent(row["people"]),
            "trust": lambda row: number(row["power"], 2),
            "labelled": lambda row: f"{row['labelled']} of {row['labelled'] + row['unlabelled']}",
        },
    ),
    "pair": Section(
        "Every two models: the corrected difference in points, paired by question.",
        {
            "difference": lambda row: _points(row["difference"]),
            "models": lambda row: f"{row['model_a']} - {row['model_b']}",
            "95 %": lambda row: "-" if row["low"] is None else f"{_points(row['low'])} to {_points(row['high'])}",
            "p": lambda row: number(row["p"], 4),
            "Holm": lambda row: number(row["holm"], 4),
            "labelled": lambda row: str(row["labelled"]),
        },
    ),
}


def as_text(rows: Sequence[Row]) -> str:
    """Return the table of models and that of pairs."""
    return told(SECTIONS, rows)
