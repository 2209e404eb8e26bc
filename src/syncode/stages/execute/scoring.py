"""Scores of executions: the stage that makes them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from syncode.errors import RowError
from syncode.schemas.records import Row
from syncode.stages.execute.settings import ScoreOptions
from syncode.statistics.passk import pair_rows, score_rows
from syncode.verdicts.contents import Contents, wrong_result


@dataclass
class Scores:
    """The stage, and afterwards how many samples are missing or undecided."""

    options: ScoreOptions
    tasks: Mapping[str, Row] = field(default_factory=dict)
    open_samples: int = 0
    alike: Counter[str] = field(default_factory=Counter)
    """Model -> its executions with the id of another one: equal samples, or one file that is named twice."""

    def __call__(self, executions: Iterable[Row]) -> Iterator[Row]:
        """Yield score rows, or rows of pairs. Raises RowError for an execution that cannot stand beside the others."""
        executions = self._checked(executions)
        if self.options.pairs:
            for row in pair_rows(executions, self.tasks):
                self.open_samples += row["missing"]
                yield row
            return
        scored = False
        for row in score_rows(executions, self.tasks, self.options.k):
            scored = True
            if row["suite"] == "all" and row["k"] == min(self.options.k):
                self.open_samples += row["missing"] + row["infra"]
            alike = self.alike[row["model"]]
            yield row | ({"alike": alike} if alike else {})
        if not scored:  # where nothing arrives, every task is missing, not none
            self.open_samples = len(self.tasks)

    def _checked(self, executions: Iterable[Row]) -> Iterator[Row]:
        """Yield the executions: one id stands for one question, one set of tests and one answer in all of them."""
        contents = Contents()
        contents.of_questions(self.tasks)
        names: set[str] = set()
        for row in executions:
            self.alike[row.get("model") or ""] += row["id"] in names
            names.add(row["id"])
            wrong = wrong_result(row) or contents.of_execution(row)
            named = row.get("task_id")
            if self.tasks and named is not None and str(named) not in self.tasks:
                wrong = f"task_id {named!r} is not among the tasks of --tasks"
            if wrong:
                raise RowError(wrong)
            yield row
