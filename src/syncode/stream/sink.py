"""The end of every stage: writes what is kept, sets aside what is dropped, and accounts for all of it."""

import os
import sys
from types import TracebackType
from typing import Self

import orjson

from syncode import storage
from syncode.errors import UsageError
from syncode.stream.counts import Counts
from syncode.stream.flow import Flow
from syncode.stream.progress import Progress
from syncode.stream.rows import Done


class Sink:
    """A context manager: leaving it normally publishes the files and the summary, leaving it by an error leaves no file."""

    def __init__(self, flow: Flow, writes: type | None) -> None:
        _refuse_one_file_for_two(flow)
        self.counts = Counts()
        self.last_failure = ""
        self._quiet = flow.quiet
        self._writers: list[storage.Writer] = []
        try:  # all files are opened now: a folder that is missing is told before the work, not after it
            self._rejects = self._open(flow.rejects) if flow.rejects else None
            self._out = self._open(flow.output, writes)
            self._summary = self._text(flow.summary) if flow.summary else None
        except BaseException:
            self._abort()
            raise
        self._progress = Progress(flow, self.counts)

    @property
    def strict(self) -> bool:
        """Whether a bad line ends the run: there is no file to set it aside in."""
        return self._rejects is None

    def _open(self, target: str | None, record: type | None = None) -> storage.Writer:
        self._writers.append(storage.open_writer(target, record))
        return self._writers[-1]

    def _text(self, target: str) -> storage.Writer:
        self._writers.append(storage.open_text(target))
        return self._writers[-1]

    def _abort(self) -> None:
        for writer in self._writers:
            writer.abort()

    def take(self, done: Done) -> None:
        """Write what one chunk became, in the order of its lines. Raises DataError where it ended at a bad one."""
        counts = self.counts
        counts.read += done.read
        counts.added += done.added
        counts.written += len(done.lines)
        self._out.write(done.lines)
        for rule, line in done.rejects:
            if counts.reject(rule):
                self.last_failure = orjson.loads(line)["drop"].partition(": ")[2]
        if self._rejects is not None:
            self._rejects.write([line for _, line in done.rejects])
        if done.bad is not None:
            raise done.bad.error()
        self._progress.tick()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.close()
        if kind is not None:
            self._abort()
            return
        try:
            self.counts.check()
            if self._summary is not None:
                self._summary.write([orjson.dumps(self.counts.as_row(), option=orjson.OPT_INDENT_2)])
            for writer in self._writers:
                writer.commit()
        except BaseException:
            self._abort()
            raise
        if not self._quiet and sys.stderr is not None:
            sys.stderr.write(f"syncode: {self.counts.line()}\n")


def _refuse_one_file_for_two(flow: Flow) -> None:
    """Raise UsageError where rows, rejects and summary would overwrite each other or a source, or mix on stdout.

    Rows may take the place of their source, which is read whole before.
    """
    read = {os.path.realpath(source) for source in flow.source if source != storage.STDIN}
    targets = {"--output": flow.output or storage.STDIN, "--rejects": flow.rejects, "--summary": flow.summary}
    taken: dict[str, str] = {}
    for flag, target in targets.items():
        if target is None or (target != storage.STDIN and storage.is_device(target)):
            continue
        where = target if target == storage.STDIN else os.path.realpath(target)
        if flag != "--output" and where in read:
            raise UsageError(f"{flag} {target} would overwrite a SOURCE")
        if where in taken:
            named = "stdout" if target == storage.STDIN else target
            raise UsageError(f"{taken[where]} and {flag} would both go to {named}")
        taken[where] = flag
