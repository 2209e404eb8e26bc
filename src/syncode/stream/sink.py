"""The end of every stage: writes what is kept, sets aside what is dropped, and accounts for all of it."""

import time
from collections import Counter
from types import TracebackType
from typing import Self

import orjson

from syncode import storage
from syncode.errors import DataError, SyncodeError, UsageError
from syncode.schemas.records import Row
from syncode.schemas.wire import loads
from syncode.stream import people
from syncode.stream.counts import Counts
from syncode.stream.flow import Flow
from syncode.stream.progress import Progress
from syncode.stream.reading import NO_FIELD
from syncode.stream.reads import Reads
from syncode.stream.rows import Done, unusable
from syncode.text.kinds import Kind

UNUSABLE = frozenset(
    (
        *("invalid", "kind", "no_field", "no_text", "no_tests", "no_program", "no_task", "no_question", "no_target"),
        *("settings", "stdin"),
    )
)
"""Names of rules, behind the stage's, that say of a row that the command has nothing to work on."""


class Sink:
    """A context manager: leaving it normally publishes the files and the summary, leaving it by an error only the summary.

    `total` is the number of bytes that the sources have, where it is known. `rows` is False if no rows come out: the
    output is a text that is written afterwards.
    """

    def __init__(
        self,
        flow: Flow,
        writes: type | None,
        reads: Reads | type | None = None,
        *,
        total: int = 0,
        rows: bool = True,
    ) -> None:
        self.counts = Counts()
        self.last_failure = ""
        self._quiet = flow.quiet
        self._reads = reads
        self._strays: Counter[Kind] = Counter()
        self._unusable = self._earlier = 0
        self._last = b""
        self._writers: list[storage.Writer] = []
        try:  # all files are opened now: a folder that is missing is reported before the work, not after it
            self._rejects = self._open(flow.rejects) if flow.rejects else None
            self._out = self._open(flow.output, writes) if rows else None
            self._summary = self._text(flow.summary) if flow.summary else None
        except BaseException:
            self._abort()
            raise
        self._progress = Progress(flow, self.counts, total)

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
        self._strays += done.strays
        if self._out is not None:
            self._out.write(done.lines)
        for rule, line, earlier in done.rejects:
            if earlier:
                counts.dropped[rule] += 1
                self._earlier += 1
                continue
            if rule.rpartition(".")[2] in UNUSABLE:
                self._unusable, self._last = self._unusable + 1, line
            if counts.reject(rule):
                self.last_failure = loads(line)["drop"].partition(": ")[2]
        if self._rejects is not None:
            self._rejects.write([reject.line for reject in done.rejects])
        if done.bad is not None:
            raise done.bad.error()
        self._progress.tick()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.close()
        useless = self._useless()
        if kind is not None and (useless is None or not issubclass(kind, DataError)):
            self._publish_summary_alone(str(error) or ("interrupted" if kind is KeyboardInterrupt else kind.__name__))
            self._say_account()
            return
        try:
            if kind is None:
                self.counts.check()
            self._summarize()
            if useless is not None and self._out is not None:
                self._out.abort()
                self._writers.remove(self._out)
            for writer in self._writers:
                writer.commit()
        except BaseException:
            self._abort()
            raise
        if not self._quiet:
            people.say(self.counts.line())
        self._say_account()
        if useless is not None:
            raise useless

    def _summarize(self, **more: str) -> None:
        if self._summary is not None:
            seconds = round(time.monotonic() - self._progress.started, 3)
            row = {"command": people.stage_name(), "seconds": seconds, **more, **self.counts.as_row()}
            self._summary.write([orjson.dumps(row, option=orjson.OPT_INDENT_2)])

    def _publish_summary_alone(self, why: str) -> None:
        """Leave no file but the summary: what a run did that stopped, which may be paid for, and what stopped it."""
        for writer in self._writers:
            if writer is not self._summary:
                writer.abort()
        try:
            self._summarize(stopped=why)
            if self._summary is not None:
                self._summary.commit()
        except OSError as error:  # the error that stopped the run is the one to show
            people.say(f"the summary is not written: {error.strerror or error}")
            self._abort()

    def _useless(self) -> SyncodeError | None:
        """Return the error of a run whose rows were all bad, or not such as its command works on."""
        given = self.counts.read - self._earlier
        if not self._unusable or self._unusable < given or self.counts.written:
            return None
        last: Row = loads(self._last)
        if self._strays.total() == given and isinstance(self._reads, Reads):
            return unusable(self._reads, self._strays, (key for key in last if key != "drop"))
        rule, _, why = last["drop"].partition(": ")
        if rule == NO_FIELD:
            return UsageError(f"--text-field: {why}")
        return DataError(f"no row can be used ({given} read): {rule}: {why}")

    def _say_account(self) -> None:
        """Show what was used: also if the run failed, since it is paid for all the same."""
        line = self.counts.account.line() if self.counts.account else ""
        if line and not self._quiet:
            people.say(line)
