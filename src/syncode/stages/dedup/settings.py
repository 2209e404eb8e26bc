"""What a user can say about copies."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Dedup:
    """What counts as a copy, and which one is kept. 0.7 and 5 words as StarCoder and Magicoder, at half their permutations."""

    method: Literal["exact", "near", "both"] = field(
        default="both", metadata={"help": "exact: same text; near: Jaccard of word n-grams; both."}
    )
    num_perm: int = field(
        default=128, metadata={"help": "Permutations of a MinHash signature.", "min": 16, "max": 1024}
    )
    threshold: float = field(
        default=0.7,
        metadata={"help": "Jaccard similarity from which on a row is a near copy.", "min": 0.05, "max": 1.0},
    )
    ngram: int = field(default=5, metadata={"help": "Words in an n-gram.", "min": 1, "max": 50})
    keep_by: str | None = field(
        default=None,
        metadata={
            "metavar": "FIELD",
            "help": "Keep the row with the highest value of this field (as labels.stars); then the lowest id.",
        },
    )
