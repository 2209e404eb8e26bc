"""A server process that lives exactly as long as syncode needs it: started, awaited, stopped on every way out."""

import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from syncode.errors import EngineError
from syncode.stream.people import say

WARDEN = Path(__file__).with_name("warden.py")
POLL_SECONDS = 0.05  # ours: how often readiness is looked for
SAY_SECONDS = 10.0  # ours: a start that takes longer than this says so, and again each time it passes
PROBE_SECONDS = 2.0  # ours: a health check that hangs longer counts as not ready
STOP_SECONDS = 5.0  # ours: what the warden gets for killing, beyond the grace, before its group is killed from here
LINE_LIMIT = 400  # ours: characters of a log line in an error
LINE_SAID = 100  # ours: characters of a log line in a progress line
SOUNDS_BAD = re.compile(r"error|fail|cannot|unable|not found|refused|killed", re.IGNORECASE)
KEEP_SECONDS = 7 * 24 * 3600.0  # ours: logs that crashes left behind go after a week

Value = TypeVar("Value")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Start:
    """How to start a server, and what to call it in messages.

    `deadline` is how long it may take to be ready, `grace` what it gets between SIGTERM and SIGKILL, both in seconds; no grace
    kills at once. Its output is appended to `log`, where `telling` finds the cause of a failure (see `diagnosis`).
    """

    what: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    deadline: float
    grace: float = 0.0
    telling: re.Pattern[str] | None = None


def to_stderr(text: str) -> None:
    """Print a line for people, with the name of the stage."""
    say(text)


@contextmanager
def running(start: Start, ready: Callable[[], Value | None], say: Say = to_stderr) -> Iterator[Value]:
    """Start the server, wait until `ready()` gives a value, yield that, and stop the server with all its processes.

    Nothing of it is left after a normal end, an exception, Ctrl-C, SIGTERM and `kill -9` of this process: `warden.py` stands in
    between. Raises EngineError with the telling line of the log if the server dies or is not ready in time.
    """
    owner = os.getpid()
    warden = launch(start)
    try:
        value = await_ready(start, warden, ready, say)
        try:
            yield value
        finally:
            if (code := warden.poll()) is not None:  # explains the errors that requests have met since
                say(f"{start.what} had ended by itself ({ending(code)}): {diagnosis(start.log, start.telling)}")
    finally:
        if os.getpid() == owner:  # a forked worker that unwinds this frame must not take the server from the others
            stop(warden, start.grace)


def launch(start: Start) -> subprocess.Popen[bytes]:
    """Start the warden, which starts the server. The pipe to the warden is its sign that we live."""
    command = [sys.executable, "-I", "-S", str(WARDEN), str(os.getpid()), str(start.grace), *start.command]
    try:
        with start.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=dict(start.environment),
                start_new_session=True,
            )
    except OSError as error:
        raise EngineError(f"{start.what} cannot be started: {error}") from error


def await_ready(start: Start, warden: subprocess.Popen[bytes], ready: Callable[[], Value | None], say: Say) -> Value:
    """Return what `ready` gives once it is not None; say something every ten seconds meanwhile."""
    begun = time.monotonic()
    spoken = 0
    while True:
        code = warden.poll()
        if code is not None:
            raise EngineError(
                f"{start.what} ended before it was ready ({ending(code)}): {diagnosis(start.log, start.telling)}"
            )
        value = ready()
        if value is not None:
            return value
        waited = time.monotonic() - begun
        if waited > start.deadline:
            raise EngineError(
                f"{start.what} was not ready after {start.deadline:.0f} s: {diagnosis(start.log, start.telling)}"
            )
        if waited > (spoken + 1) * SAY_SECONDS:
            spoken += 1
            say(f"{start.what} is starting, {waited:.0f} s: {last_line(start.log)}")
        time.sleep(POLL_SECONDS)


def stop(warden: subprocess.Popen[bytes], grace: float) -> None:
    """Have the warden end the server and wait for both; kill the whole group should the warden not manage."""
    warden.terminate()  # closing the pipe is not enough where a forked worker holds it as well
    if warden.stdin is not None:
        warden.stdin.close()
    try:
        warden.wait(grace + STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(warden.pid, signal.SIGKILL)
        warden.wait()


def answers(address: str, path: str = "/health") -> bool:
    """Return whether `http://address/path` gives 200. Goes there directly: a proxy of the environment is not for loopback."""
    connection = http.client.HTTPConnection(address, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):  # refused, reset, half an answer: not ready yet
        return False
    finally:
        connection.close()


def ending(code: int) -> str:
    """Describe an exit code of the warden, which gives 128 + signal for a server that a signal ended."""
    if code < 0:
        return f"its warden was ended by {signal.Signals(-code).name}"
    if code > 128 and (code - 128) in set(signal.Signals):
        return f"ended by {signal.Signals(code - 128).name}"
    return f"exit code {code}"


def diagnosis(log: Path, telling: re.Pattern[str] | None = None) -> str:
    """Return the cause of a failure as the log tells it, and where the log is.

    The cause is the first match of `telling` (its first group, if it has one): servers lament the consequences after it. Without
    a match it is the last line that sounds like an error, else the last line.
    """
    text = log.read_text("utf-8", "replace").strip()
    if telling and (found := telling.search(text)):
        cause = (found[1] if telling.groups else None) or found[0]
    else:
        lines = text.splitlines() or ["it said nothing"]
        cause = ([line for line in lines if SOUNDS_BAD.search(line)] or lines)[-1]
    return f"{cause.strip()[:LINE_LIMIT]} (log: {log})"


def last_line(log: Path) -> str:
    """Return the start of the log's last line, for people who wait."""
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1].strip()[:LINE_SAID] if lines else "it says nothing yet"


def new_log(folder: Path, name: str) -> Path:
    """Return a new, empty log file `NAME-DATE-xxxx.log` in the folder, and remove what crashes left there long ago."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.log"):
        if old.stat().st_mtime < time.time() - KEEP_SECONDS:
            old.unlink(missing_ok=True)
    handle, path = tempfile.mkstemp(prefix=f"{name}-{time.strftime('%Y%m%d-%H%M%S')}-", suffix=".log", dir=folder)
    os.close(handle)
    return Path(path)
