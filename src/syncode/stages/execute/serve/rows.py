"""From a row of a request to one that `execute` runs, and from its Execution to a scored result: pure functions."""

from collections.abc import Mapping
from typing import Any, Literal

from syncode.sandbox import UNDECIDED
from syncode.schemas.records import Name, Row, content_id
from syncode.stages.execute.given import NoTests, language_in, tests_in
from syncode.stages.execute.jobs import job_of, language_of, reply_of, tested_by
from syncode.text import chats

Kind = Literal["row", "no_tests", "evidence", "infra", "internal", "worker", "deadline"]
"""Why nothing is said about an answer."""

AGAIN: frozenset[Kind] = frozenset({"infra", "worker", "deadline"})
"""Kinds that another try may mend; the others are the same each time."""

REPLIES = ("text", "answer", "completion", "solution")
"""Keys that hold what a model said, beside `messages` (and `code`, which is the program itself)."""
PARTIAL = ("fail", "error", "timeout")
"""States in which some tests may have passed; all others score 0 whatever was counted before."""
UNTESTED = frozenset({"no_code", "compile", *UNDECIDED})
"""States of programs that no test has met, so that none can have been deceived, whatever the evidence."""
_HERE = ""
"""The id of the task that a row is itself, if it holds its own tests."""


class BadRow(Exception):
    """A row that cannot be run, with its kind of error and why."""

    def __init__(self, kind: Kind, why: str) -> None:
        super().__init__(why)
        self.kind = kind


def readied(row: object, tasks: Mapping[str, Row]) -> tuple[Row, Mapping[str, Row]]:
    """Return the row as `execute` takes it, and the tasks to look it up in. Raises BadRow.

    A row has a program (`code`) or what a model said (`messages`, or one of REPLIES), and its own tests or the `task_id` of a
    task of the server; not both, for one of the two would be ignored.
    """
    if not isinstance(row, dict):
        raise BadRow("row", "a row is a JSON object")
    if row.get("drop"):
        raise BadRow("row", f"an earlier stage has dropped it: {row['drop']}")
    row = {**row, "id": _name(row)}
    key = _said_under(row)
    name, tests = row.get("task_id"), _tests(row)
    known = name is not None and str(name) in tasks
    if known and tests is not None:
        raise BadRow("row", f"tests of its own, and those of task {name!r}: send one of the two")
    if known:
        return _reply(row, key, str(name)), tasks
    if tests is None and name is not None:
        raise BadRow("row", f"there is no task {name!r} here, and the row has no tests of its own")
    if tests is None:
        raise BadRow("no_tests", "it has no tests: a program that only ends would count as right")
    if key == "code":  # with its tests; a `task_id` beside them is a label
        return row, tasks
    return _reply(row, key, _HERE), {_HERE: _task(row, key, tests)}


def _said_under(row: Row) -> str:
    """Return the key that holds the answer. Raises BadRow for several, and for none that can be read."""
    said = [key for key in ("code", "messages", *REPLIES) if row.get(key) is not None]
    if len(said) > 1:
        raise BadRow("row", f"{' and '.join(said)}: which of them is the answer? Send one")
    if not said:
        raise BadRow("row", f"no answer in it: code, messages, {', '.join(REPLIES)}")
    if said[0] != "messages":
        if not isinstance(row[said[0]], str):
            raise BadRow("row", f"{said[0]!r} should be text")
    elif (fault := chats.fault(row)) is not None:
        raise BadRow("row", f"messages: {fault}")
    elif not chats.answered(row):
        raise BadRow("row", "the last of the messages is not the assistant's")
    return said[0]


def _tests(row: Row) -> str | None:
    """Return the tests of a row if they are code, empty for tests of another form, None if it has none. Raises BadRow."""
    evidence = row.get("evidence")
    inside = evidence.get("tests") if isinstance(evidence, dict) else None
    given = {key: value for key, value in row.items() if key not in ("messages", "prompt", *REPLIES)}
    if isinstance(inside, str) and not row.get("tests"):
        given["tests"] = inside
    job = job_of({**given, "code": ""}, {})
    if isinstance(job, str):
        raise BadRow("row", job.partition(": ")[2])
    if not job.tests:
        return None
    try:
        return tests_in(given)
    except NoTests:
        return ""


