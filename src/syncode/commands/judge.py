"""`syncode judge`: answers in, verdicts out."""

import sys
from contextlib import ExitStack
from dataclasses import replace

from syncode import stream
from syncode.commands.agree import text_of
from syncode.commands.options import flat
from syncode.engines import ModelOptions, Uses, open_engine
from syncode.errors import EngineError
from syncode.stages.judge.games import Judge
from syncode.stages.judge.plan import plan
from syncode.stages.judge.settings import JudgeOptions
from syncode.stages.judge.tally import Tally
from syncode.stream.run import sources


@flat
def command(flow: stream.Flow, model: ModelOptions, options: JudgeOptions) -> None:
    """Let a model compare every answer with the baseline's, in both orders: one verdict row a game.

    Example: syncode judge answers.jsonl --tasks tasks.jsonl --baseline base --judge local > verdicts.jsonl
    """
    weights = text_of(options.weights) if options.weights else None
    work = plan(options, flow.seed, stream.read, sources(flow), weights)
    tally = Tally()
    with ExitStack() as stack:
        panel = [replace(model, model=(name,)) for name in options.judge] or [model]
        engines = [stack.enter_context(open_engine(each, flow.seed, quiet=flow.quiet)) for each in panel]
        stage = tally.watch(work.stage([Judge(engine.identity, engine) for engine in engines]))
        load = stream.Load(model.window, Uses([engine.use for engine in engines]))
        stream.ask(stage, None, work.writes, flow, load, work.items)
    if not flow.quiet:
        sys.stderr.writelines(f"syncode: {line}\n" for line in tally.lines())
    if tally.outage:
        raise EngineError(f"the judge never answered: {tally.error}")
