"""Reads a row of any kind that `execute` takes, and says which program it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncode.schemas.records import Row, content_id
from syncode.stages.execute.extraction import extract


@dataclass(frozen=True)
class Job:
    """One program: `of` names the row it belongs to, `how` says how the code was found (`none`: there is none)."""

    of: str
    language: str
    code: str
    tests: str
    how: str


def job_of(row: Row, tasks: Mapping[str, Row]) -> Job | str:
    """Return the program of a Sample (its own tests), an Answer (its task's), or a bare row {code, tests, language}.

    A row that has nothing to be tested by gives the rule and reason to drop it.
    """
    if "code" in row:
        of = row.get("id") or content_id("program", row["code"], row.get("tests", ""), row.get("language", "python"))
        return Job(str(of), row.get("language", "python"), row["code"], row.get("tests") or "", "row")
    if "task_id" in row:
        task = tasks.get(row["task_id"])
        return _answer(row, task) if task else f"no_task: no task {row['task_id']!r} in --tasks"
    if "messages" in row:
        return _sample(row)
    return "no_program: neither code, nor task_id, nor messages"


def _sample(row: Row) -> Job | str:
    tests = (row.get("evidence") or {}).get("tests")
    if not isinstance(tests, str) or not tests.strip():
        return "no_tests: the sample has none"
    language = row.get("language") or "python"
    found = extract(reply_of(row), language)
    return Job(row["id"], language, found.code, tests, found.how)


def _answer(row: Row, task: Row) -> Job | str:
    """Join answer and task. A completion continues the task's `prompt`; a whole function gets what stood before it there."""
    tests = task.get("tests")
    if not tests:
        return "no_tests: the task has none"
    language, entry = task.get("language") or "python", task.get("entry_point") or ""
    if entry and "def check(" in tests and f"check({entry})" not in tests:
        tests = f"{tests}\ncheck({entry})\n"
    prompt = task.get("prompt") or ""
    of = str(row.get("id") or content_id("answer", row["task_id"], reply_of(row)))
    if isinstance(row.get("completion"), str):
        return Job(of, language, prompt + row["completion"], tests, "completion")
    found = extract(reply_of(row), language)
    return Job(of, language, found.code, tests, found.how)


def reply_of(row: Mapping[str, Any]) -> str:
    """Return what the model said: `text`, `solution` or `completion`, else the last assistant turn."""
    for key in ("text", "solution", "completion"):
        if isinstance(row.get(key), str):
            return str(row[key])
    turns = [turn["content"] for turn in row.get("messages") or [] if turn["role"] == "assistant"]
    return str(turns[-1]) if turns else ""
