"""Finds rows that hold text of a benchmark: any shared run of ten words, or the whole of a short text.

The rule of arXiv 2412.05210 section 2 and of the Qwen2.5-Coder report, with DeepSeekMath's exact match for texts of 3 to 9
words. Words are runs of letters and digits, lower-case and in Unicode's compatible form: punctuation, white space, `_`,
full-width letters and characters without width neither hide nor make a match. In scripts without spaces between words each
character is looked at by itself, and two count as a word: otherwise a Chinese question would be one long word between two commas.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.filter.view import View
from syncode.text import chats
from syncode.text.fences import blocks, prose
from syncode.text.words import grams, grams_of, normal_words, size

GRAM = 10
SHORTEST = 3

_FIELDS = (
    *("messages", "prompt", "question", "instruction", "text", "description", "declaration"),
    *("canonical_solution", "reference_solution", "solution", "code", "answer", "reference", "references"),
    *("test", "tests", "test_list", "example_test"),
)
"""Where tasks keep their texts: our Task, and the published files of HumanEval, HumanEval-X, MBPP, MultiPL-E and CodeArena."""


@dataclass(frozen=True)
class Index:
    """The runs of ten words and the short texts of a benchmark, each with the id of a task that has it.

    Memory: about 150 bytes for each word of the tasks.
    """

    grams: dict[str, str] = field(default_factory=dict)
    short: dict[str, str] = field(default_factory=dict)

    def match(self, view: View) -> str | None:
        """Return which task the row shares text with, and how, or None."""
        texts = [turn["content"] for turn in chats.turns(view.row)] if chats.has_chat(view.row) else []
        if isinstance(text := view.row.get("text"), str):
            texts.append(text)
        for text in texts:
            for gram in grams_of(text, GRAM, normal_words):
                if gram in self.grams:
                    return f"{GRAM}-gram of {self.grams[gram]}"
            for segment in _segments(text):
                if segment in self.short:
                    return f"the short text of {self.short[segment]}"
        return None


def build(files: Mapping[str, Iterable[Row]]) -> Index:
    """Return the index over the tasks of some files, by file name.

    Raises DataError for a file without a text of three words: it would protect from nothing.
    """
    index = Index()
    for name, tasks in files.items():
        found = False
        for number, task in enumerate(tasks, 1):
            task_id = str(task.get("id") or task.get("task_id") or f"{name}:{number}")
            for text in texts(task):
                words = normal_words(text)
                length = size(words)
                found |= length >= SHORTEST
                if length >= GRAM:
                    for gram in grams(words, GRAM):
                        index.grams.setdefault(gram, task_id)
                elif length >= SHORTEST:
                    index.short.setdefault(" ".join(words), task_id)
        if not found:
            raise DataError(f"{name}: no task in it has a text of {SHORTEST} words, there is nothing to compare with")
    return index


def canary(task: Row) -> Row:
    """Return a chat row that holds the longest text of a task among other words: a filter that lets it pass is broken."""
    planted = max(texts(task), key=lambda text: size(normal_words(text)), default="")
    around = ("Here is one more exercise for you.", "Thank you!") if size(normal_words(planted)) >= GRAM else ("", "")
    content = f"{around[0]} {planted.upper()} {around[1]}"
    return {
        "id": "canary",
        "messages": [{"role": "user", "content": content}],
        "language": "",
        "labels": {},
        "lineage": [],
    }


def texts(task: Row) -> list[str]:
    """Return the texts of a task that must not be found in training data: question, solutions, tests."""
    found = [text for name in _FIELDS if name in task for text in _strings(task[name])]
    if not any(name in task for name in chats.LISTS[1:]) or chats.fault(task):
        return found
    return found + [turn["content"] for turn in chats.turns(task) if turn["role"] != "system"]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        if value.get("role") != "system":
            for key, inner in value.items():
                if key != "role":
                    yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _segments(text: str) -> Iterator[str]:
    """Yield the whole of a text, of each fenced block and of each paragraph, normalised, where it is short."""
    pieces = [text, *(block.code for block in blocks(text)), *re.split(r"\n\s*\n", prose(text))]
    for piece in pieces:
        if len(piece) < 400:  # nine words are shorter
            yield " ".join(normal_words(piece))
