"""What a run is asked to do: stages of data with their schedule and batch, from options or a TOML file, and its lock.

A recipe says everything that changes the result and nothing that does not: number of ranks, checkpoint interval and
paths stay out of the lock, so that the same work is recognised wherever it runs.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from syncode.errors import DataError, UsageError, unknown

T = TypeVar("T")
Shape = Literal["cosine", "linear", "constant"]
Overlong = Literal["drop", "truncate-last-turn", "error"]
Loss = Literal["all-turns", "last-turn"]
Span = Literal["stage", "run"]
Precision = Literal["bf16", "fp32"]

WARMUP_SHARE = 0.1  # of a span's steps where no number is given; chosen here
WARMUP_MOST = 100  # arXiv 2412.05210 section 4.4 (the paper's warm-up), here the most that is taken unasked
CLIP = 1.0  # largest global gradient norm; chosen here, the usual value
WEIGHT_DECAY = 0.0  # our reading of the paper's "Adam"
ADAM_BETAS = (0.9, 0.95)  # ours: usual for language models, the paper names none
ADAM_EPSILON = 1e-8  # the default of Adam


@dataclass(frozen=True)
class Schedule:
    """Learning rate over the applied steps of a span."""

    lr: float
    warmup_steps: int | None = None
    shape: Shape = "cosine"
    min_lr_ratio: float = 0.0


@dataclass(frozen=True)
class Batch:
    """What one step takes: `size` samples, each of at most `max_len` tokens, and which turns are learnt.

    `allow_cut` takes samples whose `finish_reason` says that the answer did not come to its end.
    """

    size: int = 16
    max_len: int = 2048
    overlong: Overlong = "drop"
    loss: Loss = "all-turns"
    allow_cut: bool = False


@dataclass(frozen=True)
class Stage:
    """One leg of the curriculum; exactly one of `epochs` and `max_steps` is set."""

    schedule: Schedule
    batch: Batch = field(default_factory=Batch)
    epochs: int | None = 1
    max_steps: int | None = None
    carry_optimizer: bool = False
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """A whole run. `zero` 0 means: chosen by the size of the model."""

    model: str
    stages: tuple[Stage, ...]
    seed: int = 0
    precision: Precision = "bf16"
    zero: int = 0
    schedule_span: Span = "stage"
    weight_decay: float = WEIGHT_DECAY
    clip: float = CLIP
    template: str | None = None


PAPER = {
    "schedule": {"lr": 3e-4, "warmup_steps": 100, "shape": "cosine"},
    "batch": {"size": 2048, "max_len": 32768, "overlong": "truncate-last-turn"},
}
"""arXiv 2412.05210 section 4.4: peak 3e-4, 100 warm-up steps, cosine, 2,048 samples per step, truncation at 32K tokens."""

PRESETS: dict[str, Mapping[str, Mapping[str, Any]]] = {"paper": PAPER}


def read_recipe(path: str) -> Recipe:
    """Return the recipe in a TOML file; a stage inherits every key that it does not repeat.

    Paths of data and template are relative to the file. Raises UsageError for a key or a value that makes no sense,
    DataError where the file is not TOML.
    """
    try:
        table = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not TOML: {error}") from error
    legs = table.pop("stage", [])
    if not isinstance(legs, list) or not legs:
        raise UsageError(f"{path}: a recipe needs at least one [[stage]]")
    above: dict[str, Any] = {}
    if preset := table.pop("preset", None):
        above = _preset(preset)
    stages = []
    for leg in legs:
        above = _merged(above, leg)
        data = above.get("data", [])
        paths = tuple(str(Path(path).parent / name) for name in ([data] if isinstance(data, str) else data))
        stages.append(_stage(path, {**above, "data": paths}))
    if isinstance(template := table.get("template"), str):
        table["template"] = str(Path(path).parent / template)
    return checked(_build(Recipe, path, {"model": "local", **table, "stages": tuple(stages)}))


def _preset(name: str) -> dict[str, Any]:
    if name not in PRESETS:
        raise unknown("preset", name, PRESETS)
    return {key: dict(value) for key, value in PRESETS[name].items()}


def _merged(above: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a stage: its own over those of the stage before, tables key by key."""
    merged = dict(above)
    if "epochs" in own or "max_steps" in own:
        merged.pop("epochs", None)
        merged.pop("max_steps", None)
    for key, value in own.items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) else value
    return merged


def _stage(where: str, table: Mapping[str, Any]) -> Stage:
    parts = dict(table)
    if "lr" not in parts.get("schedule", {}):
        raise UsageError(f"{where}: a stage has no learning rate; state schedule.lr or take preset = 'paper'")
    if "max_steps" in parts:
        parts.setdefault("epochs", None)
    schedule = _build(Schedule, where, parts.pop("schedule"))
    batch = _build(Batch, where, parts.pop("batch", {}))
    return _build(Stage, where, {**parts, "schedule": schedule, "batch": batch})


def _build(kind: type[T], where: str, values: Mapping[str, Any]) -> T:
    known = get_type_hints(kind)
    for key, value in values.items():
        if key not in known:
            raise UsageError(f"{where}: no such key: {key} (known: {', '.join(sorted(known))})")
        if not _fits(value, known[key]):
            raise UsageError(f"{where}: {key} cannot be {value!r}")
    return kind(**values)


