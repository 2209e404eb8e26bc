"""The queue: bounded, fair between requests, and exact about what waits."""

import asyncio

from syncode.stages.execute.serve.batches import Batch, Waiting


def batch(size: int) -> Batch:
    """Return a batch of so many rows."""
    return Batch([b"{}"] * size, b"")


def test_requests_take_turns() -> None:
    async def order() -> list[int]:
        waiting = Waiting(10, patience=60.0)
        large, small = batch(4), batch(2)
        assert waiting.add(large) and waiting.add(small)
        return [4 if (await waiting.take())[0] is large else 2 for _ in range(6)]

    assert asyncio.run(order()) == [4, 2, 4, 2, 4, 4]


def test_a_batch_waits_as_a_whole_or_not_at_all() -> None:
    async def check() -> None:
        waiting = Waiting(5, patience=60.0)
        first = batch(4)
        assert waiting.add(first)
        assert not waiting.add(batch(2))
        assert waiting.rows == 4
        await waiting.take()
        assert waiting.add(batch(2))

    asyncio.run(check())


def test_a_closed_batch_leaves_the_queue_and_takes_no_result() -> None:
    async def check() -> None:
        waiting = Waiting(10, patience=60.0)
        gone, other = batch(3), batch(1)
        waiting.add(gone)
        waiting.add(other)
        taken, number = await waiting.take()
        assert taken is gone
        waiting.give(gone, number, b"12345", decided=True)
        assert (waiting.rows, waiting.result_bytes) == (3, 5)
        again, last = await waiting.take()
        waiting.close(gone)
        assert (waiting.rows, waiting.result_bytes) == (0, 0)
        waiting.give(gone, 1, b"late", decided=True)
        waiting.put_back(gone, 2)
        assert (waiting.rows, waiting.result_bytes, gone.results[1]) == (0, 0, None)
        waiting.close(gone)
        assert again is other and last == 0
        assert waiting.open == {other}

    asyncio.run(check())


def test_a_row_that_is_put_back_is_next() -> None:
    async def check() -> None:
        waiting = Waiting(10, patience=60.0)
        one, two = batch(1), batch(1)
        waiting.add(one)
        waiting.add(two)
        taken = await waiting.take()
        waiting.put_back(*taken)
        assert waiting.rows == 2
        assert (await waiting.take()) == (one, 0)

    asyncio.run(check())


def test_what_is_known_at_once_does_not_wait() -> None:
    async def check() -> None:
        waiting = Waiting(10, patience=60.0)
        both = Batch([b"{}", b"null"], b"", {1: b"known"})
        none = Batch([], b"")
        waiting.add(both)
        waiting.add(none)
        assert (waiting.rows, none.finished.is_set(), both.finished.is_set()) == (1, True, False)
        await waiting.take()
        waiting.give(both, 0, b"made", decided=True)
        assert both.finished.is_set()
        assert (both.results, both.decided) == ([b"made", b"known"], 1)
        waiting.close(both)
        waiting.close(none)
        await asyncio.wait_for(waiting.all_closed(), 5)

    asyncio.run(check())
