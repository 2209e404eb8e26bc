"""The layout of a run's folder, and what can be read off it without torch: position, locks, step rows."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

RECIPE = "recipe.lock.json"
DATA = "data.lock.json"
CONFIG = "ds_config.json"
ENVIRONMENT = "env.json"
METRICS = "metrics.jsonl"
SKIPPED = "skipped.jsonl"
BASE = "base.txt"
"""What --model said: where a resumed run finds its base model again."""
TEMPLATE = "chat_template.jinja"
LOG = "worker.log"
STOP = "stop"
"""Its presence asks the ranks to finish their step, save and end: the launcher itself would kill them on a signal."""
FAILURE = "failure.txt"
COMPLETE = "complete.json"
STATE = "state.json"
WEIGHTS = "weights.safetensors"


@dataclass(frozen=True)
class Position:
    """Where a run is: `step` steps are behind it, of which `applied` changed the weights, `applied_in_stage` in its stage."""

    step: int = 0
    stage: int = 0
    applied: int = 0
    applied_in_stage: int = 0
    skipped: int = 0
    tokens: int = 0
    target_tokens: int = 0
    world: int = 0
    resumable: bool = True
    """False if only the weights were kept, as at the end of a run."""


def tokens_folder(run: Path, stage: int) -> Path:
    """Return the folder of a stage's encoded samples; stages count from 1 for people."""
    return run / "tokens" / f"stage-{stage + 1}"


def checkpoint_folder(run: Path, step: int) -> Path:
    """Return the folder of a checkpoint."""
    return run / "ckpt" / f"step-{step:06d}"


def checkpoints(run: Path) -> list[Path]:
    """Return the complete checkpoints, oldest first: those with a state file, which is written last."""
    return sorted(state.parent for state in (run / "ckpt").glob(f"step-*/{STATE}"))


def newest(run: Path) -> Position | None:
    """Return the position of the newest complete checkpoint."""
    found = checkpoints(run)
    return Position(**orjson.loads((found[-1] / STATE).read_bytes())) if found else None


def write_state(run: Path, position: Position) -> None:
    """Make a checkpoint valid: the last act of saving it."""
    write_json(checkpoint_folder(run, position.step) / STATE, asdict(position))


def remove_incomplete(run: Path) -> None:
    """Remove what a killed run left of a checkpoint."""
    for folder in (run / "ckpt").glob("step-*"):
        if not (folder / STATE).is_file():
            shutil.rmtree(folder)


def keep_newest(run: Path, count: int) -> None:
    """Remove all complete checkpoints but the newest ones."""
    for folder in checkpoints(run)[:-count]:
        (folder / STATE).unlink()  # first, so that a crash here leaves no checkpoint that only looks whole
        shutil.rmtree(folder)


def write_json(path: Path, value: object) -> None:
    """Write JSON under a temporary name, to disk, and give it its name."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as stream:
        stream.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def read_json(path: Path) -> Any:
    """Return the value in a JSON file, None if there is no such file."""
    return orjson.loads(path.read_bytes()) if path.is_file() else None


def steps(run: Path) -> Iterator[dict[str, Any]]:
    """Yield the whole step rows that stand in the metrics file."""
    path = run / METRICS
    if path.is_file():
        for line in path.read_bytes().split(b"\n")[:-1]:
            yield orjson.loads(line)


def rewind(run: Path, step: int) -> None:
    """Cut the metrics file and the list of skipped steps back to a checkpoint: later rows will be written again."""
    for name in (METRICS, SKIPPED):
        path = run / name
        if path.is_file():
            lines = path.read_bytes().split(b"\n")[:-1]
            kept = [line for line in lines if orjson.loads(line)["step"] <= step]
            temporary = path.with_name(f".{name}.tmp")
            temporary.write_bytes(b"".join(line + b"\n" for line in kept))
            temporary.replace(path)
