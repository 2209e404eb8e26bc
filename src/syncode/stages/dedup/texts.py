"""What is compared: the text of a document, the question and the code of a chat, normalised, and what must be equal beside it."""

import re
import unicodedata
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any
from zlib import crc32

from syncode.schemas.records import Row
from syncode.schemas.wire import dumps
from syncode.text import chats, thoughts
from syncode.text.kinds import kind_of
from syncode.text.pieces import MEASURED, pieces
from syncode.text.program.comparable import comparable
from syncode.text.words import words as words_of

_BLANK = re.compile(r"[ \t]+")
CODE_FLOOR = 30
"""Characters of code, white space apart: shorter code is the same by chance (chosen here, as the filter's floor)."""


def compared(row: Row) -> str:
    """Return the text by which a row is a near copy of another: `text` of a document or an answer, what a chat's user says.

    Of a chat in which no user says anything, all turns: what is left out must not make two of them copies. Empty if nothing of it
    can be seen.
    """
    if kind_of(row) in ("sample", "task"):
        asked = chats.question(row)
        text = chats.shown(row) if chats.is_blank(asked) else asked
    else:
        text = chats.answer(row) if kind_of(row) == "answer" else str(row.get("text") or chats.answer(row))
    return "" if chats.is_blank(text) else text


def group(row: Row) -> str:
    """Return what two rows must have in common to be copies at all: of answers the task and the model, of chats all that is
    said and done in them besides what the user says and the last answer's text. Of documents and of plain chats, nothing.

    That two models say the same to a task is a result, and that one says the same to two tasks is one too. And what the user
    says is not a question without the rest: "Fix the file" asks for something else after each other file.
    """
    kind = kind_of(row)
    if kind == "answer":
        return f" {row['task_id']} {row.get('model')}{_beside(row)}"
    return _beside(row) if kind in ("sample", "task") else ""


def _beside(row: Row) -> str:
    """Return a hash of a chat's tools, system turns, calls, results and earlier answers, each in its place; empty if it has none.

    Ids of calls and what the model thought do not belong to it: they differ from run to run.
    """
    if not chats.has_chat(row) or chats.fault(row) is not None:
        return ""
    turns = chats.turns(row)
    last = len(turns) - bool(turns and turns[-1]["role"] == "assistant")
    parts: list[str] = []
    for place, turn in enumerate(turns):
        role, text = turn["role"], "" if place == last else turn["content"]
        if role == "assistant":
            text = thoughts.split(text).answer
        parts += [role, "" if role == "user" else "\n".join(_normal(text)), _called(turn.get("tool_calls") or [])]
    tools = _tools(row)
    if not tools and set(parts) <= {"user", "assistant", ""} and parts.count("assistant") <= 1:
        return ""
    return " " + blake2b("\0".join([tools, *parts]).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _called(calls: list[dict[str, Any]]) -> str:
    """Return calls of tools without their ids: two that are written in other ways are the same if their arguments are."""
    made = [chats.call_sent(call, "")["function"] for call in calls]
    return (
        _sorted([[call["name"], chats.parsed(call["arguments"]) or call["arguments"]] for call in made]) if made else ""
    )


def _tools(row: Row) -> str:
    try:
        found = chats.tools(row)
    except chats.Unreadable:
        return _sorted([row.get("tools"), row.get("functions")])
    return _sorted(found) if found else ""


def _sorted(value: Any) -> str:
    return dumps(value, sort_keys=True).decode()


def exact_keys(row: Row, within: str) -> list[bytes]:
    """Return 128-bit hashes; rows that share one are exact copies; a row in which nothing is said has none.

    One of the normalised text, and for a chat one of the normalised code of the last answer, both with its group (`within`).
    """
    text = compared(row)
    keys = [_hash(f"text{within}", text)] if text else []
    code = comparable(chats.answer(row))
    if len("".join(code.split())) >= CODE_FLOOR:
        keys.append(_hash(f"code{within}", code))
    return keys


def shingles(text: str, size: int) -> set[str]:
    """Return the word n-grams of a text, lower-case; of a shorter text all words together. A Chinese character is a word here.

    Of a text longer than `MEASURED` every second, third, ... n-gram by its hash: the same ones in another text of its length.
    """
    found: set[str] = set()
    before: list[str] = []
    share = 1 + len(text) // MEASURED
    for piece in pieces(text):
        words = [*before, *words_of(piece.lower())]
        runs = (" ".join(words[start : start + size]) for start in range(len(words) - size + 1))
        found.update(runs if share == 1 else (run for run in runs if crc32(run.encode()) % share == 0))
        before = words[max(0, len(words) - size + 1) :]
    return found or ({" ".join(before)} if before else set())


def jaccard(one: set[str], other: set[str]) -> float:
    """Return the share of n-grams that two sets have in common, in [0, 1]; two empty sets are equal."""
    common = len(one & other)
    total = len(one) + len(other) - common
    return common / total if total else 1.0


def _normal(text: str) -> Iterator[str]:
    """Yield the lines of a text without what no one sees: line ends, trailing and repeated blanks, blank lines, Unicode form."""
    for piece in pieces(text, whole_lines=True):
        for line in unicodedata.normalize("NFC", piece).splitlines():
            if line.strip():
                yield _indent(line) + _BLANK.sub(" ", line.strip())


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _hash(kind: str, text: str) -> bytes:
    """Return the hash of a text as `_normal` writes it, under the name of its kind."""
    digest = blake2b(kind.encode(), digest_size=16)
    for line in _normal(text):
        digest.update(b"\0" + line.encode())
    return digest.digest()
