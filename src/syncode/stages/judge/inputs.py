"""The files of a run of `judge`, so read that their rows meet and that what is left out is counted."""

from collections.abc import Iterator, Sequence

from syncode import stream
from syncode.errors import DataError
from syncode.schemas.names import Names
from syncode.schemas.records import Row
from syncode.stream.reads import TASKS
from syncode.text import chats


class Inputs:
    """Reads tasks, answers and executions; `left_out` are the rows of the answers' files that are not judged, with their marks.

    Tasks come as turns, whatever their form. They are read before answers: an answer is given the id of its task as the task
    writes it.
    """

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = answers
        self.left_out: list[Row] = []
        self._tasks = Names()

    def read(self, paths: Sequence[str], reads: stream.Reads | type) -> Iterator[Row]:
        """Yield the rows of some files. Raises DataError with `file:line`, and for files without a single answer."""
        if reads is TASKS:
            for task in stream.read_tasks(paths):
                self._tasks.add(task["id"])
                yield {**task, "messages": chats.turns(task)}
            return
        main = paths is self.answers
        found = False
        for row in stream.read(paths, reads, aside=self.left_out.append if main else None):
            found = True
            yield self._tasks.met(row)
        if main and not found and self.left_out:
            raise DataError(f"no row can be used ({len(self.left_out)} read): {self.left_out[-1]['drop']}")
