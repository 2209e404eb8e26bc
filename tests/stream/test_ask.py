"""The shape that talks to a model: order, a bounded window, rows that do not wait for each other, ends that keep what is paid."""

import asyncio
import json
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncode import stream
from syncode.errors import BudgetReached, DataError, EngineError
from syncode.stream import Flow
from syncode.stream.asking import WINDOW

Rows = Callable[..., Path]


def written(path: Path) -> list[int]:
    return [json.loads(line)["n"] for line in path.read_bytes().splitlines()]


def test_rows_are_written_in_input_order_whenever_they_finish(rows: Rows, obeying: Any, tmp_path: Path) -> None:
    source = rows({"n": number, "sleep": 0.02 * (number % 5 == 0)} for number in range(100))
    obeying.run("ask", Flow((str(source),), str(tmp_path / "out"), quiet=True))
    assert written(tmp_path / "out") == list(range(100))


def test_the_window_bounds_what_is_in_flight_and_is_filled(rows: Rows, tmp_path: Path) -> None:
    in_flight = most = 0

    async def stage(row: Any) -> list[Any]:
        nonlocal in_flight, most
        in_flight += 1
        most = max(most, in_flight)
        await asyncio.sleep(0.01)
        in_flight -= 1
        return [row]

    source = rows({"n": number} for number in range(300))
    stream.ask(stage, None, None, Flow((str(source),), str(tmp_path / "out"), quiet=True), load=5)
    assert most == WINDOW * 5


def test_a_slow_row_does_not_hold_up_the_others(rows: Rows, tmp_path: Path) -> None:
    finished: list[int] = []

    async def stage(row: Any) -> list[Any]:
        await asyncio.sleep(0.3 if row["n"] == 0 else 0)
        finished.append(row["n"])
        return [row]

    source = rows({"n": number} for number in range(20))
    stream.ask(stage, None, None, Flow((str(source),), str(tmp_path / "out"), quiet=True), load=8)
    assert finished == [*range(1, 20), 0]
    assert written(tmp_path / "out") == list(range(20))


def test_a_slow_pipe_does_not_stall_replies(running: Any) -> None:
    with running("--shape", "ask") as process:
        process.stdin.write(b'{"n": 1, "sleep": 0.2}\n')
        assert process.stdout.readline() == b'{"n": 1, "sleep": 0.2}\n'  # while the next line has not come
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_an_engine_error_ends_the_run_at_once(rows: Rows, obeying: Any, tmp_path: Path) -> None:
    source = rows([{"n": 0}, {"n": 1, "sleep": 300}, {"n": 2, "fatal": True}, {"n": 3, "sleep": 300}])
    began = time.monotonic()
    with pytest.raises(EngineError, match="the server is gone"):
        obeying.run("ask", Flow((str(source),), str(tmp_path / "out"), quiet=True))
    assert time.monotonic() - began < 60
    assert not (tmp_path / "out").exists()


def test_when_the_budget_is_spent_requests_in_flight_come_home(rows: Rows, tmp_path: Path) -> None:
    home: list[int] = []

    async def stage(row: Any) -> list[Any]:
        if "budget" in row:
            raise BudgetReached("the budget is spent")
        await asyncio.sleep(0.2)
        home.append(row["n"])
        return [row]

    source = rows([{"n": 0, "budget": True}, {"n": 1}, {"n": 2}])
    with pytest.raises(BudgetReached):
        stream.ask(stage, None, None, Flow((str(source),), str(tmp_path / "out"), quiet=True))
    assert home == [1, 2]


def test_when_the_budget_is_spent_what_came_home_is_written_to_a_pipe(probe: Any, rows: Rows) -> None:
    rows([{"n": 0}, {"n": 1, "budget": True}, {"n": 2, "sleep": 0.1}, {"n": 3}])
    ran = probe("$probe --shape ask rows.jsonl")
    assert ran.code == 5
    assert ran.err == b"syncode probe: the budget is spent\n"
    assert [json.loads(line)["n"] for line in ran.out.splitlines()] == [0, 2, 3]


def test_a_bad_line_lets_requests_in_flight_come_home_first(rows: Rows, tmp_path: Path) -> None:
    home: list[int] = []

    async def stage(row: Any) -> list[Any]:
        await asyncio.sleep(0.2)
        home.append(row["n"])
        return [row]

    source = rows([b"nonsense", {"n": 1}, {"n": 2}])
    with pytest.raises(DataError, match=r"rows\.jsonl:1: not JSON"):
        stream.ask(stage, None, None, Flow((str(source),), str(tmp_path / "out"), quiet=True))
    assert home == [1, 2]


def test_memory_does_not_grow_with_the_number_of_rows(probe: Any, shell: Callable[..., Any]) -> None:
    # 100,000 rows of 1 KB are 100 MB: held in memory as dicts they would be several times that.
    python = shlex.quote(sys.executable)
    script = f"""
    {python} -c 'for n in range(100_000): print("{{\\"n\\": %d, \\"text\\": \\"%s\\"}}" % (n, "x" * 1000))' |
        {python} -c '
import resource, runpy, sys, threading
sys.argv[1:] = ["--shape", "ask"]
try:
    runpy.run_path("{Path(__file__).parent / "probe.py"}", run_name="__main__")
except SystemExit as end:
    print(end.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
' | wc -l"""
    ran = shell(script)
    assert ran.out.strip() == b"100000", ran.err
    told, ended = ran.err.decode().splitlines()
    assert told == "syncode probe: 100000 read, 100000 written"
    code, megabytes = map(int, ended.split())
    assert code == 0
    assert megabytes < 120


def test_rows_that_do_not_come_from_a_file(tmp_path: Path) -> None:
    async def stage(row: Any) -> list[Any]:
        return [row]

    out = tmp_path / "out"
    flow = Flow((), str(out), limit=150, quiet=True)
    assert stream.ask(stage, None, None, flow, rows=({"n": number} for number in range(10**9))).read == 150
    assert written(out) == list(range(150))
