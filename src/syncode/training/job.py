"""What the parent of a run knows: where it is, what is asked, on what; and the few lines it prints for people."""

import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syncode.engines.servers.child import to_stderr
from syncode.errors import DISTRIBUTION, EngineError, UsageError, install
from syncode.training.base_model import BaseModel
from syncode.training.options import RunOptions
from syncode.training.recipe import Recipe

OWNED = "run.lock"
"""Held by the parent as long as it lives; also the mark of a folder that is ours to write into."""
CPU_RANKS = 2  # if there is no GPU: the smallest number that is truly distributed
PARTS = ("torch", "deepspeed", "transformers", "safetensors", "gguf", "jinja2")


@dataclass(frozen=True)
class Job:
    """One run of `syncode train`. `workers` is the number of threads that tokenise."""

    run: Path
    recipe: Recipe
    base: BaseModel
    options: RunOptions
    workers: int = 1
    quiet: bool = False

    def say(self, text: str) -> None:
        """Print one line for people."""
        if not self.quiet:
            to_stderr(text)


def require_parts() -> None:
    """Raise EngineError where a package of the extra is missing, before anything is read."""
    if missing := [part for part in PARTS if importlib.util.find_spec(part) is None]:
        raise EngineError(f"training needs {', '.join(missing)}: {install('train')}")


@contextmanager
def owned(run: Path) -> Iterator[None]:
    """Hold the run's folder, made where it is missing. Raises UsageError if it is not ours or in use."""
    import fcntl

    if run.exists() and not run.is_dir():
        raise UsageError(f"-o {run}: this is a file; a run needs a folder")
    if run.is_dir() and any(run.iterdir()) and not (run / OWNED).exists():
        raise UsageError(f"-o {run}: this folder has files in it and is not a run of ours")
    run.mkdir(parents=True, exist_ok=True)
    with (run / OWNED).open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"-o {run}: another syncode is training in this folder") from None
        yield


def gpus() -> int:
    """Return the number of usable NVIDIA GPUs, found without torch."""
    if "+cpu" in importlib.metadata.version("torch"):
        return 0
    devices = [path for path in Path("/dev").glob("nvidia[0-9]*") if path.name.removeprefix("nvidia").isdigit()]
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    return len(devices) if chosen is None else len([name for name in chosen.split(",") if name.strip()])


def environment(ranks: int, threads: int, device: str) -> dict[str, Any]:
    """Return what the run depends on but does not decide: versions, machine, command line."""
    return {
        "command": sys.argv,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {part: importlib.metadata.version(part) for part in (DISTRIBUTION, *PARTS) if _installed(part)},
        "device": device,
        "ranks": ranks,
        "threads": threads,
    }


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
