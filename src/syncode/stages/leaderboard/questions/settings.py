"""What a user can say about tables of single questions, and about what they cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Measure = Literal["preference", "pass"]
"""What a question's score is: the share of games won, or the share of samples that passed their tests."""


@dataclass(frozen=True)
class UnitOptions:
    """Every field is a command line option."""

    format: Literal["jsonl", "csv"] = field(
        default="jsonl", metadata={"group": "Report", "help": "Rows (Parquet by the name of -o), or CSV."}
    )
    prices: str | None = field(
        default=None,
        metadata={"metavar": "FILE", "file": "reads", "help": "TOML file with prices, as of journal: adds the cost."},
    )


@dataclass(frozen=True)
class Measured:
    """Every field is a command line option."""

    format: Literal["table", "jsonl"] = field(
        default="table", metadata={"group": "Report", "help": "Tables for people, or rows."}
    )
    measure: Measure | None = field(
        default=None,
        metadata={"help": "Compare verdicts (preference) or executions (pass); else what the rows are."},
    )


@dataclass(frozen=True)
class CompareOptions(Measured):
    """Every field is a command line option."""

    old: str | None = field(default=None, metadata={"help": "The model of OLD, if it holds several."})
    new: str | None = field(default=None, metadata={"help": "The model of NEW, if it holds several."})
    all: bool = field(default=False, metadata={"help": "List every question, not only those that flipped."})


@dataclass(frozen=True)
class ItemOptions(Measured):
    """Every field is a command line option."""

    tau: float = field(
        default=0.9,
        metadata={"help": "Kendall's tau that the smallest subset must keep.", "min": 0.0, "max": 1.0},
    )
    all: bool = field(default=False, metadata={"help": "List every question in the table, not only the worst."})
