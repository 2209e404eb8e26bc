"""A process that only forks workers, for a program with an event loop, which must not fork itself.

A fork of a server would hold its listening socket and the connections of its clients open, and a copy of all that waits. The
nursery is forked before the loop begins and has none of that. A worker that is killed is noticed by the end of its line.
"""

import contextlib
import multiprocessing
import multiprocessing.connection
import signal
import socket
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from types import TracebackType
from typing import Self

from syncode.errors import ENDING, EngineError

Work = Callable[[socket.socket], None]
"""What a worker does with its end of the line, until the other end is closed."""

LEAVE_SECONDS = 1.0
"""How long workers may take to see that their line is closed before they are killed (chosen here)."""
CLOSE_SECONDS = 15.0
"""How long the nursery may take to bury its workers, whose sandboxes have `END_SECONDS` of their own (chosen here)."""
_SIGNALS = (signal.SIGINT, *ENDING)
_FORK = multiprocessing.get_context("fork")  # a worker may be any closure, and what it needs is shared


class Nursery:
    """Starts and kills numbered workers on demand. Make it before threads and event loops, and as a context manager."""

    def __init__(self, work: Work) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = _FORK.Process(target=_nurse, args=(work, theirs, self._control))
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # until the child has its own answers to them
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._control.close()
        self._process.join(CLOSE_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def hire(self, number: int) -> socket.socket:
        """Return our end of the line to a new worker; it ends when the worker does. EngineError if the nursery is gone."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"hire %d" % number], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise EngineError("the process that starts workers is gone: start the server again") from error
        return ours

    def kill(self, number: int) -> None:
        """Kill a worker. The nursery does it, because only the parent of a process knows that its number is still its own."""
        with contextlib.suppress(OSError):  # the nursery is gone: the next `hire` says so
            self._control.send(b"kill %d" % number)


def _nurse(work: Work, control: socket.socket, other_end: socket.socket) -> None:
    """Fork and bury workers until the other end is closed."""
    # Ctrl-C and `timeout` signal the whole group: the server ends it all in order. A handler that does nothing, not SIG_IGN,
    # which programs would inherit.
    for each in _SIGNALS:
        signal.signal(each, lambda number, frame: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    other_end.close()
    workers: dict[int, ForkProcess] = {}
    while True:
        ready = multiprocessing.connection.wait([control, *(worker.sentinel for worker in workers.values())])
        for number in [each for each, worker in workers.items() if worker.sentinel in ready]:
            _bury(workers.pop(number))
        if control not in ready:
            continue
        message, given, _, _ = socket.recv_fds(control, 64, 1)
        if not message:
            break
        verb, _, name = message.partition(b" ")
        if verb == b"hire":
            with socket.socket(fileno=given[0]) as line, contextlib.suppress(OSError):  # no process left: its line ends
                workers[int(name)] = _born(work, line, control)
        elif int(name) in workers:
            workers[int(name)].kill()
    multiprocessing.connection.wait([worker.sentinel for worker in workers.values()], LEAVE_SECONDS)
    for worker in workers.values():
        worker.kill()
        _bury(worker)


def _born(work: Work, line: socket.socket, control: socket.socket) -> ForkProcess:
    worker = _FORK.Process(target=_live, args=(work, line, control), daemon=True)
    worker.start()
    return worker


def _live(work: Work, line: socket.socket, control: socket.socket) -> None:
    control.close()  # or the end of the nursery would not be seen
    work(line)


def _bury(worker: ForkProcess) -> None:
    worker.join()
    worker.close()
