"""Shares chunks among forked processes, keeps their order, and survives a row that kills its process.

Neither multiprocessing.Pool (hangs when a worker is killed) nor ProcessPoolExecutor (loses all work) does. The parent waits
on the workers' pipes and on their deaths; the chunk of a dead worker is halved until the row that kills is alone.
"""

import contextlib
import multiprocessing
import os
import pickle
import queue
import select
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from syncode.errors import ENDING, heeded
from syncode.schemas.wire import dumps, loads
from syncode.storage import Chunk
from syncode.stream.rows import Done, Reject

Work = Callable[[Chunk], Done]

HELD = 64 << 20
"""Bytes of results that may wait for an earlier row, in all (chosen here)."""
LIGHT = 1 << 14
"""Bytes of a chunk that a worker gets before it is done with another (chosen here): it lies in the pipe, which holds more."""
_SIGNALS = {signal.SIGINT, *ENDING}

_FORK = multiprocessing.get_context("fork")  # a stage may be any closure, and starting costs 5 ms instead of 100


def ordered(work: Work, chunks: Iterable[Chunk], workers: int, ahead: int = 2) -> Iterator[Done]:
    """Yield what `work` made of each chunk, in order. One worker means this process: no hand-over, no fork.

    `ahead`: chunks for each worker that are in flight or wait for their turn to be written: how long the others go on while one
    takes its time. They stop earlier where `HELD` bytes wait.
    """
    if workers == 1:
        yield from map(work, chunks)
        return
    crew = _Crew(work, workers, ahead * workers)
    try:
        yield from crew.run(chunks)
    finally:
        crew.dismiss()


class _Worker:
    """One forked process and our end of its pipe; `jobs` are the chunks that it has and their numbers, the first in work."""

    def __init__(self, work: Work, others: list["_Worker"]) -> None:
        self.pipe, theirs = _FORK.Pipe()
        strangers = [self.pipe, *(other.pipe for other in others)]
        self.process = _FORK.Process(target=_serve, args=(work, theirs, strangers), daemon=True)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # until the child has its own answers to them
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self.jobs: list[tuple[int, Chunk]] = []
        self.descriptors = (self.pipe.fileno(), self.process.sentinel)

    def give(self, number: int, chunk: Chunk) -> None:
        self.jobs.append((number, chunk))
        with contextlib.suppress(BrokenPipeError):  # it died: the sentinel tells, and the chunk is still in `jobs`
            self.pipe.send(chunk)

    def answer(self, is_there: bool) -> Done | None:
        """Return the result that is there, None if the worker died before it had sent all of it. Raises its error."""
        try:
            result = self.pipe.recv() if is_there else None
        except (EOFError, OSError):  # the end of the pipe: before an answer, or in the middle of it
            return None
        if isinstance(result, Exception):
            raise result
        if result is not None:
            del self.jobs[0]
        assert result is None or isinstance(result, Done)
        return result


