"""The probe, a command made for tests, as a shell and as a process with signals."""

import importlib.util
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROBE = Path(__file__).parent / "probe.py"
SHAPES = ("map", "map --workers 2", "fold", "ask")


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> str:
    """Each shape of stage, as options of the probe."""
    return f"--shape {request.param}"


@pytest.fixture(params=["map", "fold", "ask"])
def name(request: pytest.FixtureRequest) -> str:
    """Each shape of stage, for `obeying.run`."""
    return str(request.param)


@pytest.fixture
def probe(shell: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Run a bash script in which `$probe` is the probe command."""
    command = tmp_path_factory.mktemp("bin") / "probe"  # one word, wherever this interpreter lies
    command.write_text(f'#!/bin/sh\nexec {shlex.join((sys.executable, str(PROBE)))} "$@"\n')
    command.chmod(0o755)

    def run(script: str, **more: Any) -> Any:
        return shell(f"probe={shlex.quote(str(command))}\n{script}", **more)

    return run


@pytest.fixture(scope="session")
def obeying() -> Any:
    """The probe as a module: its stages and its `run(shape, flow)`, for tests that need no process of their own."""
    spec = importlib.util.spec_from_file_location("probe", PROBE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., Path]:
    """Write rows, or raw lines, to a file and return its path."""

    def write(lines: Iterable[object], name: str = "rows.jsonl") -> Path:
        path = tmp_path / name
        raw = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        path.write_bytes(b"".join(line + b"\n" for line in raw))
        return path

    return write


@pytest.fixture
def running(tmp_path: Path) -> Callable[..., Any]:
    """Start the probe in a process group of its own; leaving the context kills whatever is left of it."""

    @contextmanager
    def start(*options: str, **more: Any) -> Iterator["subprocess.Popen[bytes]"]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        command = [sys.executable, str(PROBE), *options]
        process = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, bufsize=0, **pipes)
        try:
            yield process
        finally:
            if members(process.pid):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    return start


def members(group: int) -> list[int]:
    """Return the living processes of a process group, from /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, number = path.read_text().rpartition(") ")[2].split()[:3]
        except OSError:
            continue  # it ended while we looked
        if int(number) == group and state != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.fixture
def gone() -> Callable[[int], bool]:
    """Tell whether nobody of a process group is alive within a minute."""

    def wait(group: int) -> bool:
        until = time.monotonic() + 60
        while members(group) and time.monotonic() < until:
            time.sleep(0.02)
        return not members(group)

    return wait
