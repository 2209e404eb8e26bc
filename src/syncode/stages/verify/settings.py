"""What a user can say about the check of a published table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class VerifyOptions:
    """Every field is a command line option."""

    format: Literal["table", "jsonl"] = field(default="table", metadata={"help": "A table for people, or rows."})
    sizes: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Claimed questions in each group, as ui=45,dev=132. Others are searched for."},
    )
    weights: str | None = field(
        default=None,
        metadata={
            "help": "Weights of the columns, as creative=0.5,math=1: checks the averages of a table of any scores."
        },
    )
    total: str | None = field(
        default=None,
        metadata={"needs": "weights", "help": "The column of the averages; else average, total, overall, ..."},
    )
    n: int | None = field(default=None, metadata={"help": "Claimed number of questions in all.", "min": 1})
    largest: int = field(default=300, metadata={"help": "Largest group size that is searched for.", "min": 2})