def _serve(work: Work, pipe: Connection, strangers: list[Connection]) -> None:
    """Work on chunks until the parent closes the pipe, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    for number in heeded():
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    for stranger in strangers:  # or the end of the parent would not be seen
        stranger.close()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            chunk = pipe.recv()
            try:
                result: Any = work(chunk)
            except Exception as error:  # noqa: BLE001 (handed to the parent, which raises it)
                result = _portable(error)
            pipe.send(result)
    os._exit(0)


def _portable(error: Exception) -> Exception:
    """Return the error with its traceback as a note, or one that says the same where it cannot travel through a pipe."""
    where = f"in a worker process:\n{traceback.format_exc()}"
    error.add_note(where)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 (whatever an exception's own constructor may raise)
        error = RuntimeError(f"{type(error).__name__}: {error}")
        error.add_note(where)
    return error


class _Crew:
    def __init__(self, work: Work, workers: int, window: int) -> None:
        self._work = work
        self._window = window
        self._workers: list[_Worker] = []
        for _ in range(workers):
            self._hire()

    def _hire(self) -> _Worker:
        worker = _Worker(self._work, self._workers)
        self._workers.append(worker)
        return worker

    def run(self, chunks: Iterable[Chunk]) -> Iterator[Done]:
        # Some chunks for each worker; of small ones more, or the reader would be woken for each of them.
        reader = _Reader(chunks, max(2 * len(self._workers), self._window // 16))
        finished: dict[int, Done] = {}
        given = written = held = 0
        exhausted = False
        failure: BaseException | None = None
        while not exhausted or written < given:
            while not exhausted and self._room(given - written, held) and (worker := self._hungry(reader)):
                chunk = reader.next_now()
                if chunk is _NOT_YET:
                    break
                if isinstance(chunk, Chunk):
                    worker.give(given, chunk)
                    given += 1
                else:  # the end, or an unreadable source: what was read before it is still written
                    exhausted, failure = True, chunk
            while written in finished:  # while all workers have something to do
                done = finished.pop(written)
                held -= done.size()
                yield done
                written += 1
            may_read = not exhausted and self._room(given - written, held) and self._idle() is not None
            held += self._collect(finished, [reader.wake] if may_read else [])
        if failure is not None:
            raise failure

    def _room(self, waiting: int, held: int) -> bool:
        """Return whether one more chunk may be begun, with so many of them, and bytes of results, not written yet."""
        return waiting < self._window and held < HELD

    def _idle(self) -> _Worker | None:
        return next((worker for worker in self._workers if not worker.jobs), None)

    def _hungry(self, reader: "_Reader") -> _Worker | None:
        """Return who gets the next chunk: one with nothing to do, or with one chunk if there is plenty to do for the others."""
        few = next((worker for worker in self._workers if len(worker.jobs) == 1), None)
        return self._idle() or (few if few and reader.has_plenty(len(self._workers)) else None)

    def _collect(self, finished: dict[int, Done], also: list[int]) -> int:
        """Wait for a result, a death or a chunk to read, put results under their number, and return their bytes."""
        busy = [worker for worker in self._workers if worker.jobs]
        if not busy and not also:
            return 0
        size = 0
        poll = select.poll()  # what multiprocessing.connection.wait does takes ten times as long
        for descriptor in (*(each for worker in busy for each in worker.descriptors), *also):
            poll.register(descriptor, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll()}
        for worker in busy:
            if not ready.isdisjoint(worker.descriptors):
                number = worker.jobs[0][0]
                finished[number] = worker.answer(worker.descriptors[0] in ready) or self._after_death(worker)
                size += finished[number].size()
        return size

    def _after_death(self, worker: _Worker) -> Done:
        """Replace a dead worker, and do its chunk again in halves until the row that kills is alone; its heir gets the next."""
        worker.process.join()
        self._workers.remove(worker)
        worker.pipe.close()
        (_, chunk), *rest = worker.jobs
        done = self._again(chunk, worker.process.exitcode, self._hire())
        for job in rest:
            self._workers[-1].give(*job)
        return done

    def _again(self, chunk: Chunk, exitcode: int | None, worker: _Worker) -> Done:
        if len(chunk.lines) == 1:
            attempt, exitcode, worker = self._alone(chunk, exitcode, worker)
            return attempt or _poison(chunk, exitcode)
        middle = len(chunk.lines) // 2
        total = Done()
        for start, stop in ((0, middle), (middle, len(chunk.lines))):
            half = chunk.part(start, stop)
            done, code, worker = self._alone(half, exitcode, worker)
            total.extend(done or self._again(half, code, worker))
            worker = self._workers[-1]
            if total.bad:
                break
        return total

    def _alone(self, chunk: Chunk, exitcode: int | None, worker: _Worker) -> tuple[Done | None, int | None, _Worker]:
        """Try a chunk in a fresh worker; return its result, or None and a new worker where it died again."""
        worker.give(0, chunk)
        wait([worker.pipe, worker.process.sentinel])
        if done := worker.answer(worker.pipe.poll()):
            return done, exitcode, worker
        worker.process.join()
        self._workers.remove(worker)
        worker.pipe.close()
        return None, worker.process.exitcode, self._hire()

    def dismiss(self) -> None:
        for worker in self._workers:
            worker.pipe.close()
            if worker.jobs:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join()


def _poison(chunk: Chunk, exitcode: int | None) -> Done:
    """Return the row that kills its worker as a reject."""
    why = f"signal {-exitcode}" if exitcode is not None and exitcode < 0 else f"exit {exitcode}"
    drop = {"drop": f"worker.died: {why} at {chunk.at(chunk.first)}"}
    return Done(read=1, rejects=[Reject("worker.died", dumps({**loads(chunk.lines[0]), **drop}))])


_NOT_YET: Any = object()


class _Reader:
    """Reads chunks in a thread, so that a slow pipe does not hold back results; `wake` is readable when one is there."""

    def __init__(self, chunks: Iterable[Chunk], size: int) -> None:
        self.wake, self._ring = os.pipe()
        self._queue: queue.Queue[Any] = queue.Queue(size)
        threading.Thread(target=self._read, args=(chunks,), daemon=True).start()

    def _read(self, chunks: Iterable[Chunk]) -> None:
        try:
            for chunk in chunks:
                self._put(chunk)
            self._put(None)
        except BaseException as error:  # noqa: BLE001 (raised again by `run`)
            self._put(error)

    def _put(self, item: Any) -> None:
        self._queue.put(item)
        os.write(self._ring, b".")

    def has_plenty(self, workers: int) -> bool:
        """Return whether more chunks than there are workers wait, and the next is `LIGHT`."""
        with self._queue.mutex:
            waiting = len(self._queue.queue)
            first = self._queue.queue[0] if waiting > workers else None
        return isinstance(first, Chunk) and sum(map(len, first.lines)) <= LIGHT

    def next_now(self) -> Any:
        """Return the next chunk, None at the end, the error that ended reading, or `_NOT_YET`."""
        try:
            item = self._queue.get_nowait()
        except queue.Empty:
            return _NOT_YET
        os.read(self.wake, 1)
        return item
