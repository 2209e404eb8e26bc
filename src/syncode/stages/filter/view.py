"""What the rules see of a row: its prose, its code and the chat, taken apart once for all of them."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NotRequired, TypedDict, get_args

from syncode.schemas.records import Row
from syncode.text import chats
from syncode.text.fences import Part, parts
from syncode.text.kinds import kind_of as row_kind
from syncode.text.languages import comment_marks, kind_of
from syncode.text.pieces import head
from syncode.text.words import words

Kind = Literal["code", "web", "sample"]
Side = Literal["question", "answer"]
Measure = Callable[["View"], float | None]
"""A number for a row, or None if the rule does not apply to it."""

# Whether it stands alone is recognised by the second group: required, it would let each start look for an end in all of the file.
_DOCSTRING = re.compile(r"^[ \t]*[rbuRBU]?(\"{3}.*?\"{3}|'{3}.*?'{3})([ \t]*$)?", re.S | re.M)


class Measured(TypedDict):
    """What the rules need of a row besides its chat."""

    text: NotRequired[str]


def kind_of_row(row: Row) -> Kind:
    """Return `sample` for a chat, `code` for a document in a language of code, markup or data, else `web`.

    The label `form: page` of `classify` says that the language is that of the page's code, not of the page.
    """
    if row_kind(row) != "document":
        return "sample"
    labels, language = row.get("labels"), row.get("language")
    marked = isinstance(labels, dict) and labels.get("form") == "page"
    is_page = marked or not isinstance(language, str) or kind_of(language) == "prose"
    return "web" if is_page else "code"


@dataclass(frozen=True)
class View:
    """A row, read as one of the three kinds. Everything here is computed when a rule first asks for it.

    Of a text longer than `pieces.MEASURED` the rules see the first part.
    """

    row: Row
    kind: Kind

    @cached_property
    def question(self) -> str:
        """All that the user says in a chat; empty for a document."""
        return head(chats.question(self.row))

    @cached_property
    def answer(self) -> str:
        """What was answered: the last turn of the assistant, or the text of an Answer; empty for a document and a task."""
        return head(chats.answer(self.row)) if self.kind == "sample" else ""

    @cached_property
    def document(self) -> str:
        """The text of a document."""
        return head(str(self.row["text"]))

    @cached_property
    def sides(self) -> tuple[Side, ...]:
        """Which sides of a chat there are to measure: a task has no answer, an Answer stands without its question."""
        missing = {"task": "answer", "answer": "question"}.get(row_kind(self.row))
        if (
            missing is None
            and not self.answer
            and self.kind == "sample"
            and chats.turns(self.row)[-1].get("tool_calls")
        ):
            missing = "answer"  # it calls a tool: there is nothing to read
        return tuple(side for side in get_args(Side) if side != missing)

    @cached_property
    def parts(self) -> list[Part]:
        """The answer of a chat, or the text of a web document, as prose and fenced blocks."""
        return list(parts(self.answer if self.kind == "sample" else self.document))

    @cached_property
    def code(self) -> str:
        """The file itself, or what is fenced in the text or the answer."""
        if self.kind == "code":
            return self.document
        return "\n".join(part.block.code for part in self.parts if part.block)

    @cached_property
    def prose(self) -> str:
        """What stands outside the fences; empty for a file of code."""
        return "" if self.kind == "code" else "\n".join(part.text for part in self.parts if part.block is None)

    @cached_property
    def text(self) -> str:
        """What the rules about characters, words and lines look at: the code of a file or an answer, the whole page."""
        return self.document if self.kind == "web" else self.code

    @property
    def language(self) -> str | None:
        """The language that the row names."""
        language = self.row.get("language")
        return language if language and isinstance(language, str) else None

    @cached_property
    def lines(self) -> list[str]:
        """The lines of `text`."""
        return self.text.splitlines()

    @cached_property
    def words(self) -> list[str]:
        """The words of `text`, lower-case; single characters in scripts without spaces."""
        return words(self.text.lower())

    @cached_property
    def word_chars(self) -> int:
        """The number of characters in words."""
        return sum(map(len, self.words))

    @cached_property
    def chars(self) -> Counter[str]:
        """How often each character occurs in `text`."""
        return Counter(self.text)

    @cached_property
    def comments(self) -> list[str]:
        """The comments of the code, by the marks of the row's language."""
        return comments(self.code, self.language)


def comments(code: str, language: str | None) -> list[str]:
    """Return the comments of a text by the marks of its language: whole lines, line ends and blocks.

    No parser: a mark inside a string counts as a comment. Python's docstrings count as comments when they stand alone.
    """
    mark, block = comment_marks(language)
    found: list[str] = []
    if block:
        found += re.findall(re.escape(block[0]) + r".*?(?:" + re.escape(block[1]) + r"|\Z)", code, re.S)
    if mark:
        found += re.findall(rf"(?:^|(?<=\s)){re.escape(mark)}.*", code, re.M)
    if language == "python":
        found += [match[1] for match in _DOCSTRING.finditer(code) if match[2] is not None]
    return found
