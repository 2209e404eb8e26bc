"""What an execution is about, by content: which answer ran, to which question, with which tests."""

from collections.abc import Mapping

from syncode.schemas.records import Row
from syncode.stages.execute.jobs import Job, tested_by
from syncode.text import chats
from syncode.text.digests import answer_row_sha, answer_sha, other_question, question_sha, tests_sha

OTHER = "execute.other_question"
"""The rule of an answer to another question than its task asks now."""


def asking(task: Row) -> Row:
    """Return a task as programs are tested by it, with the digest of its question."""
    return {**tested_by(task), "question_sha": question_sha(task)}


def misplaced(read: int, dropped: Mapping[str, int]) -> str | None:
    """Return what to say if every answer that was read is to another question than its task asks, None if one is not."""
    if not read or dropped.get(OTHER, 0) < read:
        return None
    return "no answer is to the questions of --tasks: all of them answered others under the same ids"


def is_other(row: Row, tasks: Mapping[str, Row]) -> str | None:
    """Return the rule and reason to drop an answer to another question than its task asks now, None if it fits."""
    task = tasks.get(str(row.get("task_id")))
    why = other_question(row, _asked(task)) if task is not None else None
    return None if why is None else f"{OTHER.partition('.')[2]}: {why}"


def digests(row: Row, job: Job, tasks: Mapping[str, Row]) -> Row:
    """Return the digests of the answer that ran, of what it was tested by, and of the question if there is one."""
    code = row.get("code")
    task = None if isinstance(code, str) or row.get("task_id") is None else tasks.get(str(row["task_id"]))
    ran = answer_sha(code) if isinstance(code, str) else answer_row_sha(row)
    found = {"answer_sha": ran, "tests_sha": tests_sha(task, job.tests)}
    asked = _asked(row if task is None else task)
    return found | ({"question_sha": asked} if asked else {})


def _asked(task: Row) -> str:
    """Return the digest of a task's question: as it was read, before `prompt` was told apart; empty if there is none."""
    return str(task.get("question_sha") or (question_sha(task) if chats.has_chat(task) else ""))
