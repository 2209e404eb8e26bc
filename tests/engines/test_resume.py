"""Kill it anywhere, run it again: the same bytes, and nothing asked twice but what was in the air."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from syncode.engines.mock.scenario import Latency, Scenario

PROGRAM = Path(__file__).with_name("chain_program.py")
KILLS = int(os.environ.get("SYNCODE_KILLS", "20"))
ROWS = int(os.environ.get("SYNCODE_KILL_ROWS", "200"))
CONCURRENCY = 16
LATENCY = Scenario(latency=Latency("uniform", 0.002, 0.02))


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"id": f"r{row}", "text": f"text {row}"}) + "\n" for row in range(ROWS)))
    return path


def start(rows: Path, out: Path, **settings: Any) -> "subprocess.Popen[bytes]":
    with rows.open("rb") as source, out.open("wb") as sink:
        return subprocess.Popen(
            [sys.executable, str(PROGRAM), json.dumps(settings)],
            stdin=source,
            stdout=sink,
            stderr=subprocess.PIPE,
            cwd=rows.parent,
        )


def finish(run: "subprocess.Popen[bytes]") -> str:
    _, err = run.communicate(timeout=120)
    assert run.returncode == 0, err.decode()
    return err.decode()


def test_killed_anywhere_the_next_run_goes_on_and_writes_the_same_bytes(
    rows: Path, serving: Any, tmp_path: Path
) -> None:
    """Kill at a random number of requests, run again, kill again ... until a run gets through; then begin anew."""
    with serving(LATENCY) as (model, _):
        finish(start(rows, tmp_path / "whole", model=[model], journal="whole.db"))
    whole = (tmp_path / "whole").read_bytes()
    source = random.Random(KILLS)
    killed = here = passes = 0
    with serving(LATENCY) as (model, server):
        while killed < KILLS or passes == 0:
            run = start(rows, tmp_path / "out", model=[model], journal="killed.db")
            before = server.seen.total()
            most = source.randrange(1, ROWS) if killed < KILLS else 4 * ROWS
            while run.poll() is None and server.seen.total() < before + most:
                time.sleep(0.001)
            time.sleep(source.uniform(0, 0.02))
            if run.poll() is None and killed < KILLS:
                run.send_signal(signal.SIGKILL)
                run.communicate()
                killed, here = killed + 1, here + 1
                assert whole.startswith((tmp_path / "out").read_bytes())  # what a pipe got before the kill
                continue
            finish(run)
            assert (tmp_path / "out").read_bytes() == whole
            assert len(server.seen) == 3 * ROWS
            assert server.seen.total() <= 3 * ROWS + here * CONCURRENCY  # at most what was in the air, each time
            asked = server.seen.total()
            for more in ({}, {"replay": True}):
                finish(start(rows, tmp_path / "again", model=[model], journal="killed.db", **more))
                assert (tmp_path / "again").read_bytes() == whole
            assert server.seen.total() == asked
            assert [path.name for path in tmp_path.glob("killed.db*")] == ["killed.db"]
            (tmp_path / "killed.db").unlink()
            server.seen.clear()
            passes, here = passes + 1, 0
    assert killed == KILLS


def test_two_runs_at_once_on_one_journal_lose_and_repeat_nothing(rows: Path, serving: Any, tmp_path: Path) -> None:
    with serving(LATENCY) as (model, server):
        runs = [start(rows, tmp_path / name, model=[model], journal="shared.db") for name in ("one", "other")]
        for run in runs:
            finish(run)
        assert dict(server.seen) == dict.fromkeys(server.seen, 1)
        assert len(server.seen) == 3 * ROWS
    lines = (tmp_path / "one").read_bytes()
    assert lines == (tmp_path / "other").read_bytes()
    assert lines.count(b"\n") == ROWS


def test_of_two_runs_one_is_killed_and_the_other_takes_over(rows: Path, serving: Any, tmp_path: Path) -> None:
    with serving(Scenario(latency=Latency("constant", 0.05))) as (model, server):
        killed, other = (start(rows, tmp_path / name, model=[model], journal="shared.db") for name in ("one", "other"))
        while len(server.seen) < ROWS:
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        finish(other)
        assert len(server.seen) == 3 * ROWS
        assert server.seen.total() <= 3 * ROWS + CONCURRENCY
    assert (tmp_path / "other").read_bytes().count(b"\n") == ROWS
