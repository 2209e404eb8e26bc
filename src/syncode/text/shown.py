"""What judges and readers see of a task and of an answer: the question, and the reply alone."""

from __future__ import annotations

from syncode.schemas.records import Row
from syncode.text import chats


def question(task: Row, first_turn: bool) -> str:
    """Return the user's question: the whole conversation up to the answer, or its first user turn only."""
    turns = chats.asked(task)
    users = [turn for turn in turns if turn["role"] == "user"]
    if first_turn or len(turns) == 1:
        return next((turn["content"] for turn in [*users, *turns]), "")
    return "\n\n".join(f"{turn['role']}: {turn['content']}" for turn in turns)


def answer_text(answer: Row) -> str:
    """Return the reply alone: `text`, else the last assistant turn; empty for an answer that holds an error."""
    if answer.get("error"):
        return ""
    return chats.answer(answer)
