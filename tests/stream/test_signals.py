"""Ways out: a reader that leaves, Ctrl-C, SIGTERM, a terminal on stdin. Each has its exit code and leaves nothing behind."""

import contextlib
import fcntl
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from syncode.stream import terminal

Probe = Callable[..., Any]
Rows = Callable[..., Path]
Gone = Callable[[int], bool]

PROBE = Path(__file__).parent / "probe.py"

TERMINATED = b"syncode probe: terminated; what was committed is kept\n"

COMMAND = shlex.join((sys.executable, str(PROBE)))


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
        (lambda pid: os.killpg(pid, signal.SIGINT), 130, b"syncode probe: interrupted\n"),
        (lambda pid: os.kill(pid, signal.SIGTERM), 143, TERMINATED),
        (lambda pid: os.killpg(pid, signal.SIGTERM), 143, TERMINATED),
        (_terminate_again_and_again, 143, TERMINATED),
        (lambda pid: os.killpg(pid, signal.SIGHUP), 129, TERMINATED),
        (lambda pid: os.killpg(pid, signal.SIGQUIT), 131, TERMINATED),
        (lambda pid: os.kill(pid, signal.SIGXCPU), 152, TERMINATED),
    ],
    ids=["ctrl-c", "sigterm", "sigterm-to-all", "sigterm-again-and-again", "sighup", "sigquit", "sigxcpu"],
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


@pytest.mark.parametrize("shape", ["--shape map", "--shape map --workers 2"])
def test_a_signal_that_the_parent_ignores_ends_nothing(running: Any, shape: str) -> None:
    ignoring = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)}  # as nohup does
    with running(*shape.split(), **ignoring) as process:
        process.stdin.write(b'{"n": 1}\n')
        assert process.stdout.readline().replace(b" ", b"") == b'{"n":1}\n'
        os.killpg(process.pid, signal.SIGHUP)
        process.stdin.write(b'{"n": 2}\n')
        process.stdin.close()
        assert process.wait(timeout=60) == 0
        assert b"2}" in process.stdout.read()


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
            for number in range(8):
                process.stdin.write(b'{"n": %d, "sleep": 0.15}\n' % number)
                process.stdout.readline()
            process.stdin.close()
            assert process.wait(timeout=60) == 0
        shown = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "rows/s" in shown
    assert shown.rstrip().endswith("syncode probe: 8 read, 8 written")


def on_terminal(script: str, columns: int, **environment: str) -> str:
    """Run a bash script whose stderr, and only that, is a terminal of so many columns; return what is printed there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {**os.environ, "TERM": "xterm", **environment}
    with subprocess.Popen(["bash", "-c", script], stderr=theirs, stdin=subprocess.DEVNULL, env=variables) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # that is how a terminal ends
            while block := os.read(ours, 1 << 16):
                shown += block
        os.close(ours)
        assert process.wait(timeout=20) == 0, shown
    return shown.decode()


def drawn(shown: str) -> list[str]:
    """Return the lines that were drawn, without colours, in their order."""
    frames = re.split(r"\r\x1b\[2K|\r\n", shown)
    return [re.sub(r"\x1b\[[\d;]*m", "", frame) for frame in frames if "rows/s" in frame or "…" in frame]


SLOW = [{"n": number, "sleep": 0.15} for number in range(8)]


def test_only_the_last_stage_of_a_pipe_draws(rows: Rows, tmp_path: Path) -> None:
    rows([*SLOW, {"n": 9, "discard": "odd"}])
    probe = COMMAND
    shown = on_terminal(f"cd {tmp_path}; {probe} --shape fold rows.jsonl | {probe} --shape fold > out.jsonl", 200)
    told = [line for line in re.split(r"\r|\n|\x1b\[2K", shown) if line.startswith("syncode probe: ")]
    assert told == [
        "syncode probe: 9 read, 8 written, 1 dropped (probe.odd 1)",
        "syncode probe: 8 read, 8 written",
    ]
    assert drawn(shown) and not any("%" in line for line in drawn(shown)), "the first one would know its share"


def test_a_stage_before_another_program_draws_in_its_place(rows: Rows, tmp_path: Path) -> None:
    rows(SLOW)
    shown = on_terminal(f"cd {tmp_path}; {COMMAND} --shape fold rows.jsonl | cat > out.jsonl", 200)
    assert any("%" in line for line in drawn(shown))


def test_a_line_is_cut_to_the_width_and_has_a_bar_where_there_is_room(rows: Rows, tmp_path: Path) -> None:
    rows(SLOW)
    script = f"cd {tmp_path}; {COMMAND} --shape fold rows.jsonl > out.jsonl"
    wide, narrow = drawn(on_terminal(script, 120)), drawn(on_terminal(script, 30, NO_COLOR="1"))
    assert wide and all(("░" in line) == ("%" in line) for line in wide)
    assert narrow and all(len(line) <= 29 and line.endswith("…") for line in narrow)


@pytest.mark.parametrize("shape", ["ask", "fold"])
def test_the_share_is_of_rows_that_are_done_also_if_they_come_from_stdin(
    rows: Rows, tmp_path: Path, shape: str
) -> None:
    rows([{"n": number, "sleep": 0.2 * (number + 1)} for number in range(6)])
    script = f"cd {tmp_path}; {COMMAND} --shape {shape} < rows.jsonl > out.jsonl"
    shares = [int(found[1]) for line in drawn(on_terminal(script, 120)) if (found := re.search(r"(\d+)%", line))]
    assert len(set(shares)) > 2
    assert shares == sorted(shares)
    assert shares[-1] < 100, "all rows had been taken in, and not all were done"


def test_a_line_that_a_narrower_terminal_has_broken_is_taken_away_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = terminal.Screen()
    monkeypatch.setattr(screen, "width", lambda: 100)
    screen.draw(Text("x" * 150))
    assert "x" * 98 + "…" in capsys.readouterr().err
    monkeypatch.setattr(screen, "width", lambda: 40)
    screen.clear()
    assert capsys.readouterr().err == "\x1b[2A\r\x1b[J"  # 99 columns are three lines of 40
    screen.clear()
    assert capsys.readouterr().err == ""


def test_a_terminal_that_cannot_move_its_cursor_gets_lines(rows: Rows, tmp_path: Path) -> None:
    rows(SLOW[:3])
    shown = on_terminal(f"cd {tmp_path}; {COMMAND} rows.jsonl > out.jsonl", 80, TERM="dumb")
    assert shown == "syncode probe: 3 read, 3 written\r\n"


@pytest.mark.parametrize(
    ("closed", "code", "told"),
    [
        ("<&-", 2, b"syncode probe: nothing to read: name a SOURCE"),
        ("rows.jsonl >&-", 2, b"syncode probe: stdout is closed: name a file with -o"),
        ("- <&-", 2, b"syncode probe: stdin is closed: name a SOURCE"),
        ("rows.jsonl 2>&-", 0, b""),
        ("nowhere.jsonl 2>&-", 3, b""),
    ],
)
def test_closed_standard_streams(probe: Probe, rows: Rows, closed: str, code: int, told: bytes) -> None:
    rows([{"n": 1}])
    ran = probe(f"$probe {closed}")
    assert ran.code == code
    assert ran.err.startswith(told) and b"Traceback" not in ran.err
