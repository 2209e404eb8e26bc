"""What a user can say about scores of executions, and the stage that makes them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from syncode.schemas.records import Row
from syncode.statistics.passk import pair_rows, score_rows


@dataclass(frozen=True)
class ScoreOptions:
    """The options of `syncode execute score`."""

    tasks: tuple[str, ...] = field(default=(), metadata={"help": "Task files: a task without a sample is `missing`."})
    k: tuple[int, ...] = field(
        default=(1,), metadata={"help": "k of pass@k; repeatable. Refused above the number of samples."}
    )
    pairs: bool = field(default=False, metadata={"help": "Compare models by task (McNemar) instead."})
    allow_missing: bool = field(default=False, metadata={"help": "Exit 0 also where samples are missing or undecided."})


@dataclass
class Scores:
    """The stage, and afterwards how many samples are missing or undecided."""

    options: ScoreOptions
    tasks: Collection[str] = ()
    open_samples: int = 0

    def __call__(self, executions: Iterable[Row]) -> Iterator[Row]:
        """Yield score rows, or rows of pairs."""
        if self.options.pairs:
            yield from pair_rows(executions)
            return
        scored = False
        for row in score_rows(executions, self.tasks, self.options.k):
            scored = True
            if row["suite"] == "all" and row["k"] == min(self.options.k):
                self.open_samples += row["missing"] + row["infra"]
            yield row
        if not scored:  # where nothing arrives, every task is missing, not none
            self.open_samples = len(self.tasks)
