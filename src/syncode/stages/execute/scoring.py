"""Scores of executions: the stage that makes them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from syncode.schemas.records import Row
from syncode.stages.execute.settings import ScoreOptions
from syncode.statistics.passk import pair_rows, score_rows


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
