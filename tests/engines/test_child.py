"""A server of ours is gone, with all its processes, whatever happens to us."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from syncode.engines.servers import child
from syncode.errors import EngineError

# Deaf to SIGTERM, and with a process of its own that has left the group: the worst that a server does.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
escaped = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
print("pids", os.getpid(), escaped.pid, flush=True)
time.sleep(300)
"""

# What a command of syncode does around a server, in a process that can be killed.
DRIVER = """
import os, re, sys, time
from pathlib import Path
from syncode.engines.servers import child
log = Path(sys.argv[1])
start = child.Start("the server", [sys.executable, sys.argv[2]], os.environ, log, deadline=60, grace=0.2)
with child.running(start, lambda: re.search(r"pids (.*)\\n", log.read_text())) as found:
    if "fork" in sys.argv and os.fork() == 0:
        time.sleep(20)
    print(found[1], flush=True)
    time.sleep(300)
"""


@pytest.fixture
def server(tmp_path: Path) -> Path:
    path = tmp_path / "server.py"
    path.write_text(STUBBORN)
    return path


def start_of(script: Path, log: Path, deadline: float = 60.0, grace: float = 0.2) -> child.Start:
    return child.Start("the server", [sys.executable, str(script)], os.environ, log, deadline, grace)


def pids_in(log: Path) -> list[int] | None:
    found = re.search(r"pids (.*)\n", log.read_text())
    return [int(pid) for pid in found[1].split()] if found else None


def is_alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def still_alive(pids: list[int], seconds: float = 60.0) -> list[int]:
    """Return those that are alive after so many seconds; at once when none is."""
    deadline = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return [pid for pid in pids if is_alive(pid)]


def drive(log: Path, server: Path, *extra: str) -> tuple["subprocess.Popen[str]", list[int]]:
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(log), str(server), *extra], stdout=subprocess.PIPE, text=True
    )
    assert driver.stdout is not None
    return driver, [int(pid) for pid in driver.stdout.readline().split()]


def test_the_server_and_what_left_its_group_are_gone_after_the_block(server: Path, tmp_path: Path) -> None:
    log = child.new_log(tmp_path, "server")
    with child.running(start_of(server, log), lambda: pids_in(log)) as pids:
        assert all(map(is_alive, pids))
    assert still_alive(pids, 0.0) == []


def test_an_exception_in_the_block_stops_the_server_and_is_seen(server: Path, tmp_path: Path) -> None:
    log = child.new_log(tmp_path, "server")
    with pytest.raises(ZeroDivisionError), child.running(start_of(server, log), lambda: pids_in(log)) as pids:
        _ = 1 / 0
    assert still_alive(pids, 0.0) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_a_signal_to_us(server: Path, tmp_path: Path, number: signal.Signals) -> None:
    driver, pids = drive(child.new_log(tmp_path, "server"), server)
    assert len(pids) == 2
    driver.send_signal(number)
    driver.wait(60)
    assert still_alive(pids) == []


def test_a_forked_worker_that_holds_the_pipe_keeps_no_server_alive(server: Path, tmp_path: Path) -> None:
    driver, pids = drive(child.new_log(tmp_path, "server"), server, "fork")
    driver.kill()
    driver.wait(60)
    assert still_alive(pids) == []


def test_the_server_dies_with_its_warden(server: Path, tmp_path: Path) -> None:
    log, said = child.new_log(tmp_path, "server"), list[str]()
    with child.running(start_of(server, log), lambda: pids_in(log), said.append) as pids:
        warden = int(Path(f"/proc/{pids[0]}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(warden, signal.SIGKILL)
        assert still_alive(pids[:1]) == []
        os.kill(pids[1], signal.SIGKILL)  # nobody can find one that left the group once the warden is dead
    assert said == [
        f"the server had ended by itself (its warden was ended by SIGKILL): pids {pids[0]} {pids[1]} (log: {log})"
    ]


def test_a_server_that_dies_is_one_error_with_its_first_cause(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text("print('ValueError: no such thing')\nprint('RuntimeError: see above')\nraise SystemExit(7)")
    log = child.new_log(tmp_path, "server")
    start = child.Start(
        "the server", [sys.executable, str(script)], os.environ, log, 60, telling=re.compile(r"\w+Error: .*")
    )
    with pytest.raises(EngineError) as caught, child.running(start, lambda: None):
        pass
    assert str(caught.value) == (
        f"the server ended before it was ready (exit code 7): ValueError: no such thing (log: {log})"
    )


def test_a_command_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    log = child.new_log(tmp_path, "server")
    start = child.Start("the server", ["/no/such/program"], os.environ, log, 60)
    complaint = "cannot start /no/such/program: No such file or directory"
    with pytest.raises(EngineError, match=complaint), child.running(start, lambda: None):
        pass


def test_a_server_that_never_answers_is_stopped_at_the_deadline(server: Path, tmp_path: Path) -> None:
    log = child.new_log(tmp_path, "server")
    start = start_of(server, log, deadline=1.0)
    with pytest.raises(EngineError, match=r"was not ready after 1 s: pids"), child.running(start, lambda: None):
        pass
    assert still_alive(pids_in(log) or [0], 0.0) == []


def test_a_server_gets_its_grace_to_end_in_order(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(
        "import signal, sys, time\n"
        "def end(*_): time.sleep(0.3); print('in order', flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\nprint('pids 0', flush=True)\ntime.sleep(300)\n"
    )
    log = child.new_log(tmp_path, "server")
    with child.running(start_of(script, log, grace=10.0), lambda: pids_in(log)):
        pass
    assert "in order" in log.read_text()


def test_health_goes_straight_to_loopback_and_a_closed_port_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert not child.answers("127.0.0.1:9")


def test_logs_of_crashes_go_after_a_week(tmp_path: Path) -> None:
    old, recent = child.new_log(tmp_path, "server"), child.new_log(tmp_path, "server")
    os.utime(old, (time.time() - 8 * 24 * 3600,) * 2)
    child.new_log(tmp_path, "server")
    assert not old.exists()
    assert recent.exists()
