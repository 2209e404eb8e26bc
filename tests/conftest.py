"""What tests of the command line share: a shell as a user has it, with `syncode` on PATH and no secrets."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

SECRET_SUFFIXES = ("_KEY", "_TOKEN", "_SECRET", "_PROXY", "_BASE_URL")
PUBLISHED = Path(__file__).parents[2] / "shared"
TIMEOUT = 120.0  # seconds a command line may take before the test calls it hung (chosen here)

# A shell's background job and `nohup` ignore signals, and every child would inherit that: tests send them.
for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


@dataclass(frozen=True)
class Ran:
    """What a shell saw of a command line."""

    out: bytes
    err: bytes
    code: int


Shell = Callable[..., Ran]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this environment without keys and proxies, with the running Python's scripts first on PATH.

    HOME and XDG_CACHE_HOME stay as they are: the embedded model that an earlier run unpacked is found again.
    """
    kept = {name: value for name, value in os.environ.items() if not name.upper().endswith(SECRET_SUFFIXES)}
    fixed = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": "",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "COLUMNS": "100",
    }
    return {**kept, **fixed, **(extra or {})}


def run_shell(
    script: str, folder: Path, stdin: bytes = b"", extra: Mapping[str, str] | None = None, timeout: float = TIMEOUT
) -> Ran:
    """Run a bash script in `folder` with pipefail; a script that hangs fails the test."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=environment(extra),
        input=stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return Ran(done.stdout, done.stderr, done.returncode)


settings.register_profile("syncode", deadline=None)  # a busy machine makes no example wrong
settings.load_profile("syncode")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the slow tests, beside which others then run; leave out those that read published files, if they are not here.

    The licences of such files keep them out of the repository. Tests of the same things on data of our own run everywhere.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if PUBLISHED.is_dir():
        return
    apart = [item for item in items if item.get_closest_marker("shared")]
    items[:] = [item for item in items if item not in apart]
    config.hook.pytest_deselected(items=apart)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Run a bash script: `shell("syncode filter x.jsonl", folder=..., stdin=b"...", extra={...})`."""

    def run(
        script: str,
        folder: Path = tmp_path,
        stdin: bytes = b"",
        extra: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
    ) -> Ran:
        return run_shell(script, folder, stdin, extra, timeout)

    return run
