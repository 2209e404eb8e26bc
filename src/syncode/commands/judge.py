"""`syncode judge`: answers in, verdicts out."""

from contextlib import ExitStack
from dataclasses import fields, replace
from itertools import chain
from typing import Annotated

from syncode import stream
from syncode.commands.options import refuse, without
from syncode.engines import ModelOptions
from syncode.errors import BudgetReached, EngineError
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
    from syncode.stages.judge.inline import inlined
    from syncode.stages.judge.inputs import Inputs, texts_of
    from syncode.stages.judge.plan import plan
    from syncode.stages.judge.tally import Tally
    from syncode.stream.run import sources

    if options.from_replies:
        _reread(flow, options, model)
        return
    if options.judge:
        refuse(model, ("model",), "with --judge, which names the judging models")
    inputs = Inputs(sources(flow))
    work = plan(options, flow.seed, inputs.read, inputs.answers, texts_of(options), gated=not model.estimate)
    tally = Tally()
    with ExitStack() as stack:
        panel = [replace(model, model=(name,)) for name in options.judge] or [model]
        engines = [stack.enter_context(open_engine(each, flow.seed, quiet=flow.quiet)) for each in panel]
        stage = tally.watch(work.stage([Judge(engine.identity, engine) for engine in engines]))
        stage = inlined(stage) if options.inline else stage
        uses, halts = Uses([engine.use for engine in engines]), tuple(engine.halt for engine in engines)
        load = stream.Load(model.window, work.account(uses), halts, rounds=work.until is not None)
        writes = None if options.inline else work.writes
        try:
            stream.ask(stage, None, writes, flow, load, chain(work.items, inputs.left_out))
        except Estimated as estimated:
            raise (work.until.foretold(estimated, flow.seed) if work.until else estimated) from None
        except (BudgetReached, KeyboardInterrupt):
            for line in () if flow.quiet else work.lines(uses):
                stream.say(line)
            raise
    for line in () if flow.quiet else (*tally.lines(), *work.lines(uses)):
        stream.say(line)
    if tally.problem:
        raise EngineError(tally.problem)


def _reread(flow: stream.Flow, options: JudgeOptions, model: ModelOptions) -> None:
    """Read the replies that other harnesses have stored."""
    from syncode.stages.judge.rereading import Rereading

    for given in (options, model):
        others = [item.name for item in fields(given) if item.name != "from_replies"]
        refuse(given, others, "with --from-replies, which asks no judge")
    refuse(flow, ("source",), "with --from-replies, which names the files")
    reading = Rereading()
    stream.report(reading.rows, None, None, replace(flow, source=options.from_replies))
    for line in () if flow.quiet else reading.lines():
        stream.say(line)
