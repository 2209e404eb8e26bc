"""Where rows come from and go to: the options that every command shares."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class Flow:
    """SOURCE... and the shared flags. An empty `source` is stdin, an `output` of None is stdout."""

    GROUP: ClassVar[str] = "Input and output"
    source: tuple[str, ...] = field(
        default=(),
        metadata={
            "argument": True,
            "file": "reads",
            "help": "Files, folders, quoted patterns: JSONL, JSON, CSV, Parquet, packed or not; else stdin, or -.",
        },
    )
    output: str | None = field(
        default=None,
        metadata={"short": "-o", "metavar": "FILE", "file": "writes", "help": "File to write; else stdout."},
    )
    rejects: str | None = field(
        default=None,
        metadata={
            "metavar": "FILE",
            "file": "writes",
            "help": "File for discarded rows and bad lines, each with its reason.",
        },
    )
    workers: int = field(
        default=1, metadata={"help": "Processes that share the work; order is kept.", "min": 1, "group": "Running"}
    )
    limit: int | None = field(default=None, metadata={"help": "Stop after this many input rows.", "min": 0})
    seed: int = field(default=0, metadata={"help": "Run seed of every random draw.", "group": "Running"})
    summary: str | None = field(
        default=None, metadata={"metavar": "FILE", "file": "writes", "help": "File for the counts, as JSON."}
    )
    quiet: bool = field(default=False, metadata={"help": "No progress and no summary line."})


@dataclass(frozen=True)
class TextField:
    """Which field of a document is its text."""

    GROUP: ClassVar[str] = "Input and output"
    text_field: str | None = field(
        default=None,
        metadata={
            "metavar": "NAME",
            "help": "The field that holds the text of a document, if not `text`; `a.b` for one inside.",
        },
    )
