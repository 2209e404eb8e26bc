"""Gives each worker process a CPU of its own."""

import multiprocessing
import os

CPUS = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()
"""Those that this process was started with; none where the system does not say."""


class Places:
    """CPUs to choose from, shared by forked workers. Make it before they start.

    A worker, its runner and the program take turns: at any time one of them has something to do. Left alone, the scheduler moves
    them between CPUs, puts two of these chains on one and leaves another idle: a fifth of the time of two CPUs was lost. Only
    where there are as many workers as CPUs: with fewer, one could be tied to a CPU that others use while a free one is near.
    """

    def __init__(self, workers: int) -> None:
        self.cpus = sorted(CPUS) if workers >= len(CPUS) > 1 else []
        self._taken = multiprocessing.get_context("fork").Value("q", 0)
        self._process = os.getpid()

    def take(self) -> None:
        """Move this process, and what it starts from now on, to the next CPU: once for each forked process."""
        if self.cpus and self._process != os.getpid():
            self._process = os.getpid()
            with self._taken.get_lock():
                number = self._taken.value
                self._taken.value += 1
            os.sched_setaffinity(0, {self.cpus[number % len(self.cpus)]})
