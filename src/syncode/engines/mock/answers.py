"""What the mock says to prompts that ask for a certain form of reply: a label in brackets, code, tests, an object told in words.

It knows no prompt by name, only what prompts of this kind say. All its code is of one family, `scale_N`, so that a question that
it made up, its answer and its tests fit together.
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import orjson

_SCHEMA_IN_WORDS = re.compile(r"fits this JSON Schema:\n(\{.*\})\s*\Z", re.DOTALL)
_LABEL = re.compile(r"\[\[[^\[\]\n]{1,12}\]\]")
_FENCED = re.compile(r"fenced code block", re.IGNORECASE)
_TESTS = re.compile(r"\b(?:assertions|unit tests)\b", re.IGNORECASE)
_LANGUAGE = re.compile(r"expert (\S+) programmer|assertions in (\S+) that")
_FACTOR = re.compile(r"\bscale_(\d+)\b")
_CANDIDATE = re.compile(r"<answer[- ](\d+)[^>]*>\n(.*?)\n</answer", re.DOTALL)

_CODE = {
    "python": (
        "def scale_{n}(values):\n    return [{n} * value for value in values]",
        "assert scale_{n}({given}) == {want}",
    ),
    "javascript": (
        "function scale_{n}(values) {{\n  return values.map((value) => {n} * value);\n}}",
        'require("assert").deepStrictEqual(scale_{n}({given}), {want});',
    ),
}
_CASES: Sequence[Sequence[int]] = ((), (0,), (1,), (1, 2, 3), (-1, 5), (7, 7), (1000000,))


def schema_in_words(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the JSON Schema that stands at the end of the prompt, None if there is none."""
    found = _SCHEMA_IN_WORDS.search(str(body["messages"][-1].get("content") or ""))
    return orjson.loads(found[1]) if found else None


def question(digest: int, *, chinese: bool = False) -> str:
    """Return a programming question that stands for itself."""
    n = 2 + digest % 997
    if chinese:
        return (
            f"请编写一个名为 scale_{n} 的函数,它接收一个整数列表,并返回一个新的列表,其中每个数都乘以 {n}。"
            "空列表应返回空列表,传入的列表不得被修改。请只给出这个函数,并说明它的时间复杂度。"
        )
    return (
        f"Write a function `scale_{n}(values)` that takes a list of whole numbers and returns a new list in which every number "
        f"is multiplied by {n}. An empty list gives an empty list, and the list that was passed in must stay as it was. "
        "Deliver the function alone."
    )


def chosen(prompt: str) -> int | None:
    """Return the number of the candidate that the mock likes best, wherever it stands; None if the prompt shows none."""
    candidates = [
        (blake2b(text.encode(), digest_size=8).digest(), int(number)) for number, text in _CANDIDATE.findall(prompt)
    ]
    return max(candidates)[1] if candidates else None


def formed(messages: Sequence[Mapping[str, Any]], digest: int) -> str | None:
    """Return a reply in the form that the instructions ask for, None if they ask for none that is known."""
    turns = [str(message.get("content") or "") for message in messages]
    instructions = turns[0] if len(turns) > 1 else ""
    for text in (instructions, turns[-1]):
        if labels := list(dict.fromkeys(_LABEL.findall(text))):
            return f"Reason of the mock, number {digest % 1000}.\n\n{labels[digest % len(labels)]}"
    if len(turns) > 1 and _FENCED.search(instructions + turns[-1]):
        return _code(instructions, turns[-1], digest)
    return None


def _code(instructions: str, asked: str, digest: int) -> str:
    named = _LANGUAGE.search(f"{instructions}\n{asked}")
    language = (named[1] or named[2]).lower() if named else ""
    language = language if language in _CODE else "python"
    factor = _FACTOR.search(asked)
    n = int(factor[1]) if factor else 2
    program, test = _CODE[language]
    if _TESTS.search(instructions):
        lines = [test.format(n=n, given=list(case), want=[n * each for each in case]) for case in _CASES]
        return f"```{language}\n" + "\n".join(lines) + "\n```"
    explanation = (
        "It goes over the values once and builds a new list, so the one that was passed in stays as it is; an empty list gives "
        f"an empty list. (Answer {digest % 1000} of the mock.)"
    )
    return f"```{language}\n{program.format(n=n)}\n```\n\n{explanation}"
