"""What a user can say about agreement: of verdicts, of a plain table of ratings, and of the sheet for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Format = Literal["table", "jsonl"]
Missing = Literal["left-out", "wrong"]
Interval = Literal["wilson", "bootstrap"]
Unit = Literal["auto", "game", "pair"]
Rule = Literal["net", "codearena", "pairwise", "plain"]
"""How the games of one pair become one label: the keys of `rules.RULES`, and `plain`, each game by itself."""


@dataclass(frozen=True)
class AgreeOptions:
    """Every field is a command line option."""

    format: Format = field(default="table", metadata={"help": "Tables for people, or rows."})
    judges: tuple[str, ...] = field(
        default=(), metadata={"flag": "--judge", "help": "Take the verdicts of this judge only."}
    )
    human: tuple[str, ...] = field(
        default=(), metadata={"help": "A judge among the rows that is a person (CSV rows always are)."}
    )
    by: tuple[str, ...] = field(
        default=(), metadata={"help": "Report for each value of category, judge or another field of rows or tasks."}
    )
    tasks: tuple[str, ...] = field(
        default=(),
        metadata={"file": "reads", "again": True, "help": "Task rows: what verdicts are about, and labels for --by."},
    )
    key: str | None = field(
        default=None, metadata={"file": "reads", "help": "The key of a blind sheet from `agree sample`."}
    )
    gold: str | None = field(default=None, metadata={"help": "A judge among the rows that is right by definition."})
    score: Rule | None = field(
        default=None,
        metadata={"help": "How both orders count as one label; else net against --gold, and as --unit says elsewhere."},
    )
    missing: Missing = field(default="left-out", metadata={"help": "What a missing verdict is against people or gold."})
    unit: Unit = field(
        default="auto",
        metadata={"help": "Compare single games (game), both orders together (pair), or what fits (auto)."},
    )
    family: tuple[str, ...] = field(
        default=(),
        metadata={
            "metavar": "NAME=FAMILY",
            "help": "NAME=FAMILY of a judge or model, for self-preference; else its leading letters.",
        },
    )
    interval: Interval = field(
        default="wilson",
        metadata={
            "help": "Of agreement: Wilson's at its effective size, or percentiles of redrawn questions (bootstrap)."
        },
    )
    rounds: int = field(
        default=1000, metadata={"help": "Redraws with --interval bootstrap; 0: no intervals.", "min": 0}
    )
    cluster: str = field(default="task_id", metadata={"help": "The field whose values are drawn together."})
    width: float | None = field(
        default=None,
        metadata={"help": "Say how many labels an interval this wide needs, as 0.1 (10 %).", "min": 0.001, "max": 1.0},
    )


@dataclass(frozen=True)
class SampleOptions:
    """Every field is a command line option."""

    tasks: tuple[str, ...] = field(
        default=(), metadata={"file": "reads", "again": True, "help": "Task rows: the questions."}
    )
    answers: tuple[str, ...] = field(default=(), metadata={"file": "reads", "again": True, "help": "Answer rows."})
    n: int = field(default=100, metadata={"flag": "--n", "help": "Pairs to draw; 323 give 70 % +- 5.", "min": 1})
    people: int = field(
        default=1, metadata={"help": "People who label: all get the first 100 items, the rest is shared out.", "min": 1}
    )
    key: str = field(
        default="key.csv",
        metadata={"file": "writes", "help": "File for what people must not see: who wrote what, and the weights."},
    )
    page: str | None = field(
        default=None, metadata={"file": "writes", "help": "File for a page that shows the items and saves the labels."}
    )


@dataclass(frozen=True)
class RatingsOptions:
    """Every field is a command line option."""

    format: Format = field(default="table", metadata={"help": "Tables for people, or rows."})
    raters: tuple[str, ...] = field(
        default=(),
        metadata={"flag": "--rater", "help": "A column (or number from 1) that is a rater; else all."},
    )
    transposed: bool = field(default=False, metadata={"help": "Raters are the lines, units the columns."})
    no_header: bool = field(default=False, metadata={"help": "The first line is data."})
    labels: str = field(
        default="",
        metadata={"help": "All labels in their order, as 1,0,2; else sorted. Others are missing with --missing."},
    )
    missing: tuple[str, ...] = field(default=(), metadata={"help": "A value that is not a label, besides empty."})
    interval: Interval = field(
        default="wilson",
        metadata={
            "help": "Of agreement: Wilson's at its effective size, or percentiles of redrawn questions (bootstrap)."
        },
    )
    rounds: int = field(
        default=1000, metadata={"help": "Redraws with --interval bootstrap; 0: no intervals.", "min": 0}
    )
    cluster: str | None = field(default=None, metadata={"help": "The column whose values are drawn together."})
