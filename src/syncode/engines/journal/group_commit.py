"""Many small writes, one transaction: what the tasks of one event loop write in one turn is committed together.

Writes happen in the thread of the loop: SQLite in another thread would give the interpreter lock back and forth at every row.
Only `fdatasync` and the checkpoint, one long call each, run in a helper thread.
"""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
_CHECKPOINT_WRITES = 4096  # after so many writes the log goes back into the file: some 30 MB of it (chosen here)
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)  # a full disk shows as either


@dataclass
class _Job:
    """One write and who waits for it; `durable` waits for the disk as well."""

    work: Callable[[sqlite3.Connection], Any]
    future: "asyncio.Future[Any]"
    durable: bool
    result: Any = None


class GroupCommit:
    """Runs writes in groups.

    `failed` turns an error of SQLite or of the disk into what the waiting tasks see; `relieve` may make room on a full disk and
    return True: then the group is written once more.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        file: Path | None,
        failed: Callable[[Exception], Exception],
        relieve: Callable[[Exception], bool],
    ) -> None:
        self._connection = connection
        self._file = file
        self._failed = failed
        self._relieve = relieve
        self._jobs: list[_Job] = []
        self._unsynced: list[_Job] = []
        self._syncing = False
        self._scheduled = False
        self._since_checkpoint = 0
        self._log: int | None = None
        self._checkpointer: sqlite3.Connection | None = None

    async def do(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = False) -> T:
        """Run `work` inside the next transaction; return its result once that is committed (`durable`: on the disk)."""
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future(), durable and self._file is not None)
        self._jobs.append(job)
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._flush)
        result: T = await job.future
        return result

    def flush(self) -> None:
        """Write what waits, now: for the time after the loop has ended."""
        if self._jobs:
            self._flush()

    def _flush(self) -> None:
        jobs, self._jobs, self._scheduled = self._jobs, [], False
        try:
            try:
                self._transaction(jobs)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in _NO_ROOM or not self._relieve(error):
                    raise
                self._transaction(jobs)
        except (sqlite3.Error, OSError) as error:
            _refuse(jobs, self._failed(error))
            return
        except Exception as error:  # noqa: BLE001 (raised again by the task that waits: this runs as a callback of the loop)
            _refuse(jobs, error)
            return
        except BaseException:
            # A signal arrived in the middle. Nothing was written; the task that waits must not wait for ever.
            for job in jobs:
                job.future.cancel()
            raise
        self._since_checkpoint += len(jobs)
        for job in jobs:
            if job.durable:
                self._unsynced.append(job)
            elif not job.future.done():
                job.future.set_result(job.result)
        self._sync()

    def _transaction(self, jobs: Sequence[_Job]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for job in jobs:
                job.result = job.work(self._connection)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _sync(self) -> None:
        """Bring the write-ahead log to the disk; what is committed meanwhile goes with the next round."""
        due = self._file is not None and self._since_checkpoint >= _CHECKPOINT_WRITES
        if self._syncing or not (self._unsynced or due):
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # the loop has ended: no one waits, and closing the file syncs it
            self._unsynced.clear()
            return
        self._syncing = True
        jobs, self._unsynced = self._unsynced, []
        waiting = loop.run_in_executor(None, self._to_disk, bool(jobs), due)
        waiting.add_done_callback(lambda done: self._synced(jobs, due, done))

    def _to_disk(self, sync: bool, checkpoint: bool) -> None:
        assert self._file is not None
        if sync:
            if self._log is None:
                self._log = os.open(self._file.with_name(self._file.name + "-wal"), os.O_RDONLY | os.O_CLOEXEC)
            getattr(os, "fdatasync", os.fsync)(self._log)  # macOS has no fdatasync
        if checkpoint:
            if self._checkpointer is None:
                self._checkpointer = sqlite3.connect(str(self._file), isolation_level=None, check_same_thread=False)
            _write_back(self._checkpointer)

    def _synced(self, jobs: Sequence[_Job], checkpointed: bool, done: "asyncio.Future[None]") -> None:
        self._syncing = False
        error = asyncio.CancelledError() if done.cancelled() else done.exception()
        if isinstance(error, Exception):
            _refuse(jobs, self._failed(error))
        for job in jobs:
            if error is not None:
                job.future.cancel()
            elif not job.future.done():
                job.future.set_result(job.result)
        if checkpointed and error is None:
            # Only now is the log written back to its end, with no one writing: SQLite begins it anew, and it stays small.
            _write_back(self._connection)
            self._since_checkpoint = 0
        self._sync()

    def close(self) -> None:
        """Write what waits and close what was opened."""
        try:
            self.flush()
        finally:
            if self._checkpointer is not None:
                self._checkpointer.close()
            if self._log is not None:
                os.close(self._log)


def _write_back(connection: sqlite3.Connection) -> None:
    # Where another process is at it, this one has nothing to do.
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _refuse(jobs: Sequence[_Job], error: Exception) -> None:
    for job in jobs:
        if not job.future.done():
            job.future.set_exception(error)
