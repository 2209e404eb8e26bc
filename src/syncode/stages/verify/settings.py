"""What a user can say about the check of a published table."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class VerifyOptions:
    """Every field is a command line option."""

    format: str = field(default="table", metadata={"help": "table or jsonl."})
    sizes: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Claimed questions in each group, as ui=45,dev=132; repeatable. Others are searched for."},
    )
    n: int | None = field(default=None, metadata={"help": "Claimed number of questions in all.", "min": 1})
    largest: int = field(default=300, metadata={"help": "Largest group size that is searched for.", "min": 2})
