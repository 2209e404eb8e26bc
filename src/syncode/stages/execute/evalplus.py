"""EvalPlus tasks: the tests are inputs, and what the canonical solution makes of them is right."""

import ast
from dataclasses import replace
from functools import cache
from importlib.resources import files

from syncode.sandbox import Result, Sandbox
from syncode.sandbox.cell.tally import CHECK
from syncode.sandbox.limits import MEBIBYTE
from syncode.schemas.records import Row
from syncode.stages.execute.oracle import NOT_NONE

PARTS = ("base", "plus")
TRUTH_SECONDS = 60.0
"""Seconds that the canonical solution may take over all inputs of a part (EvalPlus: EVALPLUS_TIMEOUT_PER_TASK)."""
TRUTH_OUTPUT = 64 * MEBIBYTE
"""Bytes that the expected outputs of a part may take (chosen here)."""

_TELL = """
import sys
for arguments in eval({inputs!r}, {{"nan": float("nan"), "inf": float("inf")}}):
    outcome = {name}(*arguments)
    sys.stdout.write(repr({told}) + "\\n")
"""


class Truth:
    """The tests of EvalPlus tasks, each made once in a process. Holds their text: about the size of the published file."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str | Result] = {}

    def tests(self, task: Row, part: str, sandbox: Sandbox) -> str | Result:
        """Return the tests of a part of a task as Python source; an `infra` result where the canonical solution does not run."""
        key = (task["id"], part)
        if key not in self._known:
            outputs = expected(task, part, sandbox)
            self._known[key] = Result("infra", outputs) if isinstance(outputs, str) else source(task, part, outputs)
        return self._known[key]


def expected(task: Row, part: str, sandbox: Sandbox) -> list[str] | str:
    """Run the canonical solution on the inputs of a part; return each output as Python source, or what went wrong."""
    name = task["entry_point"]
    told = "outcome is not None" if name in NOT_NONE else "outcome"
    script = _TELL.format(inputs=task[f"{part}_input"], name=name, told=told)
    limits = replace(
        sandbox.isolation.limits, seconds=TRUTH_SECONDS, output_kept=TRUTH_OUTPUT, output_stop=TRUTH_OUTPUT
    )
    result = sandbox.run("python", f"{task['references']['canonical']}\n{script}", limits=limits)
    if result.state != "pass":
        return (
            f"the canonical solution of {task['id']} does not run on the {part} inputs: {result.state}, {result.reason}"
        )
    return result.stdout.splitlines()


def source(task: Row, part: str, outputs: list[str]) -> str:
    """Return tests that call the candidate with each input and compare with the oracle, in a namespace of their own."""
    count = len(ast.parse(task[f"{part}_input"], mode="eval").body.elts)
    if count != len(outputs):
        raise ValueError(f"{task['id']}: {count} {part} inputs, {len(outputs)} outputs")
    name = task["entry_point"]
    return (
        "_syncode = {'nan': float('nan'), 'inf': float('inf')}\n"
        f"eval(compile({_oracle()!r}, 'oracle.py', 'exec'), _syncode)\n"
        f"_syncode['cases'] = list(zip(eval({task[f'{part}_input']!r}, _syncode), eval({_listed(outputs)!r}, _syncode)))\n"
        f"_syncode['judge']({name}, _syncode['cases'], {name!r}, {task.get('atol') or 0!r}, {CHECK})\n"
    )


def _listed(outputs: list[str]) -> str:
    return f"[{', '.join(outputs)}]"


@cache
def _oracle() -> str:
    return files(__package__).joinpath("oracle.py").read_text(encoding="utf-8")


def judge_parts(results: dict[str, Result]) -> Result:
    """Return the result of a task from its parts: the first that did not pass, else the last."""
    return next((result for result in results.values() if result.state != "pass"), list(results.values())[-1])
