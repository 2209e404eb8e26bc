"""`syncode judge`: answers in, verdicts out."""

from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from typing import Annotated

from syncode import stream
from syncode.commands.options import refuse, without
from syncode.engines import ModelOptions
from syncode.errors import EngineError
from syncode.stages.judge.settings import JudgeOptions


def command(
    flow: Annotated[stream.Flow, without("workers")],
    options: JudgeOptions,
    model: ModelOptions,
) -> None:
    """Let a model compare every answer with the baseline's, in both orders: one verdict row per game.

    Example: syncode judge answers.jsonl --tasks tasks.jsonl --baseline base --judge local > verdicts.jsonl
    """
    from syncode.engines import Uses, open_engine
    from syncode.engines.pacing.estimate import Estimated
    from syncode.stages.judge.games import Judge
    from syncode.stages.judge.inputs import Inputs
    from syncode.stages.judge.plan import plan
    from syncode.stages.judge.tally import Tally
    from syncode.storage import read_text
    from syncode.stream.run import sources

    if options.judge:
        refuse(model, ("model",), "with --judge, which names the judging models")
    weights = read_text(options.weights) if options.weights else None
    inputs = Inputs(sources(flow))
    work = plan(options, flow.seed, inputs.read, inputs.answers, weights, gated=not model.estimate)
    tally = Tally()
    with ExitStack() as stack:
        panel = [replace(model, model=(name,)) for name in options.judge] or [model]
        engines = [stack.enter_context(open_engine(each, flow.seed, quiet=flow.quiet)) for each in panel]
        stage = tally.watch(work.stage([Judge(engine.identity, engine) for engine in engines]))
        uses, halts = Uses([engine.use for engine in engines]), tuple(engine.halt for engine in engines)
        account = uses if work.until is None else work.until.account(uses)
        load = stream.Load(model.window, account, halts, rounds=work.until is not None)
        try:
            stream.ask(stage, None, work.writes, flow, load, chain(work.items, inputs.left_out))
        except Estimated as estimated:
            raise Estimated(
                "\n".join([str(estimated), *(work.until.forecast(flow.seed) if work.until else ())])
            ) from None
    if not flow.quiet:
        for line in (*tally.lines(), *(work.until.lines(uses) if work.until else ())):
            stream.say(line)
    if tally.outage:
        raise EngineError(f"the judge never answered: {tally.error}")
    if tally.failed:
        raise EngineError(tally.failed)
