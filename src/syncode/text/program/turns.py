"""What a model said in its own turn: without thoughts, tokens of turns, and further turns that it made up."""

import json
import re
from collections.abc import Iterator

from syncode.text import thoughts
from syncode.text.fences import parts, without_tokens

_ENDING = r"<\|(?:im_end|endoftext|eot_id|eom_id|end_of_text|end|return)\|>|<end_of_turn>|<｜end▁of▁sentence｜>"
_OPENING = (
    r"<\|(?:im_start|start_header_id)\|>\s*assistant\s*(?:<\|end_header_id\|>)?\s*\n|<s>|<bos>|<\|begin_of_text\|>"
)
_TURN = re.compile(rf"\A(?:\s*(?:{_OPENING}|{_ENDING}))+")
"""Tokens in front of all that was said: of the turn's beginning, and ends of an empty turn before it."""
_NEXT_TURN = re.compile(
    rf"(?<![\"'])(?:(?<!`)|(?<=```))(?:(?:{_ENDING})[ \t]*(?=\n|\Z)|<\|(?:im_start|start_header_id)\|>|<\|user\|>[ \t]*(?=\n|\Z))"
)
_FENCE_LINE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,})[ \t]*(.*)$", re.MULTILINE)
_OPENS_TURN = re.compile(r"\s*<\|(?:im_start|start_header_id|user|assistant)\|>")
_AGAIN = re.compile(r"\s*<\|(?:im_start|start_header_id)\|>\s*assistant\b|\s*<\|assistant\|>")
_GREETING = 200  # characters of one line that are no answer yet; chosen here
_MOST_MARKS = 100  # tokens in the text of an answer that are looked at; chosen here
_QUOTES = ('"""', "'''", "`")
_KEYS = ("code", "solution", "program", "answer", "completion", "response", "content", "text")


def spoken(text: str) -> str:
    """Return the answer of a reply alone: no thoughts, no tokens of its turn, no further turns that it made up, LF line ends."""
    answer = thoughts.split(text).answer.replace("\r\n", "\n").lstrip("\ufeff\u200b")
    if "\n" not in answer:
        answer = answer.replace("\r", "\n")
    answer = _TURN.sub("", answer)
    return from_json(without_tokens(answer[: _end_of_turn(answer)]))


def _end_of_turn(answer: str) -> int:
    """Return where the turn ends; a token in a string or in a block of code that is closed behind it is text.

    Nothing ends before something is said, or where the assistant goes on behind a greeting.
    """
    base = at = 0
    for _ in range(_MOST_MARKS):
        mark = _NEXT_TURN.search(answer, at)
        if mark is None:
            break
        said = answer[: min(mark.start(), _GREETING)].strip()
        again = _AGAIN.match(answer, mark.end()) if mark.start() < _GREETING and "\n" not in said else None
        if again or not said:
            at = (again or mark).end()
            continue
        *_, last = parts(answer[base : mark.start()])
        if any(last.text.count(quote) % 2 and quote in answer[mark.end() :] for quote in _QUOTES):
            at = mark.end()
            continue
        fence = _FENCE_LINE.search(answer, mark.end())
        if last.block is None or last.closed or fence is None or without_tokens(fence[1]).strip():
            return mark.start()
        if mark[0].startswith("<|im_start") or _OPENS_TURN.match(answer, mark.end()):
            return mark.start()
        base = at = fence.end()
    return len(answer)


def from_json(answer: str) -> str:
    """Return the text inside an answer that is JSON: a string, or the code in it under a usual key, else its longest text."""
    if answer.lstrip()[:1] not in ("{", "[", '"') or answer.rstrip()[-1:] not in ("}", "]", '"'):
        return answer
    try:
        value = json.loads(answer, strict=False)
    except (ValueError, RecursionError):
        return answer
    texts = list(_texts("", value))
    usual = [text for key in _KEYS for name, text in texts if name == key]
    others = sorted((text for _, text in texts if "\n" in text), key=len, reverse=True)
    return next(iter([*usual, *others]), texts[0][1] if isinstance(value, str) else answer)


def _texts(key: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield the texts in a value, each with the key that it stands under; a list of lines is one text."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(name, inner)
    elif isinstance(value, list):
        lines = [each for each in value if isinstance(each, str)]
        if key and len(lines) == len(value) > 0:
            yield key, "\n".join(lines)
        else:
            for inner in value:
                yield from _texts(key, inner)
