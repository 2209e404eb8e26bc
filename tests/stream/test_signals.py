"""Ways out: a reader that leaves, Ctrl-C, SIGTERM, a terminal on stdin. Each has its exit code and leaves nothing behind."""

import os
import pty
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Probe = Callable[..., Any]
Rows = Callable[..., Path]
Gone = Callable[[int], bool]

TERMINATED = b"syncode: terminated; what was committed is kept\n"


def test_a_reader_that_leaves_ends_the_run_quietly(probe: Probe, rows: Rows, shape: str, tmp_path: Path) -> None:
    rows([{"n": number, "text": "x" * 1000} for number in range(5000)])
    ran = probe(
        f"$probe {shape} rows.jsonl --rejects aside.jsonl | head -n 1 | tr -d ' ' | cut -c 1-6; echo ${{PIPESTATUS[0]}}"
    )
    assert ran.out == b'{"n":0\n141\n'
    assert ran.err == b""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.jsonl"]


def test_a_reader_that_is_gone_from_the_start(probe: Probe, rows: Rows) -> None:
    rows([{"n": 1}])
    ran = probe("(sleep 0.3; $probe rows.jsonl; echo $? >&2) | true")
    assert ran.err == b"141\n"


def _terminate_again_and_again(pid: int) -> None:
    """As `timeout` and `systemd` do: the process and its group."""
    for _ in range(3):
        os.killpg(pid, signal.SIGTERM)
        time.sleep(0.0005)


@pytest.mark.parametrize(
    ("send", "code", "told"),
    [
        (lambda pid: os.killpg(pid, signal.SIGINT), 130, b"syncode: interrupted\n"),
        (lambda pid: os.kill(pid, signal.SIGTERM), 143, TERMINATED),
        (lambda pid: os.killpg(pid, signal.SIGTERM), 143, TERMINATED),
        (_terminate_again_and_again, 143, TERMINATED),
    ],
    ids=["ctrl-c", "sigterm", "sigterm-to-all", "sigterm-again-and-again"],
)
def test_a_signal_ends_the_run_with_its_code_and_without_files(
    running: Any, gone: Gone, shape: str, tmp_path: Path, *, send: Callable[[int], None], code: int, told: bytes
) -> None:
    with running(*shape.split(), "-o", "out.jsonl", "--rejects", "aside.jsonl") as process:
        process.stdin.write(b'{"n": 1, "say": "here", "sleep": 0.01}\n{"n": 2, "sleep": 300}\n')
        assert process.stderr.readline() == b"here\n"
        time.sleep(0.1)  # now the second row is on its way
        send(process.pid)
        assert process.wait(timeout=60) == code
        assert process.stderr.read() == told
        assert list(tmp_path.iterdir()) == []
        assert gone(process.pid)


@pytest.mark.parametrize("shape", ["--shape map", "--shape ask"])
def test_a_signal_that_waits_for_input_too(running: Any, shape: str) -> None:
    with running(*shape.split()) as process:
        process.stdin.write(b'{"n": 1}\n')
        assert process.stdout.readline() == b'{"n": 1}\n'
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130


def test_sigterm_passes_a_stage_that_catches_everything(running: Any) -> None:
    with running("--shape", "map") as process:
        process.stdin.write(b'{"n": 1, "say": "here", "stubborn": 300}\n')
        assert process.stderr.readline() == b"here\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143


@pytest.mark.parametrize("shape", ["--shape map", "--shape fold", "--shape ask", "--shape map --workers 2"])
def test_rows_flow_one_by_one_through_a_slow_pipe(running: Any, shape: str) -> None:
    with running(*shape.split()) as process:
        for number in range(3):
            process.stdin.write(b'{"n": %d}\n' % number)  # half of the next line makes no row, and holds none back
            process.stdin.write(b'{"n": ')
            assert process.stdout.readline().replace(b" ", b"") == b'{"n":%d}\n' % number
            process.stdin.write(b'9, "discard": "odd"}\n')
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_a_terminal_on_stdin_is_a_question_of_usage_not_a_silent_wait(running: Any) -> None:
    ours, theirs = pty.openpty()
    try:
        with running(stdin=theirs) as process:
            assert process.wait(timeout=60) == 2
            assert b"name a SOURCE, or pipe rows into stdin" in process.stderr.read()
    finally:
        os.close(ours)
        os.close(theirs)


def test_progress_is_drawn_on_a_terminal_and_taken_away_again(running: Any) -> None:
    ours, theirs = pty.openpty()
    try:
        with running(stderr=theirs) as process:
            for number in range(4):
                process.stdin.write(b'{"n": %d, "sleep": 0.15}\n' % number)
                process.stdout.readline()
            process.stdin.close()
            assert process.wait(timeout=60) == 0
        shown = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "rows/s" in shown
    assert shown.rstrip().endswith("syncode: 4 read, 4 written")


@pytest.mark.parametrize(
    ("closed", "code", "told"),
    [
        ("<&-", 2, b"syncode: nothing to read: name a SOURCE"),
        ("rows.jsonl >&-", 2, b"syncode: stdout is closed: name a file with -o"),
        ("- <&-", 2, b"syncode: stdin is closed: name a SOURCE"),
        ("rows.jsonl 2>&-", 0, b""),
        ("nowhere.jsonl 2>&-", 3, b""),
    ],
)
def test_closed_standard_streams(probe: Probe, rows: Rows, closed: str, code: int, told: bytes) -> None:
    rows([{"n": 1}])
    ran = probe(f"$probe {closed}")
    assert ran.code == code
    assert ran.err.startswith(told) and b"Traceback" not in ran.err
