"""`syncode execute`: programs in, what happened out."""

from functools import partial

from syncode import stream
from syncode.commands.options import flat
from syncode.errors import DataError
from syncode.sandbox import Sandbox, choose
from syncode.schemas.records import Execution, Task
from syncode.stages.execute import ExecuteOptions, Undecided, execute


@flat
def command(flow: stream.Flow, options: ExecuteOptions) -> None:
    """Run programs with their tests in a sandbox: samples, answers, or bare rows {code, tests, language}.

    Example: syncode execute answers.jsonl --tasks tasks.jsonl --workers 2 > executions.jsonl
    """
    tasks = {task["id"]: task for task in stream.read(list(options.tasks), Task)} if options.tasks else {}
    undecided = Undecided()
    with Sandbox(choose(options.limits(), options.unsafe_no_sandbox)) as sandbox:
        stage = partial(execute, sandbox=sandbox, tasks=tasks, undecided=undecided, inline=options.inline)
        stream.map(stage, None, None if options.inline else Execution, flow, grain=1)
    if undecided.count and not options.allow_infra:
        raise DataError(
            f"{undecided.count} programs could not be judged (states infra, missing); --allow-infra accepts that"
        )
