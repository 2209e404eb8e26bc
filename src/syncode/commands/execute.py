"""`syncode execute`: programs in, what happened out."""

from functools import partial

from syncode import stream
from syncode.commands.options import flat
from syncode.errors import DataError
from syncode.sandbox import Cache, Sandbox, choose
from syncode.schemas.records import Execution, Task
from syncode.stages.execute import Bench, ExecuteOptions, execute


@flat
def command(flow: stream.Flow, options: ExecuteOptions) -> None:
    """Run programs with their tests in a sandbox: samples, answers, or bare rows {code, tests, language}.

    Example: syncode execute answers.jsonl --tasks tasks.jsonl --workers 2 > executions.jsonl
    """
    tasks = {task["id"]: task for task in stream.read(list(options.tasks), Task)} if options.tasks else {}
    cache = Cache(None if options.no_cache else options.cache)
    with Sandbox(choose(options.limits(), options.unsafe_no_sandbox), cache) as sandbox:
        bench = Bench(sandbox, tasks, options.repeat, not options.no_rerun, options.inline)
        stream.map(partial(execute, bench=bench), None, None if options.inline else Execution, flow, grain=1)
    if bench.undecided.count and not options.allow_infra:
        raise DataError(
            f"{bench.undecided.count} programs could not be judged (state infra); --allow-infra accepts that"
        )
