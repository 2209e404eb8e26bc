"""A sandbox that breaks says so and opens again; nothing of it stays behind."""

import contextlib
import os
import resource
import signal
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncode.errors import EngineError
from syncode.sandbox import Cache, Isolation, Limits, Ready, Sandbox, choose, parse_size, ready
from syncode.sandbox.cell import cgroup, keeper
from syncode.sandbox.probe import trial
from syncode.sandbox.session import Session
from syncode.sandbox.shown import Bind

RUNS = 300
MANY = 10_000


def children() -> set[int]:
    """Return the living processes below this one."""
    own = str(os.getpid())
    parents: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(entry.name)] = fields[1]
    found: set[int] = set()
    while more := {pid for pid, parent in parents.items() if parent == own or int(parent) in found} - found:
        found |= more
    return found


def traces() -> tuple[set[int], str, int]:
    """Return what a sandbox could leave: processes, mounts, descriptors."""
    return children(), Path("/proc/self/mountinfo").read_text(), len(list(Path("/proc/self/fd").iterdir()))


def kill(pid: int) -> None:
    """Kill a process, which may just have gone with its parent."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def run_many(isolation: Isolation, count: int) -> None:
    before = traces()
    with Sandbox(isolation) as sandbox:
        for number in range(count):
            code = f"import os\nif os.fork() == 0:\n    os.setsid()\n    import time; time.sleep(60)\nx = {number}"
            tests = f"assert x == {number}"
            assert sandbox.run("python", code if number % 50 == 0 else f"x = {number}", tests).state == "pass"
        group = sandbox._session(0).group or {}
    assert traces() == before
    assert not [folder for folder in group.values() if Path(folder).exists()]


def test_many_runs_leave_no_process_mount_descriptor_or_group(isolation: Isolation) -> None:
    run_many(isolation, RUNS)


@pytest.mark.full
def test_ten_thousand_runs_leave_nothing(isolation: Isolation) -> None:
    run_many(isolation, MANY)


def test_a_run_that_is_broken_off_leaves_nothing_to_the_next_program(isolation: Isolation) -> None:
    class Enough(BaseException):
        pass

    def enough(*_: object) -> None:
        raise Enough

    before = signal.signal(signal.SIGALRM, enough)
    try:
        with Sandbox(isolation) as sandbox:
            assert sandbox.run("python", "x = 1").state == "pass"
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(Enough):
                sandbox.run("python", "import time\ntime.sleep(5)")
            results = [sandbox.run("python", f"print({number})") for number in range(3)]
    finally:
        signal.signal(signal.SIGALRM, before)
    assert [(result.state, result.stdout) for result in results] == [("pass", f"{number}\n") for number in range(3)]


def test_descriptors_that_run_out_are_infra_and_come_back(isolation: Isolation) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = traces()
    with Sandbox(isolation) as sandbox:
        for opened in (False, True):
            for room in range(8):
                if opened:
                    assert sandbox.run("python", "x = 1").state == "pass"
                full = [os.open(os.devnull, os.O_RDONLY) for _ in range(32)]
                resource.setrlimit(resource.RLIMIT_NOFILE, (max(full) + 1, hard))
                for descriptor in full[:room]:
                    os.close(descriptor)
                try:
                    state = sandbox.run("python", "x = 1").state
                finally:
                    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
                    for descriptor in full[room:]:
                        os.close(descriptor)
                assert state == "infra" or room > 3
        assert sandbox.run("python", "x = 1").state == "pass"
        assert "unknown" not in sandbox.toolchain("python")
    assert traces() == before


def test_a_program_that_cannot_get_its_descriptors_is_infra(isolation: Isolation) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    states: list[str] = []
    limit = 64
    while "infra" not in states and limit > 4:  # how many are needed depends on the backend, and on what is open here
        limit -= 4
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        try:
            with Sandbox(isolation) as sandbox:
                states.append(sandbox.run("bash", "true").state)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert states[-1] == "infra"
    assert set(states[:-1]) <= {"pass"}


def test_a_group_that_is_gone_already_does_not_break_the_worker(isolation: Isolation) -> None:
    if isolation.groups is None:
        pytest.skip("no control group here")
    with Sandbox(isolation) as sandbox:
        assert sandbox.run("python", "x = 1").state == "pass"
        session = sandbox._session(0)
        group, process = session.group, session._keeper
        assert group is not None
        assert process is not None
        for pid in children():
            kill(pid)
        process.wait()
        cgroup.remove(group)  # as the keeper does, or another one that finds it
        assert not session.out_of_memory()
        assert sandbox.run("python", "x = 2").state == "pass"  # opened again
        assert sandbox.run("python", "x = 3").state == "pass"


def test_nothing_is_started_for_a_keeper_that_is_gone() -> None:
    settings: dict[str, Any] = {"argv": ["/bin/true"], "environment": {}, "shown": [], "user": None, "keep": []}
    for gone, code in ((False, 0), (True, 127)):
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            keeper._become(settings, None, os.getpid() if gone else parent)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == code


def test_a_killed_sandbox_fails_no_program_and_the_next_one_runs(isolation: Isolation) -> None:
    with Sandbox(isolation) as sandbox:
        assert sandbox.run("python", "x = 1").state == "pass"
        keeper = sandbox._session(0)._keeper
        assert keeper is not None
        for pid in children():
            kill(pid)
        # Its death may be noticed before anything is started: then another one is opened.
        broken = sandbox.run("python", "x = 2")
        assert broken.state in ("infra", "pass"), broken
        again = sandbox.run("python", "x = 3")
        assert again.state == "pass", again


def test_the_sandbox_ends_with_the_process_that_opened_it(isolation: Isolation) -> None:
    before = children()
    child = os.fork()
    if child == 0:
        Session(isolation).open()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    until = time.monotonic() + 5
    mark = Path("/proc")
    while time.monotonic() < until:
        keepers = [entry for entry in mark.iterdir() if entry.name.isdigit() and _is_keeper(entry)]
        if not keepers:
            break
        time.sleep(0.05)
    assert not keepers
    assert children() == before


def _is_keeper(entry: Path) -> bool:
    """Tell whether a process is a sandbox without an owner: its keeper's parent is init."""
    try:
        command = (entry / "cmdline").read_bytes()
        parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
    except OSError:
        return False
    return b"syncode.sandbox.cell" in command and parent == "1"


