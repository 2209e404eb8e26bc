"""A training run from rows to an exported model: prepare, train or continue or recognise as done, export."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from syncode.errors import EngineError, UsageError
from syncode.schemas.records import Row
from syncode.training import launch, recipe, run_folder
from syncode.training.base_model import EXPORT, open_base
from syncode.training.job import CPU_RANKS, Job, environment, gpus, owned, require_parts
from syncode.training.options import RunOptions
from syncode.training.prepare import planned, prepare

__all__ = ["Job", "export_run", "open_base", "require_parts", "resume", "stored_job", "train"]

GGUF = "model.gguf"


def train(rows: Iterator[Row], job: Job) -> Iterator[Row]:
    """Yield the samples that were dropped, marked so, and then the Step rows of the whole run.

    The same job in the same folder continues an unfinished run from its newest checkpoint, and does nothing but yield
    the same rows where it is complete.
    """
    require_parts()
    with owned(job.run):
        yield from prepare(rows, job)
        yield from _trained(job)


def resume(job: Job) -> Iterator[Row]:
    """Yield the Step rows of the run in a folder, continued where it is unfinished, without reading rows again."""
    require_parts()
    with owned(job.run):
        yield from _trained(job)


def stored_job(run: Path, options: RunOptions, quiet: bool = False) -> Job:
    """Return the job of a prepared run from its locks. Raises UsageError if there is none, or the model is another."""
    lock = run_folder.read_json(run / run_folder.RECIPE)
    if lock is None:
        raise UsageError(f"{run}: there is no run in this folder")
    require_parts()
    base = open_base(options.model or (run / run_folder.BASE).read_text("utf-8").strip())
    if base.identity["sha256"] != lock["model"]["sha256"]:
        raise UsageError(f"{run}: this run started from {lock['model']['name']}, not from {base.name}")
    return Job(run, recipe.from_lock(lock), base, options, quiet=quiet)


def export_run(run: Path, target: Path) -> None:
    """Write the newest checkpoint of the run in a folder to `target`. Raises UsageError if there is none."""
    job = stored_job(run, RunOptions())
    if target.exists() and not (target / "export.json").is_file():
        raise UsageError(f"-o {target}: this is there already and is not an export of ours")
    with owned(run):
        export(job, target)
        job.say(f"model written to {target}; serve it with --model local:{target} or vllm:{target}")


def _trained(job: Job) -> Iterator[Row]:
    stages = run_folder.read_json(job.run / run_folder.DATA)["stages"]
    total = sum(planned(job.recipe.stages, [stage["samples"] for stage in stages]))
    done = run_folder.read_json(job.run / run_folder.COMPLETE)
    if done is not None and (job.run / EXPORT / "export.json").is_file():
        job.say(f"{job.run}: complete since {done['steps']} steps, nothing to do")
        yield from run_folder.steps(job.run)
        return
    run_folder.remove_incomplete(job.run)
    position = run_folder.newest(job.run)
    run_folder.rewind(job.run, position.step if position else 0)
    yield from run_folder.steps(job.run)
    if position is None or position.step < total:
        ranks, threads, has_gpu = _placed(job, position)
        _announce(job, stages, total, position, f"{ranks} {'GPUs' if has_gpu else 'CPU ranks'}")
        device = "gpu" if has_gpu else "cpu"
        run_folder.write_json(job.run / run_folder.ENVIRONMENT, environment(ranks, threads, device))
        told = 0.0
        for row in launch.launched(job, ranks, threads, has_gpu):
            if time.monotonic() - told > launch.TELL_SECONDS or row["step"] == total:
                told = time.monotonic()
                job.say(_told(row, total))
            yield row
    position = run_folder.newest(job.run)
    if position is None or position.step < total:
        raise EngineError(f"the training ended early and said nothing; see {job.run / run_folder.LOG}")
    export(job, job.run / EXPORT)
    link(job.run)
    run_folder.write_json(job.run / run_folder.COMPLETE, {"steps": total, "applied": position.applied})
    job.say(f"model written to {job.run / EXPORT}; serve it with --model local:{job.run} or vllm:{job.run / EXPORT}")


def export(job: Job, target: Path) -> None:
    """Write the model of the newest checkpoint as a folder that engines load, checked by reading it back."""
    if not run_folder.checkpoints(job.run):
        raise UsageError(f"{job.run}: there is no checkpoint to export yet")
    arguments = [f"--run={job.run}", f"--base={job.base.folder}", f"--target={target}"]
    launch.run_module(job, "the export", ["syncode.training.export", *arguments])


def link(run: Path) -> None:
    """Let the run's folder itself be a model for `local:`, which then carries the run's name."""
    if (run / EXPORT / GGUF).exists():
        (run / GGUF).unlink(missing_ok=True)
        (run / GGUF).symlink_to(Path(EXPORT) / GGUF)


def _placed(job: Job, position: run_folder.Position | None) -> tuple[int, int, bool]:
    """Return (ranks, threads of each, whether they have GPUs). Raises UsageError where a checkpoint has other ranks."""
    cards = gpus()
    ranks = job.options.nproc or (position.world if position else cards or CPU_RANKS)
    if position and position.world != ranks:
        raise UsageError(
            f"-o {job.run}: the checkpoint is of {position.world} ranks; continue with --nproc {position.world}"
        )
    if cards and ranks > cards:
        raise UsageError(f"--nproc {ranks}: there are {cards} GPUs")
    return ranks, max(1, len(os.sched_getaffinity(0)) // ranks), cards > 0


def _announce(
    job: Job, stages: list[dict[str, Any]], total: int, position: run_folder.Position | None, where: str
) -> None:
    samples = " + ".join(f"{stage['samples']:,}" for stage in stages)
    tokens = sum(stage["tokens"] for stage in stages)
    begin = f"from step {position.step} of {total}" if position else f"{total} steps"
    text = f"training {job.base.identity['name']} on {samples} samples ({tokens:,} tokens), {begin}, {where}"
    job.say(f"{text}; log: {job.run / run_folder.LOG}")


def _told(row: dict[str, Any], total: int) -> str:
    loss = "not finite, skipped" if row["loss"] is None else f"{row['loss']:.4f}"
    rate = f"{row['tokens_per_s']:,.0f} tokens/s"
    return f"step {row['step']}/{total}: loss {loss}, lr {row['lr']:.2e}, {row['seconds']:.1f} s, {rate}"
