"""Hostile programs: each is contained, gets the right state, and leaves the host as it was.

`attacks/LANGUAGE/NAME.EXT` (Python: .txt, for the sake of linters) begins with a comment `expect: STATE...`; a comment `tests`
divides answer and tests. A program that ends well without tests has succeeded in its attack, unless it says `expect: pass`. The
marks in it stand for things of the host: @PORT@ a listening port, @SOCKET@ an abstract socket, @PID@ a process, @FILE@ a file,
@MARK@ a name for processes.
"""

import contextlib
import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncode.sandbox import Isolation, Limits, Sandbox, ready
from syncode.sandbox.limits import MEBIBYTE
from syncode.sandbox.probe import candidates, trial

ATTACKS = sorted((Path(__file__).parent / "attacks").glob("*/*"))
LIMITS = Limits(seconds=2.5, compile_seconds=8, memory=192 * MEBIBYTE)
ROOMY = Limits(seconds=5, compile_seconds=30, memory=512 * MEBIBYTE)
"""For runtimes that need half a second and 100 MB before the program begins."""
SLOW = {"java", "javascript"}


@dataclass(frozen=True)
class Host:
    """What an attack may aim at."""

    port: int
    name: str
    victim: subprocess.Popen[bytes]
    file: Path
    mark: str
    listeners: tuple[socket.socket, ...]

    def fill(self, text: str) -> str:
        """Put the targets in place of the marks."""
        values = {"PORT": self.port, "SOCKET": self.name, "PID": self.victim.pid, "FILE": self.file, "MARK": self.mark}
        return re.sub(r"@([A-Z]+)@", lambda match: str(values[match[1]]), text)

    def reached(self) -> list[str]:
        """Return what an attack has touched."""
        found = []
        for listener in self.listeners:
            with contextlib.suppress(BlockingIOError):
                listener.recvfrom(1) if listener.type & socket.SOCK_DGRAM else listener.accept()
                found.append(f"a message arrived at {listener.getsockname()}")
        if self.victim.poll() is not None:
            found.append("the process of the host is dead")
        if self.file.read_text() != "untouched":
            found.append("the file of the host was written")
        return found + [f"process {pid} lives on" for pid in marked(self.mark)]


def marked(mark: str) -> list[int]:
    """Return the processes whose command line holds the mark."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if (
                entry.name.isdigit()
                and int(entry.name) != os.getpid()
                and mark.encode() in (entry / "cmdline").read_bytes()
            ):
                found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    file = tmp_path_factory.mktemp("host") / "canary"
    file.write_text("untouched")
    file.chmod(0o666)
    name = f"canary-{secrets.token_hex(8)}"
    stream, datagram, abstract = (
        socket.socket(),
        socket.socket(type=socket.SOCK_DGRAM),
        socket.socket(socket.AF_UNIX),
    )
    stream.bind(("127.0.0.1", 0))
    datagram.bind(("127.0.0.1", stream.getsockname()[1]))
    abstract.bind(f"\0{name}")
    stream.listen()
    abstract.listen()
    for each in (stream, datagram, abstract):
        each.setblocking(False)
    victim = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(3600)"], env={"CANARY": "secret"})
    with contextlib.ExitStack() as stack:
        for each in (stream, datagram, abstract):
            stack.enter_context(each)
        yield Host(
            stream.getsockname()[1], name, victim, file, f"mark-{secrets.token_hex(8)}", (stream, datagram, abstract)
        )
        victim.kill()
        victim.wait()


@pytest.fixture(scope="module")
def sandboxes(isolation: Isolation) -> Iterator[dict[Limits, Sandbox]]:
    with contextlib.ExitStack() as stack:
        yield {
            limits: stack.enter_context(
                Sandbox(Isolation(isolation.backend, isolation.groups, limits, isolation.binds))
            )
            for limits in (LIMITS, ROOMY)
        }


def parts(path: Path) -> tuple[set[str], str, str]:
    """Return the expected states, the answer and the tests of a file."""
    first, _, text = path.read_text().partition("\n")
    answer, _, tests = re.sub(r"^(?:#|//) tests$", "\0", text, flags=re.MULTILINE).partition("\0")
    return set(first.partition("expect:")[2].split()), answer, tests


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_attack_is_contained(path: Path, host: Host, sandboxes: dict[Limits, Sandbox]) -> None:
    language = path.parent.name
    if isinstance(missing := ready(language), str):
        pytest.skip(f"{language}: {missing}")
    expected, answer, tests = parts(path)
    result = sandboxes[ROOMY if language in SLOW else LIMITS].run(language, host.fill(answer), host.fill(tests))
    assert not host.reached()
    assert result.state in expected, result


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 60
    assert len({path.parent.name for path in ATTACKS}) >= 6


DANGEROUS = (
    "fork_bomb.txt",
    "memory_of_many_children.txt",
    "disk_fill.txt",
    "connect_to_loopback.txt",
    "daemon_that_outlives.txt",
)


def test_every_fallback_that_starts_contains_the_worst(host: Host) -> None:
    """Which levels start is the machine's affair, and `execute doctor` says it; those that do hold what the best one holds."""
    usable = [level for level in candidates(LIMITS) if trial(level) is None]
    assert len(usable) >= 2, "a machine on which only one level starts tests no fallback"
    for level in usable:
        with Sandbox(level) as sandbox:
            for name in DANGEROUS:
                expected, answer, tests = parts(Path(__file__).parent / "attacks" / "python" / name)
                result = sandbox.run("python", host.fill(answer), host.fill(tests))
                assert not host.reached(), (level.name, name)
                assert result.state in expected, (level.name, name, result)
