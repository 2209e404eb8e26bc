"""`syncode execute serve`: programs in over HTTP, scored results out, for the reward functions of trainers."""

import sys
from dataclasses import replace
from typing import Annotated

from syncode import stream
from syncode.commands.options import only
from syncode.errors import UsageError
from syncode.stages.execute.serve.settings import ServeOptions
from syncode.stages.execute.settings import ExecuteOptions

USED = ("tasks", "timeout", "memory", "repeat", "no_rerun", "cache", "no_cache", "accept_doctor", "unsafe_no_sandbox")
Options = Annotated[ExecuteOptions, only(*USED)]


def command(
    flow: Annotated[stream.Flow, only("workers", "quiet")],
    options: Options,
    serving: ServeOptions,
) -> None:
    """Serve a sandbox over HTTP for reward functions: rows in, scores out, null for what could not be judged.

    Prints its address when it is ready, then serves until Ctrl-C or SIGTERM.

    Example: syncode execute serve --port 8080 --workers 2 --tasks tasks.jsonl
    """
    from syncode.stages.execute.bench import open_bench
    from syncode.stages.execute.jobs import tested_by
    from syncode.stages.execute.serve.server import People, serve

    if sys.stdout is None and not serving.port:
        raise UsageError("stdout is closed, and the port is printed there: name one with --port")
    tasks = {str(task["id"]): tested_by(task) for task in stream.read_tasks(options.tasks)}
    with open_bench(replace(options, allow_infra=True), tasks, flow.workers, stream.say) as bench:
        report = (lambda _: None) if flow.quiet else stream.say
        serve(serving, bench, flow.workers, People(stream.say, report, _announce))


def _announce(address: str) -> None:
    if sys.stdout is not None:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
