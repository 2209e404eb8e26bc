"""The end of every stage: writes what is kept, sets aside what is dropped, and accounts for all of it."""

import sys
from types import TracebackType
from typing import Self

import orjson

from syncode import io
from syncode.stream.counts import Counts
from syncode.stream.flow import Flow
from syncode.stream.progress import Progress
from syncode.stream.rows import Done


class Sink:
    """A context manager: leaving it normally publishes the files and the summary, leaving it by an error leaves no file."""

    def __init__(self, flow: Flow, writes: type | None) -> None:
        self.counts = Counts()
        self._flow = flow
        self._out = io.open_writer(flow.output, writes)
        self._rejects = io.open_writer(flow.rejects) if flow.rejects else None
        self._progress = Progress(flow, self.counts)

    def take(self, done: Done) -> None:
        """Write what one chunk became. Raises DataError for a bad line where there is no rejects file."""
        counts = self.counts
        counts.read += done.read
        counts.added += done.added
        counts.written += len(done.lines)
        self._out.write(done.lines)
        for rule, _ in done.rejects:
            counts.reject(rule)
        for bad in done.bad:
            if self._rejects is None:
                raise bad.error()
            counts.reject("input.invalid")
        if self._rejects is not None:
            self._rejects.write([line for _, line in done.rejects] + [bad.reject() for bad in done.bad])
        self._progress.tick()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.close()
        if kind is not None:
            self._out.abort()
            if self._rejects is not None:
                self._rejects.abort()
            return
        self.counts.check()
        if self._rejects is not None:
            self._rejects.commit()
        self._out.commit()
        if self._flow.summary:
            summary = io.open_writer(self._flow.summary)
            summary.write([orjson.dumps(self.counts.as_row(), option=orjson.OPT_INDENT_2)])
            summary.commit()
        if not self._flow.quiet:
            sys.stderr.write(f"syncode: {self.counts.line()}\n")
