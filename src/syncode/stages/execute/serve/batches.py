"""What waits: the rows of requests, taken in turn from each, so that a small request is not behind a large one."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Batch:
    """The rows of one request as JSON, and their results in the same order."""

    def __init__(self, rows: list[bytes], options: bytes, results: dict[int, bytes] | None = None) -> None:
        """`results`: those that are known at once, by number of the row."""
        self.rows = rows
        self.options = options
        self.results: list[bytes | None] = [None] * len(rows)
        for number, known in (results or {}).items():
            self.results[number] = known
        self.waiting = deque(number for number, known in enumerate(self.results) if known is None)
        self.left = len(self.waiting)
        self.decided = 0
        self.open = True
        self.running: set[asyncio.Timeout] = set()
        self.finished = asyncio.Event()
        if not self.left:
            self.finished.set()

    def give(self, number: int, result: bytes, decided: bool) -> bool:
        """Take the result of a row; False if no one waits for it any more. `decided`: it says something about the answer."""
        if not self.open:
            return False
        self.results[number] = result
        self.decided += decided
        self.left -= 1
        if not self.left:
            self.finished.set()
        return True


class Waiting:
    """The queue of rows, bounded by their number, and the bytes of results that wait for their request to end.

    `patience`: how many seconds a row that runs may go on after the end of its request: its result is still worth remembering.
    """

    def __init__(self, most: int, patience: float) -> None:
        self.most = most
        self._patience = patience
        self.rows = 0
        self.result_bytes = 0
        self.open: set[Batch] = set()
        self._turns: deque[Batch] = deque()
        self._some = asyncio.Event()
        self._none_open = asyncio.Event()
        self._none_open.set()

    def add(self, batch: Batch) -> bool:
        """Let all rows of a batch wait; False if there is no room for them."""
        if self.rows + len(batch.waiting) > self.most:
            return False
        self.open.add(batch)
        self._none_open.clear()
        if batch.waiting:
            self.rows += len(batch.waiting)
            self._turns.append(batch)
            self._some.set()
        return True

    async def take(self) -> tuple[Batch, int]:
        """Return the next row: its batch and its number there."""
        while not self._turns:
            self._some.clear()
            await self._some.wait()
        batch = self._turns.popleft()
        number = batch.waiting.popleft()
        self.rows -= 1
        if batch.waiting:
            self._turns.append(batch)
        return batch, number

    def put_back(self, batch: Batch, number: int) -> None:
        """Let a row wait again that was not begun."""
        if not batch.open:
            return
        if not batch.waiting:
            self._turns.appendleft(batch)
        batch.waiting.appendleft(number)
        self.rows += 1
        self._some.set()

    def give(self, batch: Batch, number: int, result: bytes, decided: bool) -> None:
        """Hand a result to its batch, if someone still waits for it."""
        if batch.give(number, result, decided):
            self.result_bytes += len(result)

    def close(self, batch: Batch) -> None:
        """End a batch, finished or not: what still waits of it is not run."""
        if batch not in self.open:
            return
        batch.open = False
        self.open.remove(batch)
        self.rows -= len(batch.waiting)
        if batch.waiting:
            batch.waiting.clear()
            self._turns.remove(batch)
        for limit in batch.running:
            limit.reschedule(asyncio.get_running_loop().time() + self._patience)
        self.result_bytes -= sum(len(each) for each in batch.results if each is not None)
        if not self.open:
            self._none_open.set()

    @asynccontextmanager
    async def running(self, batch: Batch) -> AsyncIterator[None]:
        """Run a row of a batch; TimeoutError when it goes on too long after the end of its request."""
        async with asyncio.timeout(None) as limit:
            batch.running.add(limit)
            try:
                yield
            finally:
                batch.running.discard(limit)

    async def all_closed(self) -> None:
        """Wait until no request has rows here."""
        await self._none_open.wait()
