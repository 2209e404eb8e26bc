"""Gives each worker process a CPU of its own."""

import fcntl
import os

CPUS = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()
"""Those that this process was started with; none where the system does not say."""


class Places:
    """CPUs to choose from, shared by forked workers. Make it before they start.

    A worker, its runner and the program take turns: at any time one of them has something to do. Left alone, the scheduler moves
    them between CPUs, puts two of these chains on one and leaves another idle: a fifth of the time of two CPUs was lost. Only
    if there are as many workers as CPUs: with fewer, one could be tied to a CPU that others use while a free one is near.
    """

    def __init__(self, workers: int) -> None:
        self.cpus = sorted(CPUS) if workers >= len(CPUS) > 1 else []
        self._places = range(workers)
        self._file = os.memfd_create("places") if self.cpus else -1
        self._process = os.getpid()

    def take(self) -> None:
        """Move this process, and what it starts from now on, to the CPU of the first free place: once for each forked process."""
        if self.cpus and self._process != os.getpid():
            self._process = os.getpid()
            if (place := next(filter(self._free, self._places), None)) is not None:
                os.sched_setaffinity(0, {self.cpus[place % len(self.cpus)]})

    def _free(self, place: int) -> bool:
        """Take a place: a byte of the file to lock, which the kernel gives back when a worker dies. Its heir gets its CPU."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            return False
        return True
