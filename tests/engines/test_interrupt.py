"""The first Ctrl-C or SIGTERM keeps what is out, the second stops at once."""

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

AT_ONCE = 2  # requests in flight
Start = Callable[[], Any]


@pytest.fixture
def running(scripted: Any, chat: Any, tmp_path: Path) -> Callable[[], Any]:
    """Run `generate` against a server that keeps every request until `release` is set; yield when as many are out as may be."""

    @contextmanager
    def start() -> Iterator[tuple["subprocess.Popen[str]", threading.Event, list[Any]]]:
        release, out = threading.Event(), threading.Semaphore(0)

        def reply(body: dict[str, Any], number: int) -> tuple[int, dict[str, str], Any]:
            out.release()
            release.wait(60)
            return 200, {}, chat()

        rows = [{"id": f"t{row}", "messages": [{"role": "user", "content": f"q{row}"}]} for row in range(9)]
        (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        with scripted(reply) as (address, seen):
            command = [sys.executable, "-m", "syncode", "generate", "t.jsonl", "--model", f"{address}/v1#m"]
            command += ["--journal", "j.db", "--concurrency", str(AT_ONCE), "-o", "a.jsonl", "--summary", "s.json"]
            with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
                try:
                    for _ in range(AT_ONCE):
                        assert out.acquire(timeout=60)
                    yield process, release, seen
                finally:
                    release.set()
                    process.kill()

    return start


def answers(folder: Path) -> int:
    with sqlite3.connect(folder / "j.db") as journal:
        count: int = journal.execute("SELECT count(*) FROM answers").fetchone()[0]
    return count


@pytest.mark.parametrize(
    ("number", "code", "why"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated; what was committed is kept")],
)
def test_the_first_signal_sends_no_more_and_keeps_what_is_out(
    number: signal.Signals, code: int, why: str, running: Start, tmp_path: Path
) -> None:
    with running() as (process, release, seen):
        process.send_signal(number)
        told = process.stderr.readline()
        assert f"stopping: {AT_ONCE} requests to m are out; waiting for what comes back, 30 s at most" in told
        release.set()
        assert process.wait(timeout=60) == code
        assert process.stderr.read().splitlines()[-1] == f"syncode generate: {why}"
    assert (len(seen), answers(tmp_path)) == (AT_ONCE, AT_ONCE)
    summary = json.loads((tmp_path / "s.json").read_text())
    assert (summary["stopped"], summary["requests"]["prompt_tokens"]) == (why, 5 * AT_ONCE)
    assert not (tmp_path / "a.jsonl").exists()


def test_the_second_signal_stops_at_once(running: Start, tmp_path: Path) -> None:
    with running() as (process, _, seen):
        process.send_signal(signal.SIGINT)
        assert "stopping" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    assert (len(seen), answers(tmp_path)) == (AT_ONCE, 0)
