"""Rounds: the plan sees a round as a whole and in its own order, whatever order its rows land in."""

import asyncio
import threading
from collections.abc import Generator, Sequence
from typing import Any

import pytest

from syncode.stream.rounds import Rounds

Row = dict[str, Any]


def plan(seen: list[list[Row]]) -> Generator[Sequence[Row], Sequence[list[Row]], None]:
    for number in range(3):
        made = yield [{"id": f"{number}.{each}"} for each in range(4)]
        seen.append([row for rows in made for row in rows])


def test_a_round_waits_for_the_one_before() -> None:
    seen: list[list[Row]] = []
    rounds = Rounds(plan(seen), key=lambda row: row["id"])
    read: list[Row] = []
    running: list[int] = []  # rounds that were seen to be whole when a row was read

    def reads() -> None:
        for row in rounds.rows():
            running.append(len(seen))
            read.append(row)

    async def stage(row: Row) -> list[Row]:
        return [{**row, "done": True}]

    thread = threading.Thread(target=reads, daemon=True)
    thread.start()
    watched = rounds.watched(stage)
    for number in range(3):
        while len(read) < 4 * (number + 1):
            thread.join(0.001)
        batch = read[4 * number :]
        assert len(batch) == 4, "the next round has begun"
        for row in reversed(batch):  # the last one lands first
            asyncio.run(watched(row))
    thread.join()
    assert running == [0] * 4 + [1] * 4 + [2] * 4
    assert [[row["id"] for row in part] for part in seen] == [[f"{n}.{each}" for each in range(4)] for n in range(3)]
    assert all(row["done"] for part in seen for row in part)


def test_rows_that_are_not_of_the_round_pass() -> None:
    rounds = Rounds(plan([]), key=lambda row: row.get("id"))

    async def stage(row: Row) -> list[Row]:
        return [row]

    assert next(rounds.rows()) == {"id": "0.0"}
    assert asyncio.run(rounds.watched(stage)({"other": 1})) == [{"other": 1}]


def test_two_rows_of_one_key_are_a_mistake_of_the_plan() -> None:
    def wrong() -> Generator[Sequence[Row], Sequence[list[Row]], None]:
        yield [{"id": 1}, {"id": 1}]

    with pytest.raises(ValueError, match="same key"):
        next(Rounds(wrong(), key=lambda row: row["id"]).rows())