def test_a_set_up_that_cannot_start_says_why(isolation: Isolation) -> None:
    broken = replace(isolation, binds=(*isolation.binds, Bind("/nowhere", "/nowhere")))
    why = trial(broken)
    assert why is not None
    assert "/nowhere" in why


def test_refusal_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncode.sandbox.probe.candidates", lambda limits: iter([]))
    with pytest.raises(EngineError, match="--unsafe-no-sandbox"):
        choose(Limits())
    assert choose(Limits(), unsafe=True).name == "unsafe"


def test_unsafe_runs_in_a_folder_that_goes_away(tmp_path: Path) -> None:
    with Sandbox(choose(Limits(seconds=5), unsafe=True)) as sandbox:
        result = sandbox.run("python", "import os\nprint(os.getcwd(), os.environ['HOME'])", "assert True")
        assert result.state == "pass", result
        folder, home = result.stdout.split()
        assert folder == home
        assert not Path(folder).exists()
        assert sandbox.toolchain("python").endswith("; unsafe")
        gone = sandbox.run("python", "import subprocess\nsubprocess.Popen(['sleep', '86420'], start_new_session=True)")
        assert gone.state == "pass"
        assert not [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and b"86420" in _words(entry)]


def _words(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""


def test_results_are_remembered_by_program_tests_toolchain_and_limits(isolation: Isolation, tmp_path: Path) -> None:
    path = str(tmp_path / "deep" / "executions.db")
    code = "import os\nprint(os.urandom(8).hex())"
    with Sandbox(isolation, Cache(path)) as sandbox:
        first = sandbox.run("python", code).stdout
        assert sandbox.run("python", code).stdout == first
        assert sandbox.run("python", code, "assert True").stdout != first
        assert sandbox.run("python", code, limits=replace(isolation.limits, seconds=9)).stdout != first
        assert sandbox.run("python", code, seed=1).stdout != first
    with Sandbox(isolation, Cache(path)) as again:
        assert again.run("python", code).stdout == first
    with Sandbox(isolation) as forgetful:
        assert forgetful.run("python", code).stdout != first


def test_a_changed_toolchain_of_the_same_version_is_run_anew(
    isolation: Isolation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import os\nprint(os.urandom(8).hex())"
    with Sandbox(isolation, Cache(str(tmp_path / "executions.db"))) as sandbox:
        first = sandbox.run("python", code).stdout
        tools = ready("python")
        assert isinstance(tools, Ready)
        monkeypatch.setattr("syncode.sandbox.ready", lambda _: replace(tools, stamp="another"))
        assert sandbox.run("python", code).stdout != first


SHARED_MEMORY_BOMB = """
import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
for _ in range(40):
    ctypes.memset(libc.shmat(libc.shmget(0, 1 << 25, 0o600), None, 0), 1, 1 << 25)
"""


def test_memory_that_a_program_leaves_behind_does_not_count_for_the_next(isolation: Isolation) -> None:
    with Sandbox(replace(isolation, limits=Limits(seconds=5, memory=256 << 20))) as sandbox:
        for _ in range(3):
            bomb = sandbox.run("python", SHARED_MEMORY_BOMB).state
            assert bomb == "oom" or isolation.groups is None  # only a control group counts what no process holds
            assert sandbox.run("python", "x = b'x' * (100 << 20)").state == "pass"


def test_a_damaged_memory_is_said_or_forgotten(isolation: Isolation, tmp_path: Path) -> None:
    path = tmp_path / "executions.db"
    with Sandbox(isolation, Cache(str(path))) as sandbox:
        assert sandbox.run("python", "x = 1").state == "pass"
    with contextlib.closing(sqlite3.connect(path)) as table, table:
        table.execute("UPDATE results SET body = '{'")
    with Sandbox(isolation, Cache(str(path))) as sandbox:
        assert sandbox.run("python", "x = 1").state == "pass"
    other = tmp_path / "other.db"
    other.write_text("no table")
    with Sandbox(isolation, Cache(str(other))) as sandbox, pytest.raises(EngineError, match="remove it"):
        sandbox.run("python", "x = 1")


def test_infra_is_not_remembered(isolation: Isolation, tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "executions.db"))
    with Sandbox(replace(isolation, binds=(Bind("/nowhere", "/nowhere"),)), cache) as broken:
        assert broken.run("python", "x = 1").state == "infra"
    with Sandbox(isolation, cache) as sandbox:
        assert sandbox.run("python", "x = 1").state == "pass"


@pytest.mark.parametrize(
    ("text", "size"), [("1G", 1 << 30), ("512M", 512 << 20), ("64KiB", 65536), ("100", 100), ("1.5g", 3 << 29)]
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "1T", "-1", "many"])
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        parse_size(text)


