"""Rows that come in rounds: what is asked next depends on what came of all that was asked before, and on nothing else."""

import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator, Hashable, Iterator, Sequence
from typing import Any

from syncode.schemas.records import Row

Plan = Generator[Sequence[Row], Sequence[list[Row]], None]
"""Yields the rows of a round, and is sent what the stage made of each of them, in their order."""


class Rounds:
    """Stands around an ask stage: `rows` are its input, `watched` is the stage with its results noted for the plan.

    The plan runs in the thread that reads ahead. A round begins when the one before it has landed as a whole, so that its rows
    cannot depend on which reply came first or on how many were in flight. A run that ends within a round leaves the plan waiting.
    `key` tells the rows of a round apart; rows that are not of the round pass through.
    """

    def __init__(self, plan: Plan, key: Callable[[Row], Hashable]) -> None:
        self._plan = plan
        self._key = key
        self._lock = threading.Lock()
        self._due: set[Hashable] = set()
        self._made: dict[Hashable, list[Row]] = {}
        self._whole = threading.Event()

    def rows(self) -> Iterator[Row]:
        """Yield the rows of one round after another; waits between them. For `ask`, with `Load.rounds`."""
        batch = next(self._plan, None)
        while batch is not None:
            keys = [self._key(row) for row in batch]
            if len(set(keys)) < len(keys):
                raise ValueError("two rows of one round have the same key")
            with self._lock:
                self._due, self._made = set(keys), {}
                self._whole.clear()
            yield from batch
            if keys:
                self._whole.wait()
            try:
                batch = self._plan.send([self._made[key] for key in keys])
            except StopIteration:
                return

    def watched(self, stage: Callable[[Row], Awaitable[list[Row]]]) -> Callable[[Row], Coroutine[Any, Any, list[Row]]]:
        """Return the stage; it notes what it makes of the rows of the present round."""

        async def noted(row: Row) -> list[Row]:
            rows = await stage(row)
            with self._lock:
                key = self._key(row)
                if key in self._due:
                    self._made[key] = rows
                    if len(self._made) == len(self._due):
                        self._whole.set()
            return rows

        return noted
