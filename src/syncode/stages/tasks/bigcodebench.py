"""BigCodeBench: Python functions that use libraries, tested by `unittest` cases."""

import ast
from typing import NotRequired, TypedDict

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.tasks.formats import expect, without
from syncode.text.cases import parsed

STOP = ["\nclass ", "\ndef ", "\n@", "\nif __name__", "\nprint("]
"""Where a model that only continues text has to be cut (chosen here, as for HumanEval)."""


class BigCodeBench(TypedDict):
    """A row of bigcode/bigcodebench or bigcodebench-hard. `libs` is a list, or one written as text."""

    task_id: str
    complete_prompt: str
    instruct_prompt: str
    canonical_solution: str
    test: str
    entry_point: str
    libs: NotRequired[str | list[str]]


def bigcodebench(row: Row) -> Row:
    """Return the Task of a BigCodeBench row: the instruct prompt as the question, the complete prompt to go on from."""
    expect(row, BigCodeBench)
    return {
        **without(row, "task_id", "complete_prompt", "instruct_prompt", "canonical_solution", "test", "libs"),
        "id": row["task_id"],
        "benchmark": "bigcodebench",
        "messages": [{"role": "user", "content": row["instruct_prompt"]}],
        "wording": "published",
        "prompt": row["complete_prompt"],
        "language": "python",
        "stop": STOP,
        "tests": row["test"],
        "libs": libraries(row.get("libs")),
        "references": {"canonical": row["complete_prompt"] + row["canonical_solution"]},
        "license": "Apache-2.0",
    }


def libraries(published: object) -> list[str]:
    """Return the modules that a task declares, from a list or from one written as JSON or as Python."""
    found = parsed(published or [])
    if isinstance(found, str):
        try:
            found = ast.literal_eval(found)
        except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
            raise DataError("'libs' is text that is neither a JSON nor a Python list") from error
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise DataError("'libs' should be a list of names")
    return found
