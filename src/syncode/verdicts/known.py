"""The tasks that verdicts should be about: what is said of each, and the digest of its question."""

from __future__ import annotations

from collections.abc import Iterable

from syncode.schemas.records import Row
from syncode.text import chats
from syncode.text.digests import question_sha

HEAVY = (
    "messages",
    "prompt",
    "tests",
    "test",
    "references",
    "canonical_solution",
    "base_input",
    "plus_input",
    "lineage",
)
"""What a table does not need of a task."""


def known_tasks(tasks: Iterable[Row]) -> dict[str, Row]:
    """Return task id -> its row without turns and tests, with `question_sha`. Memory: about 1 KB per task."""
    return {
        str(task["id"]): {
            **{key: value for key, value in task.items() if key not in HEAVY},
            "question_sha": question_sha(task) if chats.has_chat(task) else "",
        }
        for task in tasks
    }
