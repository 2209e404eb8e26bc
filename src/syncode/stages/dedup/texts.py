"""What is compared: the text of a document, the question and the code of a chat, normalised."""

import re
import unicodedata
from hashlib import blake2b

from syncode.schemas.records import Row
from syncode.text import chats
from syncode.text.kinds import kind_of
from syncode.text.program.comparable import comparable
from syncode.text.words import words as words_of

_BLANK = re.compile(r"[ \t]+")
CODE_FLOOR = (
    30  # characters without white space: a shorter answer is the same by chance; ours, as in the filter's floor
)


def compared(row: Row) -> str:
    """Return the text by which a row is a near copy of another: `text` of a document or an answer, what a chat's user says.

    Of a chat in which no user says anything, all turns: what is left out must not make two of them copies.
    """
    if kind_of(row) in ("sample", "task"):
        return chats.question(row) or chats.shown(row)
    return chats.answer(row) if kind_of(row) == "answer" else str(row.get("text") or chats.answer(row))


def group(row: Row) -> str:
    """Return what two rows must have in common to be copies at all: of answers the task and the model, else nothing.

    That two models say the same to a task is a result, and that one says the same to two tasks is one too.
    """
    return f" {row['task_id']} {row.get('model')}" if kind_of(row) == "answer" else ""


def exact_keys(row: Row) -> list[bytes]:
    """Return 128-bit hashes; rows that share one are exact copies; a row in which nothing is said has none.

    One of the normalised text, and for a chat one of the normalised code of the last answer. Those of an answer hold its
    task and model too.
    """
    text = _normal(compared(row))
    keys = [_hash(f"text{group(row)}", text)] if text else []
    code = comparable(chats.answer(row))
    if len("".join(code.split())) >= CODE_FLOOR:
        keys.append(_hash(f"code{group(row)}", _normal(code)))
    return keys


def shingles(text: str, size: int) -> set[str]:
    """Return the word n-grams of a text, lower-case; of a shorter text all words together. A Chinese character is a word here."""
    words = words_of(text.lower())
    if len(words) <= size:
        return {" ".join(words)} if words else set()
    return {" ".join(words[start : start + size]) for start in range(len(words) - size + 1)}


def jaccard(one: set[str], other: set[str]) -> float:
    """Return the share of n-grams that two sets have in common, in [0, 1]; two empty sets are equal."""
    common = len(one & other)
    total = len(one) + len(other) - common
    return common / total if total else 1.0


def _normal(text: str) -> str:
    """Return the text without what no one sees: line end style, trailing and repeated blanks, blank lines, Unicode form."""
    lines = unicodedata.normalize("NFC", text).splitlines()
    kept = (_indent(line) + _BLANK.sub(" ", line.strip()) for line in lines if line.strip())
    return "\n".join(kept)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _hash(kind: str, text: str) -> bytes:
    return blake2b(f"{kind}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
