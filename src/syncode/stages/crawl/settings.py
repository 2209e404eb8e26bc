"""What a user can say about crawling."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """What is too much to take in."""

    max_bytes: int = field(
        default=10_000_000, metadata={"help": "Largest file or page, in bytes once decompressed.", "min": 1}
    )
