"""What a shell, a service manager or `nohup` hands down does not decide how programs run: closed descriptors, ignored signals."""

import json
from pathlib import Path
from typing import Any

import pytest

from syncode.sandbox import Isolation, Sandbox

ROWS = [
    {
        "id": "python",
        "language": "python",
        "code": "import signal, subprocess\ndef f(): return subprocess.run(['sh', '-c', 'exit 3']).returncode",
        "tests": "assert f() == 3\nassert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL",
    },
    {
        "id": "bash",
        "language": "bash",
        "code": "f() { grep -c 'SigIgn:.0*$' /proc/self/status; }",
        "tests": '[ "$(f)" = 1 ]',
    },
]


@pytest.mark.parametrize("closed", ["<&- 2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_standard_descriptors_are_filled(closed: str, isolation: Isolation, tmp_path: Path, shell: Any) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps(ROWS[0]))
    ran = shell(f"syncode execute rows.jsonl --no-cache -o out.jsonl {closed}")
    assert ran.code == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["state"] == "pass"


def test_ignored_signals_are_not_handed_down_to_programs(isolation: Isolation, tmp_path: Path, shell: Any) -> None:
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    ran = shell("trap '' CHLD ALRM USR1 HUP PIPE INT; syncode execute rows.jsonl --no-cache --quiet")
    assert [json.loads(line)["state"] for line in ran.out.splitlines()] == ["pass", "pass"], ran.err


def test_a_program_that_writes_into_a_closed_pipe_ends_quietly(sandbox: Sandbox) -> None:
    code = "f() { yes | head -1 > /dev/null; echo ${PIPESTATUS[0]}; }"
    assert sandbox.run("bash", code, '[ "$(f)" = 141 ]').state == "pass"


BASH = json.dumps({"id": "b", "language": "bash", "code": "f() { echo 1; }", "tests": '[ "$(f)" = 1 ]'})


@pytest.mark.parametrize(
    ("limit", "code", "told"),
    [
        ("-n 64", 3, "bash cannot be judged here: this process is limited to 64 open files (ulimit -n)"),
        ("-f 100", 4, "this process is limited to 100 KiB per file (ulimit -f): lift that limit first"),
    ],
)
def test_what_is_scarce_is_told(
    limit: str, code: int, told: str, isolation: Isolation, tmp_path: Path, shell: Any
) -> None:
    (tmp_path / "rows.jsonl").write_text(BASH)
    ran = shell(f"ulimit {limit}; syncode execute rows.jsonl --no-cache")
    assert ran.code == code
    assert told in (ran.out + ran.err).decode()


def test_a_soft_limit_on_open_files_is_raised_as_far_as_it_may_be(
    isolation: Isolation, tmp_path: Path, shell: Any
) -> None:
    (tmp_path / "rows.jsonl").write_text(BASH)
    ran = shell("ulimit -Sn 64; syncode execute rows.jsonl --no-cache --quiet")
    assert json.loads(ran.out)["state"] == "pass", ran.out