def _fits(value: object, hint: Any) -> bool:
    """Return whether a value from a TOML file has the declared type; a whole number is also a float."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in inner
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in inner)
    if isinstance(value, bool) or hint is bool:
        return hint is bool and isinstance(value, bool)
    return isinstance(value, (int, float) if hint is float else origin or hint)


def with_preset(name: str | None, schedule: Mapping[str, Any], batch: Mapping[str, Any]) -> tuple[Schedule, Batch]:
    """Return schedule and batch from a preset and what was stated (not None), which wins. Raises UsageError."""
    above = _preset(name) if name else {}
    stated = {key: value for key, value in schedule.items() if value is not None}
    rate = {**above.get("schedule", {}), **stated}
    if "lr" not in rate:
        raise UsageError("state the learning rate: --lr (5e-5 is usual for full fine-tuning), or --preset paper (3e-4)")
    sizes = {**above.get("batch", {}), **{key: value for key, value in batch.items() if value is not None}}
    return Schedule(**rate), Batch(**sizes)


def checked(recipe: Recipe) -> Recipe:
    """Return the recipe where every value makes sense; raise UsageError naming the first that does not."""
    rules: list[tuple[bool, str]] = [
        (recipe.zero in (0, 1, 2, 3), f"zero is 0 (chosen), 1, 2 or 3, not {recipe.zero}"),
        (recipe.precision in get_args(Precision), f"precision is bf16 or fp32, not {recipe.precision}"),
        (recipe.schedule_span in get_args(Span), f"schedule_span is stage or run, not {recipe.schedule_span}"),
        (recipe.clip >= 0, f"clip is 0 (off) or more, not {recipe.clip}"),
        (recipe.weight_decay >= 0, f"weight_decay is 0 or more, not {recipe.weight_decay}"),
    ]
    for stage in recipe.stages:
        rate, batch = stage.schedule, stage.batch
        counts = (stage.epochs, stage.max_steps)
        rules += [
            (0 < rate.lr < 1, f"lr is between 0 and 1, not {rate.lr}"),
            (rate.shape in get_args(Shape), f"shape is one of {', '.join(get_args(Shape))}, not {rate.shape}"),
            (0 <= rate.min_lr_ratio <= 1, f"min_lr_ratio is between 0 and 1, not {rate.min_lr_ratio}"),
            (rate.warmup_steps is None or rate.warmup_steps >= 0, f"warmup_steps is not {rate.warmup_steps}"),
            (batch.size >= 1, f"batch size is 1 or more, not {batch.size}"),
            (batch.max_len >= 8, f"max_len is 8 tokens or more, not {batch.max_len}"),
            (batch.overlong in get_args(Overlong), f"overlong is one of {', '.join(get_args(Overlong))}"),
            (batch.loss in get_args(Loss), f"loss is one of {', '.join(get_args(Loss))}, not {batch.loss}"),
            (counts.count(None) == 1, "a stage has either epochs or max_steps"),
            (all(count is None or count >= 1 for count in counts), "epochs and max_steps are 1 or more"),
        ]
    if recipe.schedule_span == "run" and len({stage.schedule for stage in recipe.stages}) > 1:
        rules.append(
            (False, "schedule_span 'run' is one schedule over all stages, but the stages state different ones")
        )
    for holds, text in rules:
        if not holds:
            raise UsageError(text)
    return recipe


def lock(recipe: Recipe, base: Mapping[str, str]) -> dict[str, Any]:
    """Return what identifies the work as plain JSON: the recipe without paths, and fingerprints of the base model."""
    bare = replace(recipe, template=None, stages=tuple(replace(stage, data=()) for stage in recipe.stages))
    table = asdict(bare)
    del table["template"]
    for stage in table["stages"]:
        del stage["data"]
        if not stage["batch"]["allow_cut"]:  # runs from before there was this setting go on
            del stage["batch"]["allow_cut"]
    return {
        **table,
        "model": dict(base),
        "optimizer": {"name": "AdamW", "betas": list(ADAM_BETAS), "eps": ADAM_EPSILON},
        "stages": list(table["stages"]),
    }


def from_lock(table: Mapping[str, Any]) -> Recipe:
    """Return the recipe that a lock was made from, without its data paths."""
    stages = [
        Stage(**{**stage, "schedule": Schedule(**stage["schedule"]), "batch": Batch(**stage["batch"])})
        for stage in table["stages"]
    ]
    settings = {key: value for key, value in table.items() if key not in ("optimizer", "stages", "model")}
    return Recipe(**settings, model=str(table["model"]["name"]), stages=tuple(stages))


def first_difference(ours: Any, theirs: Any, where: str = "") -> tuple[str, Any, Any] | None:
    """Return (path, ours, theirs) of the first value in which two JSON trees differ, or None."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            found = first_difference(ours.get(key), theirs.get(key), f"{where}.{key}" if where else key)
            if found:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            if found := first_difference(one, other, f"{where}[{number}]"):
                return found
        return None
    return None if ours == theirs else (where, ours, theirs)
