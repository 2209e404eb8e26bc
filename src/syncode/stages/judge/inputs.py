"""The files of a run of `judge`, so read that their rows meet and that what is left out is counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from syncode import stream
from syncode.errors import DataError
from syncode.schemas.names import Names
from syncode.schemas.records import Row
from syncode.stages.judge.plan import Texts
from syncode.stages.judge.settings import JudgeOptions
from syncode.storage import read_text
from syncode.stream.reading import STRAY
from syncode.stream.reads import TASKS
from syncode.stream.rows import unusable
from syncode.text import chats
from syncode.text.kinds import kind_of


def texts_of(options: JudgeOptions) -> Texts:
    """Return what stands in the files that `--protocol` and `--weights` name. Raises DataError for one that cannot be read."""
    return Texts(
        read_text(options.protocol) if Path(options.protocol).is_file() else None,
        read_text(options.weights) if options.weights else None,
    )


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
            raise self._unusable(reads)

    def _unusable(self, reads: stream.Reads | type) -> DataError:
        """Return the error of files that hold no answer, in the words of the other commands."""
        last = self.left_out[-1]
        if isinstance(reads, stream.Reads) and all(str(row["drop"]).startswith(f"{STRAY}:") for row in self.left_out):
            rows = [{key: value for key, value in row.items() if key != "drop"} for row in self.left_out]
            return unusable(reads, Counter(map(kind_of, rows)), rows[-1])
        return DataError(f"no row can be used ({len(self.left_out)} read): {last['drop']}")
