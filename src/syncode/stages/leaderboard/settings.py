"""What a user can say about a leaderboard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from syncode.verdicts.protocols import Panel, Score

Format = Literal["table", "jsonl", "csv", "markdown", "latex", "html"]
Interval = Literal["wilson", "bootstrap", "cluster"]
Rating = Literal["bt", "elo", "counting", "average"]


PEOPLE = {"file": "reads", "again": True, "metavar": "FILE", "help": "Labels of people (CSV), as agree reads them."}
KEY = {"file": "reads", "help": "The key of a blind sheet from `agree sample`."}
"""What the options `--people` and `--key` are, wherever they stand."""


@dataclass(frozen=True)
class BoardOptions:
    """Every field is a command line option."""

    format: Format = field(default="table", metadata={"group": "Report", "help": "How the table is written."})
    by: tuple[str, ...] = field(
        default=(),
        metadata={
            "group": "Report",
            "help": "Break down by category, judge, opponent or another field of rows or tasks.",
        },
    )
    score: Score | None = field(
        default=None, metadata={"group": "Games", "help": "How games count; else as the rows' protocol says."}
    )
    baseline: str | None = field(
        default=None, metadata={"group": "Games", "help": "The model that all others met; else as the rows say."}
    )
    judges: tuple[str, ...] = field(
        default=(), metadata={"group": "Games", "flag": "--judge", "help": "Count the verdicts of this judge only."}
    )
    cluster: str = field(
        default="task_id", metadata={"group": "Intervals", "help": "The field whose values are drawn together."}
    )
    interval: Interval = field(
        default="wilson",
        metadata={
            "group": "Intervals",
            "help": "Wilson's at the effective number of questions, redrawn questions (bootstrap), or robust error (cluster).",
        },
    )
    rounds: int = field(default=2000, metadata={"group": "Intervals", "help": "Bootstrap rounds.", "min": 10})
    stratify: str | None = field(
        default=None, metadata={"group": "Intervals", "help": "Draw questions within the values of this field."}
    )
    margin: float | None = field(
        default=None,
        metadata={
            "group": "Intervals",
            "help": "Say of each pair whether it is not worse and equivalent by this much, as 0.02 (2 points).",
            "min": 0.0001,
            "max": 1.0,
        },
    )
    panel: Panel = field(
        default="pool",
        metadata={
            "group": "Games",
            "help": "Several judges: pool their games, or take their majority, median or weighed opinion.",
        },
    )
    rating: tuple[Rating, ...] = field(
        default=(), metadata={"group": "Ratings and controls", "help": "Add a rating, such as Bradley-Terry (bt)."}
    )
    ridge: float = field(
        default=1e-6,
        metadata={"group": "Ratings and controls", "help": "Holds Bradley-Terry ratings finite.", "min": 1e-12},
    )
    style_control: bool = field(
        default=False, metadata={"group": "Ratings and controls", "help": "Scores as if length and mark-up were equal."}
    )
    length_control: bool = field(
        default=False, metadata={"group": "Ratings and controls", "help": "Scores as if lengths were equal."}
    )
    position_control: bool = field(
        default=False, metadata={"group": "Ratings and controls", "help": "Take out the advantage of the first place."}
    )
    tasks: tuple[str, ...] = field(
        default=(),
        metadata={
            "group": "Games",
            "file": "reads",
            "again": True,
            "help": "Task rows: what was to be judged, its labels, and what the html report shows.",
        },
    )
    answers: tuple[str, ...] = field(
        default=(),
        metadata={
            "group": "Report",
            "file": "reads",
            "again": True,
            "help": "Answer rows: the html report shows the answers.",
        },
    )
    min_coverage: float = field(
        default=0.99,
        metadata={"group": "Games", "help": "Exit 3 where fewer games have a verdict.", "min": 0.0, "max": 1.0},
    )
    allow_missing: bool = field(
        default=False, metadata={"group": "Games", "help": "Accept a table with missing verdicts."}
    )
    contamination: str | None = field(
        default=None,
        metadata={
            "group": "Report",
            "metavar": "FILE",
            "file": "reads",
            "help": "Hits of a search for copies: scores also with and without the questions they name.",
        },
    )
    length_rule: int | None = field(
        default=None,
        metadata={
            "group": "Ratings and controls",
            "metavar": "N",
            "min": 0,
            "help": "A slight win by an answer longer by more than N characters is a tie (WildBench: 500).",
        },
    )
    people: tuple[str, ...] = field(default=(), metadata={**PEOPLE, "group": "Report"})
    key: str | None = field(default=None, metadata={**KEY, "group": "Report", "needs": "people"})
