"""One rank of a training run: `python -m syncode.training.worker --run-dir RUN ...`, started by the deepspeed launcher.

It reads the locks in the run's folder and nothing else, trains from the newest checkpoint to the end, and ends after a
whole step with a checkpoint when it is asked to stop.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from syncode.errors import ExitCode, SyncodeError
from syncode.training import flops, order, run_folder
from syncode.training.engine import Engine, prepare_process
from syncode.training.recipe import Recipe, from_lock
from syncode.training.run_folder import Position
from syncode.training.schedule import learning_rate
from syncode.training.tokens import Tokens, open_tokens

if TYPE_CHECKING:
    from syncode.training.tokens import Places

SKIPPED_MOST = 3  # steps without finite gradients in a row after which a run has gone wrong; chosen here


@dataclass(frozen=True)
class Leg:
    """A stage with its data and the run's steps [first, last)."""

    number: int
    tokens: Tokens
    first: int
    last: int


@dataclass(frozen=True)
class Settings:
    """What the parent says beside the locks."""

    run: Path
    base: Path
    save_every: int
    keep: int
    threads: int


def main(arguments: list[str]) -> int:
    """Train, and return 0 when the run's steps are done or a stop was asked for and saved."""
    settings = _settings(arguments)
    try:
        _train(settings)
    except SyncodeError as error:
        (settings.run / run_folder.FAILURE).write_text(f"{error}\n", "utf-8")
        return error.code
    return ExitCode.OK


