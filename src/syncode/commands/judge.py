"""`syncode judge`: answers in, verdicts out."""

import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import orjson

from syncode import io, stream
from syncode.commands.options import flat
from syncode.engines import ModelOptions, open_engine
from syncode.errors import EngineError
from syncode.schemas.records import Row, Verdict
from syncode.stages.judge.games import Judge, judge
from syncode.stages.judge.settings import JudgeOptions, Tally, rules_of
from syncode.stages.judge.sources import gather


@flat
def command(flow: stream.Flow, model: ModelOptions, options: JudgeOptions) -> None:
    """Let a model compare every answer with the baseline's, in both orders: one verdict row a game.

    Example: syncode judge answers.jsonl --tasks tasks.jsonl --baseline base --judge local > verdicts.jsonl
    """
    rules = rules_of(options, flow.seed)
    tally = Tally()
    with ExitStack() as stack:
        pairs = gather(stream.read, flow.source or (io.STDIN,), options)
        panel = [replace(model, model=(name,)) for name in options.judge] or [model]
        engines = [stack.enter_context(open_engine(each, flow.seed)) for each in panel]
        judges = [Judge(engine.identity, engine) for engine in engines]
        spool = stack.enter_context(tempfile.TemporaryDirectory(prefix="syncode-judge-"))
        source = replace(flow, source=(_written(pairs, Path(spool) / "pairs.jsonl"),))
        stream.ask(tally.watch(partial(judge, judges=judges, rules=rules)), None, Verdict, source, model.window)
    if not flow.quiet:
        sys.stderr.write(f"syncode: {tally.line()}\n")
    if tally.outage:
        raise EngineError(f"the judge never answered: {tally.error}")


def _written(pairs: Iterable[Row], path: Path) -> str:
    """Write the pairs to a file that `stream.ask` reads: the missing ones are known only when all answers are read."""
    writer = io.open_writer(str(path))
    writer.write([orjson.dumps(pair) for pair in pairs])
    writer.commit()
    return str(path)