def test_control_groups_are_found_in_both_versions(tmp_path: Path) -> None:
    mounts = cgroup._mounts()
    assert all(Path(point).is_dir() for point, _ in mounts.values())
    assert cgroup._join(("/sys/fs/cgroup/memory", "/"), "/a/b") == "/sys/fs/cgroup/memory/a/b"
    assert cgroup._join(("/sys/fs/cgroup", "/docker/1"), "/docker/1/x") == "/sys/fs/cgroup/x"
    modern = tmp_path / "v2"
    modern.mkdir()
    (modern / "memory.max").write_text("max")
    (modern / "memory.swap.max").write_text("max")
    cgroup.limit({"memory": str(modern), "pids": str(modern)}, 1 << 20)
    assert (modern / "memory.max").read_text() == str(1 << 20)
    assert (modern / "memory.swap.max").read_text() == "0"
    (modern / "memory.events").write_text("low 0\noom 2\noom_kill 3\n")
    kills = cgroup.Kills({"memory": str(modern)})
    assert kills.count() == 3
    (modern / "memory.events").write_text("low 0\noom 2\noom_kill 4\n")
    assert kills.count() == 4
    kills.close()


def test_workers_that_make_the_cache_at_once_wait_for_each_other(tmp_path: Path) -> None:
    for number in range(30):
        read, write = os.pipe()
        workers = []
        for _ in range(8):
            worker = os.fork()
            if worker == 0:
                os.close(write)
                os.read(read, 1)  # all of them start when the pipe is closed
                try:
                    Cache(str(tmp_path / f"{number}.db")).get(b"nothing")
                except BaseException as problem:  # noqa: BLE001 - told by the exit code
                    os.write(2, f"{problem}\n".encode())
                    os._exit(1)
                os._exit(0)
            workers.append(worker)
        os.close(read)
        os.close(write)
        assert [os.waitpid(worker, 0)[1] for worker in workers] == [0] * 8
