"""Where rows come from and go to: the options that every command shares."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Flow:
    """SOURCE... and the shared flags. An empty `source` is stdin, an `output` of None is stdout."""

    source: tuple[str, ...] = field(
        default=(),
        metadata={"argument": True, "help": "Files, folders, quoted patterns: JSONL, JSON, CSV, Parquet, packed or not; else stdin, or -."},
    )
    output: str | None = field(
        default=None,
        metadata={"flag": "--output", "short": "-o", "metavar": "FILE", "help": "File to write; else stdout."},
    )
    rejects: str | None = field(
        default=None,
        metadata={"metavar": "FILE", "help": "File for discarded rows and bad lines, each with its reason."},
    )
    workers: int = field(default=1, metadata={"help": "Processes that share the work; order is kept.", "min": 1})
    limit: int | None = field(default=None, metadata={"help": "Stop after this many input rows.", "min": 0})
    seed: int = field(default=0, metadata={"help": "Run seed of every random draw."})
    summary: str | None = field(default=None, metadata={"metavar": "FILE", "help": "File for the counts, as JSON."})
    quiet: bool = field(default=False, metadata={"help": "No progress and no summary line."})