def _settings(arguments: list[str]) -> Settings:
    parser = argparse.ArgumentParser(prog="syncode.training.worker")
    parser.add_argument(
        "--local_rank", type=int, default=0, help="given by the deepspeed launcher; the environment has it too"
    )
    parser.add_argument("--run-dir", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--save-every", type=int, default=0)
    parser.add_argument("--keep", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args(arguments)
    return Settings(given.run_dir, given.base, given.save_every, given.keep, given.threads)


def _train(settings: Settings) -> None:
    run = settings.run
    recipe = from_lock(run_folder.read_json(run / run_folder.RECIPE))
    prepare_process(settings.threads)
    engine = Engine(settings.base, recipe, run_folder.read_json(run / run_folder.CONFIG), run)
    legs = list(_legs(run, recipe))
    position = run_folder.newest(run) or Position()
    if position.step:
        engine.resume(position)
    loop = Loop(engine, recipe, legs, flops.shape(run_folder.read_json(settings.base / "config.json")))
    in_a_row = 0
    while position.step < legs[-1].last:
        before = position.applied
        position = loop.step(position)
        in_a_row = 0 if position.applied > before else in_a_row + 1
        if in_a_row == SKIPPED_MOST:
            raise _diverged(run, in_a_row)
        stop = engine.total([float((run / run_folder.STOP).exists())])[0] > 0
        done = position.step == legs[-1].last
        if done and position.applied == 0:
            raise _diverged(run, in_a_row)
        due = settings.save_every and position.step % settings.save_every == 0
        if done or stop or due:
            engine.save(replace(position, resumable=not done), settings.keep)
        if stop:
            return


def _diverged(run: Path, count: int) -> SyncodeError:
    error = SyncodeError(
        f"the last {count} steps had no finite gradient and were not applied; a lower --lr may help, "
        f"{run / run_folder.SKIPPED} lists the samples"
    )
    error.code = ExitCode.ENGINE
    return error


def _legs(run: Path, recipe: Recipe) -> Iterator[Leg]:
    first = 0
    for number, stage in enumerate(recipe.stages):
        tokens = open_tokens(run_folder.tokens_folder(run, number))
        last = first + order.steps_of_stage(stage, len(tokens.index))
        yield Leg(number, tokens, first, last)
        first = last


class Loop:
    """Takes one step after the other; all state that matters is in the Position and in the engine."""

    def __init__(self, engine: Engine, recipe: Recipe, legs: list[Leg], shape: flops.Shape) -> None:
        self._engine, self._recipe, self._legs, self._shape = engine, recipe, legs, shape
        self._order = lru_cache(maxsize=1)(self._order_of)
        self._metrics = (engine.run / run_folder.METRICS).open("ab") if engine.rank == 0 else None

    def _order_of(self, stage: int, epoch: int) -> "Places":
        return order.order(self._legs[stage].tokens.index, self._recipe.seed, stage, epoch)

    def step(self, position: Position) -> Position:
        """Train on the next batch and return the new position. Rank 0 appends a Step row."""
        began = time.perf_counter()
        engine = self._engine
        leg = next(leg for leg in self._legs if position.step < leg.last)
        stage = self._recipe.stages[leg.number]
        if position.step == leg.first:
            position = replace(position, stage=leg.number, applied_in_stage=0)
            if leg.number and not stage.carry_optimizer:
                engine.forget_moments()
        epoch, places = self._batch(leg, position.step)
        entries = leg.tokens.index[places]
        lengths = [int(count) for count in entries["tokens"]]
        weighted = float((entries["targets"] * entries["weight"].astype("float64")).sum())
        costs = [flops.document_flops(self._shape, length) for length in lengths]
        parts = order.share(costs, engine.world)
        lr = self._rate(leg, position)
        summed = self._micro_batches(leg, places, parts, weighted)
        applied, norm = engine.update(lr)
        loss = engine.total([summed])[0] / weighted
        tokens, targets = sum(lengths), int(entries["targets"].sum())
        position = replace(
            position,
            step=position.step + 1,
            applied=position.applied + applied,
            applied_in_stage=position.applied_in_stage + applied,
            skipped=position.skipped + (not applied),
            tokens=position.tokens + tokens,
            target_tokens=position.target_tokens + targets,
            world=engine.world,
        )
        seconds = time.perf_counter() - began
        if engine.rank == 0:
            rate = sum(costs) / seconds / engine.world
            peak = flops.peak(engine.device_name())
            self._write(
                {
                    "step": position.step,
                    "loss": loss if applied else None,
                    "lr": lr,
                    "tokens": tokens,
                    "tokens_per_s": round(tokens / seconds, 1),
                    "mfu": None if peak is None else round(rate / peak, 4),
                    "seconds": round(seconds, 3),
                    "stage": leg.number + 1,
                    "epoch": epoch + 1,
                    "steps": self._legs[-1].last,
                    "applied": position.applied,
                    "skipped": position.skipped,
                    "samples": len(places),
                    "target_tokens": targets,
                    "grad_norm": norm,
                    "micro_batches": max(map(len, parts)),
                    "balance": round(order.balance(costs, parts), 4),
                    "tflops_rank": round(rate / 1e12, 4),
                    "peak_memory": engine.peak_memory(),
                    "eta_s": round((self._legs[-1].last - position.step) * seconds, 1),
                }
            )
            if not applied:
                self._note_skipped(position.step, leg.tokens.names(places))
        return position

    def _batch(self, leg: Leg, step: int) -> "tuple[int, Places]":
        """Return the epoch and the places in the index of the samples of a step."""
        size = self._recipe.stages[leg.number].batch.size
        epoch, within = divmod(step - leg.first, order.steps_of_epoch(len(leg.tokens.index), size))
        return epoch, self._order(leg.number, epoch)[within * size : (within + 1) * size]

    def _rate(self, leg: Leg, position: Position) -> float:
        schedule = self._recipe.stages[leg.number].schedule
        if self._recipe.schedule_span == "run":
            return learning_rate(schedule, position.applied, self._legs[-1].last)
        return learning_rate(schedule, position.applied_in_stage, leg.last - leg.first)

    def _micro_batches(self, leg: Leg, places: "Places", parts: list[list[int]], weighted: float) -> float:
        """Run this rank's samples and as many empty micro-batches as the busiest rank has more; return the loss sum."""
        mine = parts[self._engine.rank]
        scale = self._engine.world / weighted
        summed = 0.0
        for number in mine:
            place = int(places[number])
            ids, positions = leg.tokens.sample(place)
            summed += self._engine.add(ids, positions, float(leg.tokens.index[place]["weight"]), scale)
        shortest = int(places[int(leg.tokens.index[places]["tokens"].argmin())])
        for _ in range(max(map(len, parts)) - len(mine)):
            ids, positions = leg.tokens.sample(shortest)
            self._engine.add(ids, positions[:1], 0.0, scale)
        return summed

    def _write(self, row: dict[str, object]) -> None:
        assert self._metrics is not None
        self._metrics.write(orjson.dumps(row) + b"\n")
        self._metrics.flush()

    def _note_skipped(self, step: int, ids: list[str]) -> None:
        with (self._engine.run / run_folder.SKIPPED).open("ab") as stream:
            stream.write(orjson.dumps({"step": step, "ids": ids}) + b"\n")


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # libraries' threads and exit hooks have nothing left to do, and may hang where a peer is gone
