"""The two halves of `classify`: a pure function for the language, an ask stage for everything that needs judgement."""

from functools import cache
from typing import Any

from syncode.engines import Ask, Op, Request, Sampling, read_json, step
from syncode.prompts import render
from syncode.schemas.records import Row, dropped
from syncode.stages.language import identify
from syncode.stages.markdown import code_blocks
from syncode.stages.taxonomy import subclass_ids

OP = Op("classify", version=1, prompt="classify.v1")

SHOWN_CHARS = 3000  # of a row's text are shown to the model: a topic shows early; ours
LABEL_TOKENS = 96  # the longest subclass name and two small values; ours
DIFFICULTIES = ("easy", "medium", "hard")  # CodeArena's three grades: arXiv 2412.05210, section 2


def text_of(row: Row) -> str:
    """Return what a Document, a Sample or a Task says, its turns joined."""
    if "text" in row:
        return str(row["text"])
    return "\n\n".join(message["content"] for message in row.get("messages", []))


def with_language(row: Row) -> list[Row]:
    """Return the row with `language` and how it was found; a row without code has the label `code: false` instead.

    A language that the row already names stays.
    """
    labels = row.get("labels", {})
    if row.get("language"):
        return [{**row, "labels": {**labels, "code": True}}]
    language, confidence, how = _language(row)
    if language is None:
        return [{**row, "labels": {**labels, "code": False}}]
    found = {"code": True, "language_by": how, "language_confidence": round(confidence, 3)}
    return [{**row, "language": language, "labels": {**labels, **found}}]


def _language(row: Row) -> tuple[str | None, float, str]:
    source = row.get("source", {})
    text = text_of(row)
    blocks = code_blocks(text)
    if not blocks:
        return identify(text, path=source.get("path"))
    # Prose with code: the language that most of the code is in. A block's own tag is the first witness.
    sizes: dict[str, int] = {}
    witness: dict[str, tuple[float, str]] = {}
    for fence, code in blocks:
        language, confidence, how = identify(code, fence=fence)
        if language is not None:
            sizes[language] = sizes.get(language, 0) + len(code)
            witness[language] = max(witness.get(language, (0.0, how)), (confidence, how))
    if not sizes:
        return None, 0.0, "no code"
    most = max(sorted(sizes), key=lambda each: sizes[each])
    return most, *witness[most]


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


def to_request(row: Row) -> Request:
    """Build the prompt for one row."""
    listing = "\n".join(f"- {name}" for name in subclass_ids())
    messages = render(OP.prompt, text=text_of(row)[:SHOWN_CHARS], subcategories=listing)
    return Request(row["id"], OP, messages, Sampling(max_tokens=LABEL_TOKENS), schema=schema())


async def label(row: Row, ask: Ask) -> list[Row]:
    """Return the row with `labels.category`, `.subcategory`, `.difficulty`, `.algorithmic`, and its language."""
    (row,) = with_language(row)
    request = to_request(row)
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
