"""Writes of one turn of the event loop make one transaction, and nobody waits for ever for one that failed."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from syncode.engines.journal.group_commit import GroupCommit


def opened(path: Path) -> tuple[sqlite3.Connection, list[str]]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (x INTEGER UNIQUE)")
    seen: list[str] = []
    connection.set_trace_callback(seen.append)
    return connection, seen


def insert(value: int):  # type: ignore[no-untyped-def]
    return lambda connection: connection.execute("INSERT INTO t VALUES (?)", (value,)).lastrowid


def group(connection: sqlite3.Connection, path: Path | None, *, relieved: bool = False) -> GroupCommit:
    return GroupCommit(connection, path, lambda error: RuntimeError(str(error)), lambda error: relieved)


@pytest.mark.parametrize("durable", [False, True])
def test_what_is_written_in_one_turn_is_one_transaction_with_a_result_each(tmp_path: Path, durable: bool) -> None:
    connection, seen = opened(tmp_path / "t.db")
    writes = group(connection, tmp_path / "t.db")

    async def run() -> list[int]:
        return list(await asyncio.gather(*(writes.do(insert(value), durable=durable) for value in range(50))))

    assert asyncio.run(run()) == list(range(1, 51))
    assert seen.count("BEGIN IMMEDIATE") == seen.count("COMMIT") == 1
    writes.close()
    connection.close()


def test_writes_that_arrive_during_a_sync_are_acknowledged_by_the_next(tmp_path: Path) -> None:
    connection, _ = opened(tmp_path / "t.db")
    writes = group(connection, tmp_path / "t.db")

    async def one(value: int) -> None:
        await asyncio.sleep(value / 1000)
        await writes.do(insert(value), durable=True)

    async def run() -> None:
        await asyncio.gather(*map(one, range(30)))

    asyncio.run(run())
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (30,)
    writes.close()
    connection.close()


def test_a_write_that_fails_fails_its_group_and_the_next_group_is_fine(tmp_path: Path) -> None:
    connection, _ = opened(tmp_path / "t.db")
    writes = group(connection, tmp_path / "t.db")

    async def run() -> None:
        results = await asyncio.gather(writes.do(insert(1)), writes.do(insert(1)), return_exceptions=True)
        assert [str(result) for result in results] == ["UNIQUE constraint failed: t.x"] * 2
        assert await writes.do(insert(1)) == 1
        with pytest.raises(ZeroDivisionError):
            await writes.do(lambda connection: 1 // 0)
        assert await writes.do(insert(2)) == 2

    asyncio.run(run())
    connection.close()


def test_a_signal_in_the_middle_leaves_nothing_half_written_and_nobody_waiting(tmp_path: Path) -> None:
    connection, _ = opened(tmp_path / "t.db")
    writes = group(connection, tmp_path / "t.db")

    def interrupted(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO t VALUES (7)")
        raise KeyboardInterrupt

    async def run() -> None:
        await asyncio.gather(writes.do(insert(1)), writes.do(interrupted))

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(run())
    assert not connection.in_transaction
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    connection.close()


def test_room_that_is_made_is_used(tmp_path: Path) -> None:
    connection, _ = opened(tmp_path / "t.db")
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    writes = GroupCommit(
        connection,
        tmp_path / "t.db",
        lambda error: RuntimeError(str(error)),
        lambda error: bool(connection.execute("PRAGMA max_page_count = 9999")),
    )

    async def run() -> None:
        for value in range(2000):
            await writes.do(insert(value))

    asyncio.run(run())
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (2000,)
    connection.close()


def test_the_log_goes_back_into_the_file_before_it_grows(tmp_path: Path) -> None:
    connection, _ = opened(tmp_path / "t.db")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE large (x BLOB)")
    writes = group(connection, tmp_path / "t.db")
    largest = 0

    async def run() -> None:
        nonlocal largest
        for _ in range(300):
            fill = [
                writes.do(lambda c: c.execute("INSERT INTO large VALUES (zeroblob(3000))").lastrowid) for _ in range(50)
            ]
            await asyncio.gather(*fill)
            largest = max(largest, (tmp_path / "t.db-wal").stat().st_size)
            await asyncio.sleep(0.001)

    asyncio.run(run())
    written = (tmp_path / "t.db").stat().st_size
    assert largest < 0.8 * 300 * 50 * 3000
    assert written > 0.2 * 300 * 50 * 3000
    connection.close()
