"""Workers that hang, die at their start or in the middle: their rows are errors, and others take their place."""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Callable

from syncode.errors import EngineError
from syncode.schemas.records import Row
from syncode.stages.execute.serve.batches import Batch, Waiting
from syncode.stages.execute.serve.crew import RECYCLE, Crew
from syncode.stages.execute.serve.frames import framed, receive
from syncode.stages.execute.serve.metrics import Metrics
from syncode.stages.execute.serve.worker import READY
from syncode.stream.nursery import Nursery

DECIDED = b'pass\n{"of":1,"score":1.0}'


def work(line: socket.socket) -> None:
    """Answer rows, or do what they say: hang, die, send half of an answer, say nothing is known."""
    line.sendall(framed(READY))
    while (order := receive(line)) is not None:
        does = json.loads(order)["row"]
        if does == "hang":
            time.sleep(600)
        elif does == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif does == "half":
            line.sendall(framed(DECIDED)[:-4])
            os.kill(os.getpid(), signal.SIGKILL)
        line.sendall(framed(b'error_row\n{"score":null}' if does == "bad" else DECIDED))


Made = tuple[Batch, Metrics, list[str]]


def ran(rows: list[str], worker: Callable[[socket.socket], None] = work, deadline: float = 60.0) -> Made:
    """Return the batch after a crew of two has run it, or its deadline has come and a row of another request has been run."""
    said: list[str] = []
    metrics = Metrics()

    async def run(nursery: Nursery) -> Batch:
        waiting = Waiting(len(rows), patience=0.2)
        batch = Batch([json.dumps(row).encode() for row in rows], b"")
        assert waiting.add(batch)
        task = asyncio.create_task(Crew(nursery, waiting, metrics).run(2, said.append))
        finished = asyncio.create_task(batch.finished.wait())
        await asyncio.wait((task, finished), timeout=deadline, return_when=asyncio.FIRST_COMPLETED)
        finished.cancel()
        if not batch.finished.is_set():
            waiting.close(batch)
            after = Batch([b'"ok"'] * 4, b"")
            assert waiting.add(after)
            await asyncio.wait_for(after.finished.wait(), 60)
            assert after.decided == 4
        if task.done():
            task.result()
        task.cancel()
        return batch

    with Nursery(worker) as nursery:
        return asyncio.run(run(nursery)), metrics, said


def results(batch: Batch) -> list[Row]:
    """Return what has come of each row."""
    return [json.loads(made) for made in batch.results if made is not None]


def test_rows_of_workers_that_die_are_errors() -> None:
    batch, metrics, said = ran(["ok", "die", "ok", "half", "ok", "bad"])
    made = results(batch)
    assert [each["score"] for each in made] == [1.0, None, 1.0, None, 1.0, None]
    assert [made[number]["error"]["kind"] for number in (1, 3)] == ["worker"] * 2
    assert all(made[number]["passed"] is None for number in (1, 3))
    assert batch.decided == 3
    assert metrics.deaths == 2
    assert metrics.states == {"pass": 3, "error_worker": 2, "error_row": 1}
    assert said == ["a worker died; another one is started"] * 2


def test_workers_that_hang_are_replaced_after_the_end_of_the_request() -> None:
    batch, metrics, said = ran(["hang", "hang", "ok", "ok"], deadline=0.5)
    assert batch.results == [None] * 4
    assert metrics.deaths == 2
    assert set(said) == {"a worker went on long after the end of its request; another one is started"}


def test_a_worker_is_replaced_in_time() -> None:
    batch, metrics, said = ran(["ok"] * (2 * RECYCLE + 10))
    assert batch.decided == len(batch.rows)
    assert (metrics.recycled >= 1, metrics.deaths, said) == (True, 0, [])


def test_workers_that_cannot_start_are_tried_again() -> None:
    tries = os.memfd_create("tries")

    def third(line: socket.socket) -> None:
        os.write(tries, b".")
        if os.fstat(tries).st_size > 2:
            work(line)

    batch, metrics, said = ran(["ok"], third)
    os.close(tries)
    assert batch.decided == 1
    assert metrics.deaths >= 2
    assert set(said) == {"a worker did not start; another one is started"}


def test_the_end_of_the_nursery_is_an_error() -> None:
    nursery = Nursery(work)
    nursery._process.kill()
    nursery._process.join()
    try:
        nursery.hire(0)
    except EngineError as error:
        assert "gone" in str(error)
    else:
        raise AssertionError("a worker was hired of a nursery that is gone")
    finally:
        nursery.__exit__(None, None, None)
