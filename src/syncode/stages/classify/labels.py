"""The two halves of `classify`: a pure function for the language, an ask stage for everything that needs judgement."""

from collections import Counter
from functools import cache
from typing import Any, NotRequired, TypedDict

from syncode.engines import Ask, Op, Request, Sampling, read_json, step
from syncode.prompts import render
from syncode.schemas.records import LineageStep, Name, Row, dropped
from syncode.text import chats
from syncode.text.fences import code_blocks
from syncode.text.kinds import kind_of as kind_of_row
from syncode.text.languages import Guess, canonical, identify, kind_of
from syncode.text.taxonomy import subclass_ids

OP = Op("classify", version=1, prompt="classify.v1")

LABEL_TOKENS = 96  # the longest subclass name and two small values; chosen here
DIFFICULTIES = ("easy", "medium", "hard")  # CodeArena's three grades: arXiv 2412.05210, section 2


class AnyText(TypedDict):
    """What the language needs of a row: a document, a chat or a task, ours or anybody's."""

    text: NotRequired[str]
    labels: NotRequired[dict[str, Any]]


class NamedText(AnyText):
    """What a model's labels need of a row."""

    id: Name
    lineage: NotRequired[list[LineageStep]]


def text_of(row: Row) -> str:
    """Return what a Document or an Answer says, or a Sample or a Task, its turns joined."""
    kind = kind_of_row(row)
    if kind == "answer":
        return chats.answer(row)
    return chats.shown(row) if kind in ("sample", "task") else str(row["text"])


def with_language(row: Row) -> list[Row]:
    """Return the row with `language` and how it was found.

    A row without code has the label `code: false`.

    The language of a page (label `form: page`) is the one that most of its code is in; `markdown` and the like are no answer
    if there is code. Anything else is a file of code (`form: file`).
    """
    if "form" in row.get("labels", {}):  # an earlier run of classify has looked at it
        return [row]
    guess = _language(row)
    form = "page" if guess is None or guess.how == "fence" else "file"
    labels = {**row.get("labels", {}), "code": guess is not None, "form": form}
    if guess is None:
        return [{**row, "labels": labels}]
    if guess.language == canonical(_named(row)):
        return [{**row, "language": guess.language, "labels": labels}]
    found = {"language_by": guess.how, "language_confidence": round(guess.confidence, 3)}
    return [{**row, "language": guess.language, "labels": labels | found}]


def _language(row: Row) -> Guess | None:
    named = canonical(_named(row))
    if named and kind_of(named) != "prose":
        return Guess(named, 1.0, "filename")
    text = text_of(row)
    sizes = Counter[str]()
    for language, code in code_blocks(text):
        if language and (kind_of(language) != "prose" or not canonical(language)):
            sizes[language] += len(code)
    if sizes:
        # Shell lines that install a thing and its output in JSON must not hide the thing itself.
        most = max(sorted(sizes), key=lambda each: (kind_of(each) in ("code", "prose"), sizes[each]))
        return Guess(most, sizes[most] / sizes.total(), "fence")
    guess = identify(text, path=_path(row))
    return None if kind_of(guess.language) == "prose" else guess


def _named(row: Row) -> str:
    """Return the language that a row names; other people's rows may hold anything there."""
    language = row.get("language")
    return language if isinstance(language, str) else ""


def _path(row: Row) -> str | None:
    """Return the path in the source of a row of ours; published sets often call a set's name `source`."""
    source = row.get("source")
    path = source.get("path") if isinstance(source, dict) else None
    return path if isinstance(path, str) else None


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of the model's reply."""
    return {
        "type": "object",
        "properties": {
            "subcategory": {"type": "string", "enum": list(subclass_ids())},
            "difficulty": {"type": "string", "enum": list(DIFFICULTIES)},
            "algorithmic": {"type": "boolean"},
        },
        "required": ["subcategory", "difficulty", "algorithmic"],
        "additionalProperties": False,
    }


def to_request(row: Row, document_chars: int) -> Request:
    """Build the prompt for one row, of which the first characters are shown."""
    listing = "\n".join(f"- {name}" for name in subclass_ids())
    messages = render(OP.prompt, text=text_of(row)[:document_chars], subcategories=listing)
    return Request(str(row["id"]), OP, messages, Sampling(max_tokens=LABEL_TOKENS), schema=schema())


async def label(row: Row, ask: Ask, *, document_chars: int) -> list[Row]:
    """Return the row with `labels.category`, `.subcategory`, `.difficulty`, `.algorithmic`, and its language."""
    (row,) = with_language(row)
    request = to_request(row, document_chars)
    reply = await ask(request)
    if reply.error:
        return [dropped(row, "classify.engine", reply.error)]
    found = read_json(reply.text, schema())
    if found is None:
        return [
            {**dropped(row, "classify.unreadable", "the reply is not the JSON that was asked for"), "reply": reply.text}
        ]
    labels = {**row["labels"], "category": found["subcategory"].partition("/")[0], **found}
    return [{**row, "labels": labels, "lineage": [*row.get("lineage", []), step(request, reply)]}]
