"""Lets many processes run programs side by side, and one of them now and then run a program alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager


class Turnstile:
    """Two locks that forked workers share. Make it before the workers start.

    A program that runs beside others holds `inside` shared. One that has to run alone first closes `gate`, so that no one new
    comes in and waiting ends, then takes `inside` for itself.
    """

    def __init__(self) -> None:
        self._files = (os.memfd_create("gate"), os.memfd_create("inside"))
        self._own: tuple[int, int] = self._files
        self._process = os.getpid()

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Hold a place among others."""
        gate, inside = self._locks()
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(inside, fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(inside, fcntl.LOCK_UN)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no one else is inside, and keep everyone out."""
        gate, inside = self._locks()
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(inside, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(inside, fcntl.LOCK_UN)
            fcntl.flock(gate, fcntl.LOCK_UN)

    def _locks(self) -> tuple[int, int]:
        """A lock belongs to an opened file, and a fork shares it: each process opens its own."""
        if self._process != os.getpid():
            gate, inside = (os.open(f"/proc/self/fd/{file}", os.O_RDWR) for file in self._files)
            self._own, self._process = (gate, inside), os.getpid()
        return self._own