def _task(row: Row, key: str, tests: str) -> Row:
    """Return the task that a row with tests of its own is."""
    language = language_of({**row, "language": language_in(row)}, reply_of(_reply(row, key, _HERE)), tests)
    task = {name: value for name, value in row.items() if name not in ("messages", *REPLIES)}
    if key == "messages" and (asked := chats.asked(row)):
        task = {**{name: value for name, value in task.items() if name != "prompt"}, "messages": asked}
    return tested_by({**task, "id": _HERE, "language": language, **({"tests": tests} if tests else {})})


def _reply(row: Row, key: str, task: Name) -> Row:
    """Return the row as an answer to a task: a whole program as `solution`, what a model said as `text` or its messages."""
    plain = {name: value for name, value in row.items() if name not in ("code", "tests", *REPLIES)}
    under = {"code": "solution", "solution": "solution", "messages": "messages"}
    return {**plain, "task_id": task, under.get(key, "text"): row[key]}


def result(execution: Row, row: Any, order: Mapping[str, Any]) -> Row:
    """Return an Execution with `score`: a number if something was decided, else null with `error`.

    `row` is what the client sent, `order` the options of its request.
    """
    if "drop" in execution:
        return failure("row", str(execution["drop"]), row)
    evidence, wanted = execution.get("evidence"), order.get("evidence")
    if evidence == "none" and execution["state"] not in UNTESTED:
        return failure("no_tests", "nothing in its tests could be counted: a program that only ends is not right", row)
    if wanted is not None and evidence != wanted and execution["state"] not in UNTESTED:
        why = f"evidence {wanted!r} was demanded, and it is {evidence!r} (state {execution['state']})"
        return failure("evidence", why, row)
    made = {key: value for key, value in execution.items() if key != "task_id" or value != _HERE}
    if isinstance(row, dict) and row.get("task_id") is not None:
        made["task_id"] = row["task_id"]
    for key in ("stdout", "stderr"):
        if key in made:
            made[key] = _cut(made[key], int(order["output"]))
    if order.get("slim"):
        made = {key: value for key, value in made.items() if key not in ("results", "stdout", "stderr")} | {"cut": True}
    if execution["state"] in UNDECIDED:
        return {**made, "score": None, "error": _error("infra", str(execution.get("reason") or "not judged"))}
    return {**made, "score": score(execution, str(order["score"]))}


def score(execution: Row, how: str) -> float:
    """Return 1 for a pass, else 0; with `how` "fraction" the share of tests that passed, if they were counted."""
    if execution["state"] == "pass":
        return 1.0
    tests = execution.get("tests")
    if how != "fraction" or not isinstance(tests, dict) or execution["state"] not in PARTIAL:
        return 0.0
    total, passed = tests.get("total") or 0, tests.get("passed") or 0
    return float(passed / total) if passed < total else 0.0  # all passed and yet no pass: what came after is unknown


def failure(kind: Kind, why: str, row: Any) -> Row:
    """Return the result of a row about which nothing can be said; it has the shape of an Execution."""
    of = _name(row)
    kept = {key: row[key] for key in ("task_id", "model") if isinstance(row, dict) and key in row}
    return {
        "id": content_id("execution", of, kind),
        "of": of,
        **kept,
        "state": "infra",
        "passed": None,
        "seconds": 0.0,
        "toolchain": "",
        "score": None,
        "error": _error(kind, why),
    }


def _name(row: Any) -> Name:
    """Return the id of a row, or one made of its content if it has none."""
    name = row.get("id") if isinstance(row, dict) else None
    return name if isinstance(name, str | int) and not isinstance(name, bool) else content_id("row", row)


def _error(kind: Kind, why: str) -> Row:
    return {"kind": kind, "message": why, "retry": kind in AGAIN}


def _cut(text: str, size: int) -> str:
    """Return the first and the last characters of a text, `size` in all, with a line that says what is missing."""
    if len(text) <= size:
        return text
    half = size // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters ...]\n{text[len(text) - half :]}" if half else ""
