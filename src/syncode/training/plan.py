"""What a run would do, as text for people: samples, lengths, steps, cost, and the mask of a few samples to read."""

import heapq
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from syncode import storage, stream
from syncode.errors import DataError
from syncode.schemas.records import Row, draw
from syncode.schemas.wire import dumps
from syncode.stream.run import sources
from syncode.training import flops, order
from syncode.training.base_model import open_base
from syncode.training.chat import LEARNT
from syncode.training.encode import Chatter, Encoded, counted, encode, open_chatter
from syncode.training.recipe import Recipe, Stage
from syncode.training.schedule import warmup_steps

MARKS = ("⟦", "⟧")
COLOURS = ("\x1b[32m", "\x1b[0m")  # ANSI green and back
A100 = 312e12
UTILISATION = 0.5  # of the peak, for the estimate of hours; chosen here, the low end of published runs


@dataclass
class _Stage:
    """What was seen of a stage's rows."""

    lengths: list[int] = field(default_factory=list)
    targets: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    first: str = ""
    shown: list[tuple[int, str, Encoded]] = field(default_factory=list)


def plan(recipe: Recipe, flow: stream.Flow, show: int) -> str:
    """Return the plan of a recipe over the rows that it names; rows that would be dropped go to `flow.rejects`.

    Raises DataError if the mask audit fails, and for a stage without a sample.
    """
    if flow.rejects is None:
        return _plan(recipe, flow, show, lambda row: None)
    writer = storage.open_writer(flow.rejects)
    try:
        text = _plan(recipe, flow, show, lambda row: writer.write([dumps(row)]))
    except DataError:
        writer.commit()  # they may well say why
        raise
    except BaseException:
        writer.abort()
        raise
    writer.commit()
    return text


def _plan(recipe: Recipe, flow: stream.Flow, show: int, drop: Callable[[Row], None]) -> str:
    base = open_base(recipe.model)
    first = sources(replace(flow, source=recipe.stages[0].data))
    strict = flow.rejects is None
    left_out: list[list[Row]] = [[] for _ in recipe.stages]
    rows = [
        islice(stream.read(first, LEARNT, aside=left_out[0].append, strict=strict), flow.limit),
        *(
            stream.read(leg.data, LEARNT, aside=aside.append, strict=strict)
            for leg, aside in zip(recipe.stages[1:], left_out[1:], strict=True)
        ),
    ]
    colour = flow.output is None and sys.stdout is not None and sys.stdout.isatty()
    chatter = open_chatter(base.folder, recipe.template)
    shape = flops.shape(base.config)
    zero = recipe.zero or flops.zero_stage(shape)
    lines = [f"model      {base.identity['name']}, {shape.weights:,} weights, {recipe.precision}, ZeRO-{zero}"]
    masks: list[str] = []
    total = 0.0
    for number, (stage, source) in enumerate(zip(recipe.stages, rows, strict=True), 1):
        seen = _look(chain(encode(source, chatter, stage.batch), left_out[number - 1]), recipe.seed, show, drop)
        cost = flops.useful_flops(shape, seen.lengths)
        if not seen.lengths:
            raise DataError(f"stage {number}: there is no sample to learn from ({counted(seen.dropped)}){seen.first}")
        text, passes = _stage_lines(number, stage, seen)
        lines += text
        total += cost * passes
        masks += [_mask(encoded, chatter, COLOURS if colour else MARKS) for _, _, encoded in sorted(seen.shown)]
    hours = total / (A100 * UTILISATION) / 3600
    lines.append(f"cost       {total:.3g} FLOP: {hours:.3g} h of one A100 at half its peak")
    lines.append("mask       equal to the model's chat template (first 1,000 chats of each stage)")
    if masks:
        lines.append(f"           what is learnt is {'green' if colour else 'between ' + ' and '.join(MARKS)}:")
    return "\n".join([*lines, *masks])


def _look(items: Iterable[Encoded | Row], seed: int, show: int, drop: Callable[[Row], None]) -> _Stage:
    """Go through a stage once; memory: one number a sample, and the few samples that are shown."""
    seen = _Stage()
    for item in items:
        if not isinstance(item, Encoded):
            drop(item)
            rule, _, why = str(item["drop"]).partition(": ")
            seen.first = seen.first or f"; the first one: {why or rule}"
            seen.dropped[rule] += 1
            continue
        seen.lengths.append(len(item.ids))
        seen.targets += item.targets
        if show:
            key = (-draw(seed, item.id, 0, "plan"), item.id, item)
            push = heapq.heappush if len(seen.shown) < show else heapq.heappushpop
            push(seen.shown, key)
    return seen


def _stage_lines(number: int, stage: Stage, seen: _Stage) -> tuple[list[str], float]:
    """Return the lines about a stage and how many passes over its rows it makes."""
    lost = ", ".join(f"{rule} {count}" for rule, count in sorted(seen.dropped.items()))
    head = f"stage {number}    {len(seen.lengths):,} samples" + (
        f", {seen.dropped.total():,} dropped ({lost})" if lost else ""
    )
    ordered = sorted(seen.lengths)
    tokens = sum(ordered)
    low, middle, high = (ordered[round(share * (len(ordered) - 1))] for share in (0.1, 0.5, 0.9))
    steps = order.steps_of_stage(stage, len(ordered))
    passes = steps / order.steps_of_epoch(len(ordered), stage.batch.size)
    rate = stage.schedule
    return [
        head,
        f"           {tokens:,} tokens, {seen.targets:,} learnt ({seen.targets / tokens:.0%}), "
        f"of a sample {low:,} / {middle:,} / {high:,} (p10 / p50 / p90), longest {ordered[-1]:,}",
        f"           {steps:,} steps of {stage.batch.size:,} samples, {passes:.3g} passes; {rate.shape} from {rate.lr:g} "
        f"after {warmup_steps(rate, steps)} warm-up steps",
    ], passes


def _mask(sample: Encoded, chatter: Chatter, marks: tuple[str, str]) -> str:
    """Return a sample as the model will see it, decoded from its ids, with what is learnt between marks."""
    text, at = "", 0
    for start, length in sample.spans:
        text += _decoded(chatter, sample.ids[at:start])
        text += marks[0] + _decoded(chatter, sample.ids[start : start + length]) + marks[1]
        at = start + length
    return f"\n--- {sample.id}\n{text}{_decoded(chatter, sample.ids[at:])}".rstrip()


def _decoded(chatter: Chatter, ids: list[int]) -> str:
    """Return ids as text; what merely looks like a special token gets a backslash, since it is none."""
    names = {number: name for name, number in chatter.specials.items()}
    texts, run = [], list[int]()
    for token in [*ids, -1]:
        if token != -1 and token not in names:
            run.append(token)
            continue
        text = str(chatter.whole.decode(run, skip_special_tokens=False))
        for name in names.values():
            text = text.replace(name, f"\\{name}")
        texts.append(text + names.get(token, ""))
        run = []
    return "".join(texts)
