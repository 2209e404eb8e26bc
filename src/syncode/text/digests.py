"""Digests of what is compared: two rows are about the same question or answer if these are equal, whatever their ids say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncode.schemas.records import Row, content_id
from syncode.text import chats

REPEATED = ("category", "subcategory", "difficulty", "language")
"""Labels of a task by which tables are broken down."""
TESTED_BY = (
    *("setup", "prompt", "tests", "entry_point", "stop", "files", "libs", "checker"),
    *("base_input", "plus_input", "canonical_solution", "contract", "atol"),  # EvalPlus
)
"""What decides in a task whether an answer passes."""


def question_sha(task: Mapping[str, Any]) -> str:
    """Return the digest of a question: roles and texts of its turns up to the answer, in whatever form the row has them.

    Blanks at the ends of a turn and the kind of line ends do not count; ids, labels, tests and references do not either.
    """
    return content_id("question", [[turn["role"], _plain(turn["content"])] for turn in chats.asked(task)])


def labels_of(task: Row) -> Row:
    """Return what a verdict repeats of its task, from the row or from the `labels` that `classify` gave it."""
    said = task.get("labels")
    labels = said if isinstance(said, dict) else {}
    found = {key: task.get(key) or labels.get(key) for key in REPEATED}
    return {key: value for key, value in found.items() if value}


def answer_sha(text: str) -> str:
    """Return the digest of an answer: the text that is judged, which is the reply without what the model thought aloud."""
    return content_id("answer", text)


def answer_row_sha(answer: Mapping[str, Any]) -> str:
    """Return the digest of what an Answer says."""
    return answer_sha(chats.answer(answer))


def tests_sha(task: Mapping[str, Any] | None, tests: str) -> str:
    """Return the digest of what an answer is tested by: the tests that run, and what TESTED_BY names of its task, if it has one.

    Time and memory limits do not count: they are settings of a run, not of a test.
    """
    return content_id("tests", tests, {key: task[key] for key in TESTED_BY if task.get(key)} if task else {})


def other_question(answer: Row, now: str) -> str | None:
    """Return why an answer does not belong to its task, whose question has the digest `now`; None if it does or does not say.

    An Answer holds the digest of the question that it answered.
    """
    asked = answer.get("question_sha")
    if not isinstance(asked, str) or len(asked) != len(now) or asked == now:
        return None
    return (
        f"it answered another question than task {answer['task_id']!r} asks now "
        f"(question_sha {asked[:8]}..., the task's is {now[:8]}...): generate it anew"
    )


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
