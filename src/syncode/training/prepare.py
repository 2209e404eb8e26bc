"""Rows to encoded samples and locks in the run's folder; a run that is there already is recognised by its locks."""

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from syncode import stream
from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.training import flops, order, recipe, run_folder
from syncode.training.chat import LEARNT
from syncode.training.deepspeed_config import deepspeed_config
from syncode.training.encode import Encoded, counted, encode, open_chatter
from syncode.training.job import Job
from syncode.training.tokens import TokenWriter

TINY = 10_000_000  # weights under which ZeRO-3 shards even what it would keep whole; chosen here


def prepare(rows: Iterator[Row], job: Job) -> Iterator[Row]:
    """Encode the rows of every stage into the run's folder and write the locks; yield the rows that were dropped.

    `rows` are those of the first stage; later stages read the paths in the recipe. Raises UsageError or DataError where
    the folder holds a run with another recipe or other data, naming the first thing that differs.
    """
    os.environ["RAYON_NUM_THREADS"] = str(job.workers)  # the tokenizers library reads it when it first works
    chatter = open_chatter(job.base.folder, job.recipe.template)
    asked = recipe.lock(job.recipe, {**job.base.identity, **chatter.fingerprint})
    if not _agree(job.run, run_folder.RECIPE, asked):  # written last: without it, what else is there was never whole
        (job.run / run_folder.DATA).unlink(missing_ok=True)
    drafts = job.run / "tokens.draft"
    shutil.rmtree(drafts, ignore_errors=True)
    manifests = []
    for number, stage in enumerate(job.recipe.stages):
        left_out: list[Row] = []
        source = rows if number == 0 else stream.read(list(stage.data), LEARNT, aside=left_out.append)
        writer = TokenWriter(drafts / run_folder.tokens_folder(Path(), number).name)
        dropped: Counter[str] = Counter()
        without_thoughts = 0
        for item in chain(encode(source, chatter, stage.batch), left_out):
            if isinstance(item, Encoded):
                writer.add(item)
                without_thoughts += item.without_thoughts
            else:
                dropped[item["drop"].partition(":")[0]] += 1
                yield item
        manifest = writer.close()
        if not manifest["samples"]:
            raise DataError(f"stage {number + 1}: there is no sample to learn from ({counted(dropped)})")
        if without_thoughts:
            job.say(
                f"stage {number + 1}: {without_thoughts} of {manifest['samples']} samples are learnt without their thoughts, "
                "which the chat template does not write; --template FILE takes another one"
            )
        manifests.append({**manifest, "dropped": dict(sorted(dropped.items()))})
    data = {"stages": manifests}
    if _agree(job.run, run_folder.DATA, data) and (job.run / "tokens").is_dir():
        shutil.rmtree(drafts)
    else:
        shutil.rmtree(job.run / "tokens", ignore_errors=True)
        drafts.rename(job.run / "tokens")
        run_folder.write_json(job.run / run_folder.DATA, data)
    shape = flops.shape(job.base.config)
    config = deepspeed_config(job.recipe, job.recipe.zero or flops.zero_stage(shape), shape.weights < TINY)
    run_folder.write_json(job.run / run_folder.CONFIG, config)
    (job.run / run_folder.BASE).write_text(f"{job.base.name}\n", "utf-8")
    (job.run / run_folder.TEMPLATE).write_text(chatter.template.text, "utf-8")
    run_folder.write_json(job.run / run_folder.RECIPE, asked)


def _agree(run: Path, name: str, asked: dict[str, Any]) -> bool:
    """Return whether the folder holds this very lock; raise where it holds another one."""
    found = run_folder.read_json(run / name)
    if found is None:
        return False
    if different := recipe.first_difference(found, asked):
        where, theirs, ours = different
        text = (
            f"-o {run}: the run in this folder has {where} = {theirs}, this one would have {ours}; name another folder"
        )
        raise UsageError(text) if name == run_folder.RECIPE else DataError(text)
    return True


def planned(stages: Iterable[recipe.Stage], samples: Iterable[int]) -> list[int]:
    """Return the number of steps of each stage."""
    return [order.steps_of_stage(stage, count) for stage, count in zip(stages, samples, strict=True)]
