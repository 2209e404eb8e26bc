"""The options of `syncode train`, and the recipe that they or a TOML file amount to."""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import ClassVar

from syncode.errors import UsageError
from syncode.training.recipe import (
    Loss,
    Overlong,
    Precision,
    Recipe,
    Shape,
    Span,
    Stage,
    checked,
    read_recipe,
    with_preset,
)


@dataclass(frozen=True)
class RunOptions:
    """Where and on what to run; none of this changes the result."""

    GROUP: ClassVar[str] = "Run"

    model: str | None = field(
        default=None,
        metadata={
            "file": "reads",
            "help": "Model to start from: local (default), a GGUF file, a Hugging Face folder or another run.",
        },
    )
    then: tuple[str, ...] = field(
        default=(),
        metadata={
            "again": True,
            "file": "reads",
            "help": "Rows of one more stage, with the same settings; repeat for further stages.",
        },
    )
    recipe: str | None = field(
        default=None,
        metadata={
            "file": "reads",
            "help": "TOML file with the settings of each stage, in place of the options for them.",
        },
    )
    nproc: int | None = field(default=None, metadata={"min": 1, "help": "Ranks; one for each GPU, or 2 on the CPU."})
    save_every: int = field(default=0, metadata={"min": 0, "help": "Save a checkpoint every N steps; 0: at the end."})
    keep: int = field(default=1, metadata={"min": 1, "help": "Number of checkpoints kept."})
    resume: bool = field(default=False, metadata={"help": "Continue the run in -o without reading rows again."})


@dataclass(frozen=True)
class StageOptions:
    """What a recipe consists of. None means: not stated."""

    GROUP: ClassVar[str] = "Recipe"

    preset: str | None = field(
        default=None,
        metadata={"help": "paper: lr 3e-4, 100 warm-up steps, cosine, 2,048 samples per step, 32K tokens."},
    )
    lr: float | None = field(default=None, metadata={"help": "Peak learning rate; has to be stated."})
    warmup_steps: int | None = field(
        default=None, metadata={"min": 0, "help": "Steps up to the peak; a tenth of all, 100 at most."}
    )
    schedule: Shape | None = field(default=None, metadata={"help": "Way down from the peak; cosine."})
    min_lr_ratio: float | None = field(default=None, metadata={"help": "Share of the peak at the end; 0."})
    schedule_span: Span | None = field(
        default=None, metadata={"help": "Schedule of each stage, or one of the run; stage."}
    )
    carry_optimizer: bool = field(default=False, metadata={"help": "Keep Adam's moments from stage to stage."})
    batch_size: int | None = field(default=None, metadata={"min": 1, "help": "Samples of a step; 16."})
    max_len: int | None = field(default=None, metadata={"min": 8, "help": "Most tokens of a sample; 2048."})
    overlong: Overlong | None = field(default=None, metadata={"help": "What becomes of a longer sample; drop."})
    allow_cut: bool = field(
        default=False, metadata={"help": "Learn from answers that were cut too, by their `finish_reason`."}
    )
    loss: Loss | None = field(default=None, metadata={"help": "Assistant turns that are learnt; all-turns."})
    epochs: int | None = field(default=None, metadata={"min": 1, "help": "Passes over the rows; 1."})
    max_steps: int | None = field(
        default=None,
        metadata={"min": 1, "help": "Exactly so many steps of each stage, over as many passes as it takes."},
    )
    precision: Precision | None = field(default=None, metadata={"help": "Of weights and arithmetic; bf16."})
    zero: int | None = field(default=None, metadata={"min": 1, "max": 3, "help": "ZeRO stage; by the model's size."})
    template: str | None = field(
        default=None,
        metadata={
            "file": "reads",
            "help": "Jinja file in place of the model's chat template; exported with the model.",
        },
    )


def recipe_of(run: RunOptions, stage: StageOptions, source: tuple[str, ...], seed: int) -> Recipe:
    """Return the recipe; its first stage has the paths `source`, the others those of `--then`. Raises UsageError."""
    if run.recipe:
        return _from_file(run, stage, source)
    rate = {"lr": stage.lr, "warmup_steps": stage.warmup_steps, "shape": stage.schedule}
    sizes = {
        "size": stage.batch_size,
        "max_len": stage.max_len,
        "overlong": stage.overlong,
        "loss": stage.loss,
        "allow_cut": stage.allow_cut or None,
    }
    schedule, batch = with_preset(stage.preset, {**rate, "min_lr_ratio": stage.min_lr_ratio}, sizes)
    if stage.epochs and stage.max_steps:
        raise UsageError("--epochs and --max-steps exclude each other")
    leg = Stage(
        schedule,
        batch,
        epochs=None if stage.max_steps else stage.epochs or 1,
        max_steps=stage.max_steps,
        carry_optimizer=stage.carry_optimizer,
    )
    legs = (replace(leg, data=source), *(replace(leg, data=(path,)) for path in run.then))
    recipe = Recipe(
        run.model or "local",
        legs,
        seed=seed,
        precision=stage.precision or "bf16",
        zero=stage.zero or 0,
        schedule_span=stage.schedule_span or "stage",
        template=stage.template,
    )
    return checked(recipe)


def _from_file(run: RunOptions, stage: StageOptions, source: tuple[str, ...]) -> Recipe:
    assert run.recipe is not None
    for item in fields(stage):
        if getattr(stage, item.name) not in (None, False):
            raise UsageError(f"--{item.name.replace('_', '-')} belongs into {run.recipe}, which has all settings")
    recipe = read_recipe(run.recipe)
    if run.model is not None:
        recipe = replace(recipe, model=run.model)
    given = [source, *((path,) for path in run.then)]
    if all(leg.data for leg in recipe.stages):
        if source or run.then:
            raise UsageError(f"{run.recipe} names its data; leave out the SOURCE and --then")
        return recipe
    if any(leg.data for leg in recipe.stages):
        raise UsageError(f"{run.recipe}: either all stages name their data or none does")
    if len(given) != len(recipe.stages):
        raise UsageError(
            f"{run.recipe} has {len(recipe.stages)} stages: rows for the first, --then FILE for each other"
        )
    return replace(
        recipe, stages=tuple(replace(leg, data=data) for leg, data in zip(recipe.stages, given, strict=True))
    )


def run_path(output: str | None) -> Path:
    """Return the run's folder. Raises UsageError if none is named."""
    if output is None:
        raise UsageError("name the folder of the run: -o RUN")
    return Path(output)
