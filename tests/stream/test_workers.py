"""Several processes give the bytes that one gives, and survive a row that kills, an error and a source that breaks."""

import gzip
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncode import stream
from syncode.storage import Chunk
from syncode.stream import Flow
from syncode.stream import workers as crew
from syncode.stream.rows import Done

Probe = Callable[..., Any]
Rows = Callable[..., Path]


def mixture(count: int) -> list[object]:
    kinds: list[dict[str, object]] = [{}, {"copies": 2}, {"discard": "odd"}, {"fail": "gone"}, {}, {"sleep": 0.001}]
    good = [{"n": number, **kinds[number % len(kinds)]} for number in range(count)]
    return [line for row in good for line in ([row, b"nonsense"] if row["n"] % 100 == 7 else [row])]  # type: ignore[operator]


def test_bytes_do_not_depend_on_the_number_of_workers(obeying: Any, rows: Rows, tmp_path: Path) -> None:
    source = rows(mixture(3000))
    results = []
    for workers in (1, 2, 3):
        out, aside, counts = (tmp_path / f"{kind}{workers}" for kind in ("out", "aside", "counts"))
        flow = Flow((str(source),), str(out), str(aside), workers, summary=str(counts), quiet=True)
        obeying.run("map", flow)
        results.append((out.read_bytes(), aside.read_bytes(), {**json.loads(counts.read_bytes()), "seconds": 0}))
    assert results[0] == results[1] == results[2]
    assert len(results[0][0].splitlines()) == 2500


@pytest.mark.parametrize("killers", [[0], [299], [150, 151], [20, 280]])
def test_a_row_that_kills_its_worker_is_found_and_dropped(
    probe: Probe, rows: Rows, tmp_path: Path, killers: list[int]
) -> None:
    rows([{"n": number, **({"kill": True} if number in killers else {})} for number in range(300)])
    ran = probe("$probe rows.jsonl --workers 2 --rejects aside.jsonl")
    assert ran.code == 0, ran.err
    kept = [json.loads(line)["n"] for line in ran.out.splitlines()]
    assert kept == [number for number in range(300) if number not in killers]
    aside = [json.loads(line) for line in (tmp_path / "aside.jsonl").read_bytes().splitlines()]
    assert [row["n"] for row in aside] == killers
    assert aside[0]["drop"] == f"worker.died: signal 9 at rows.jsonl:{killers[0] + 1}"
    assert f"{len(killers)} dropped (worker.died {len(killers)})".encode() in ran.err


def test_a_worker_that_dies_while_it_answers_is_one_that_died(probe: Probe, rows: Rows) -> None:
    rows([{"n": 1}, {"n": 2, "half": True}, {"n": 3}])
    ran = probe("$probe rows.jsonl --workers 2")
    assert (ran.code, ran.out) == (0, b'{"n": 1}\n{"n": 3}\n'), ran.err
    assert ran.err == b"syncode probe: 3 read, 2 written, 1 dropped (worker.died 1)\n"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bug_in_a_stage_is_shown_with_its_place(probe: Probe, rows: Rows, tmp_path: Path, workers: int) -> None:
    rows([{"n": 1}, {"n": 2, "crash": "boom"}])
    ran = probe(f"$probe rows.jsonl --workers {workers} -o out.jsonl")
    assert ran.code == 1
    for told in (b"boom 42", b"in obey", b"while at rows.jsonl:2", b"this is a bug in syncode"):
        assert told in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_for_people_keeps_its_exit_code_across_processes(probe: Probe, rows: Rows, workers: int) -> None:
    rows([{"n": 1, "fatal": True}])
    ran = probe(f"$probe rows.jsonl --workers {workers}")
    assert (ran.code, ran.err) == (4, b"syncode probe: the server is gone\n")


@pytest.mark.parametrize("workers", [1, 2])
def test_what_came_before_a_damaged_source_is_written(probe: Probe, tmp_path: Path, workers: int) -> None:
    lines = b"".join(b'{"n":%d,"noise":"%s"}\n' % (number, os.urandom(16).hex().encode()) for number in range(20_000))
    whole = gzip.compress(lines)
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    ran = probe(f"$probe cut.jsonl.gz --workers {workers}")
    assert ran.code == 3
    written = ran.out.splitlines()
    assert written and written == lines.splitlines()[: len(written)]
    assert f"syncode probe: cut.jsonl.gz:{len(written) + 1}: ".encode() in ran.err


def test_workers_end_with_their_parent(running: Any, gone: Callable[[int], bool]) -> None:
    with running("--workers", "3") as process:
        process.stdin.write(b'{"n": 1}\n')
        assert process.stdout.readline() == b'{"n": 1}\n'
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert gone(process.pid)


def test_a_slow_pipe_flows_through_workers(running: Any) -> None:
    with running("--workers", "2") as process:
        for number in range(3):
            process.stdin.write(b'{"n":%d}\n' % number)
            assert process.stdout.readline() == b'{"n":%d}\n' % number  # before the end of input, which is not yet


def test_one_slow_row_does_not_stop_the_others(tmp_path: Path) -> None:
    """The first row waits for the last one, which has to be done meanwhile by the other worker."""
    mark = tmp_path / "mark"

    def stage(row: dict[str, Any]) -> list[dict[str, Any]]:
        if row["n"] == 99:
            mark.touch()
        until = time.monotonic() + 120
        while row["n"] == 0 and not mark.exists() and time.monotonic() < until:
            time.sleep(0.01)
        return [{**row, "seen": mark.exists()}]

    source, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(f'{{"n": {number}}}\n' for number in range(100)))
    stream.map(stage, None, None, Flow((str(source),), str(out), workers=2, quiet=True), grain=1)
    made = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["n"] for row in made] == list(range(100))
    assert made[0]["seen"]


def test_what_waits_for_a_slow_row_is_bounded_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of 1,000 bytes behind a slow one: 20 of them fill the bound, the rest is not even begun."""
    monkeypatch.setattr(crew, "HELD", 20_000)
    begun = tmp_path / "begun"

    def work(chunk: Chunk) -> Done:
        with begun.open("a") as stream:
            stream.write(".")
        until = time.monotonic() + 120
        while chunk.first == 1 and begun.stat().st_size < 21 and time.monotonic() < until:
            time.sleep(0.01)
        if chunk.first == 1:
            time.sleep(0.3)  # time enough for the other to go on, if it may
            (tmp_path / "seen").write_text(str(begun.stat().st_size))
        return Done(read=1, lines=[b"x" * 1000])

    chunks = (Chunk("rows", number, [b"{}"]) for number in range(1, 101))
    made = list(crew.ordered(work, chunks, 2, ahead=1000))
    assert len(made) == 100
    assert 20 <= int((tmp_path / "seen").read_text()) <= 23


def test_what_waits_behind_a_row_that_kills_is_done_by_the_heir() -> None:
    """A worker has the next small chunk in its pipe already when it dies."""
    killers = {3, 4, 50, 51, 52, 199}

    def work(chunk: Chunk) -> Done:
        if chunk.first in killers:
            os.kill(os.getpid(), signal.SIGKILL)
        return Done(read=1, lines=[b"%d" % chunk.first])

    chunks = [Chunk("rows.jsonl", number, [b'{"n": 1}']) for number in range(200)]
    done = list(crew.ordered(work, chunks, 2, ahead=64))
    assert [each.lines for each in done if each.lines] == [[b"%d" % n] for n in range(200) if n not in killers]
    assert [number for number, each in enumerate(done) if each.rejects] == sorted(killers)
