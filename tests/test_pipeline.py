"""The whole system end to end on the embedded model: interrupted, continued, and run once more for nothing."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

LABELLED = "labelled.jsonl"  # written early: when it is there, the model is at work on the samples


def start(folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "syncode", "demo", "--quick", "-o", "out"],
            cwd=folder,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def finish(folder: Path) -> str:
    assert start(folder).wait() == 0, (folder / "log").read_text()[-3000:]
    return (folder / "log").read_text()


def digests(out: Path) -> dict[str, str]:
    """Return the hash of every file but the journal, caches and what a training run keeps for itself."""
    files = [
        path for path in out.rglob("*") if path.is_file() and ".syncode" not in path.parts and "ckpt" not in path.parts
    ]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def answers(out: Path) -> int:
    with sqlite3.connect(out / ".syncode" / "journal.db") as journal:
        (count,) = journal.execute("SELECT count(*) FROM answers").fetchone()
    return int(count)


@pytest.mark.slow
def test_the_pipeline_continues_after_ctrl_c_and_costs_nothing_the_second_time(tmp_path: Path) -> None:
    out = tmp_path / "out"
    interrupted = start(tmp_path)
    while not (out / LABELLED).exists():
        assert interrupted.poll() is None, (tmp_path / "log").read_text()[-3000:]
        time.sleep(0.2)
    labelled = answers(out)
    while answers(out) < labelled + 3:
        assert interrupted.poll() is None, (tmp_path / "log").read_text()[-3000:]
        time.sleep(0.2)
    os.killpg(interrupted.pid, signal.SIGINT)  # what a terminal does
    assert interrupted.wait() != 0
    assert not (out / "samples.jsonl").exists()
    paid = answers(out)
    assert paid > 0

    log = finish(tmp_path)
    assert "Traceback" not in log
    board = [line for line in log.splitlines() if "tuned" in line]
    assert board, log[-3000:]
    after = answers(out)
    assert after > paid
    verdicts = [orjson.loads(line) for line in (out / "verdicts.jsonl").read_bytes().splitlines()]
    assert {row["order"] for row in verdicts} and len(verdicts) == 2 * len({row["task_id"] for row in verdicts})
    steps = [orjson.loads(line) for line in (out / "steps.jsonl").read_bytes().splitlines()]
    assert all(step["loss"] > 0 for step in steps)
    assert (out / "run" / "export" / "model.gguf").stat().st_size > 50_000_000

    before = digests(out)
    finish(tmp_path)
    assert answers(out) == after
    assert digests(out) == before
