"""The question: what is asked of the model, and the gates that its reply must pass."""

import re

from syncode.engines import Op, Request, Sampling, read_json
from syncode.prompts import render
from syncode.schemas.records import Document
from syncode.text.words import count, grams, grams_of, words

OP = Op("synth.question", version=1, prompt="synth_question.v1")

COPIED_WORDS = 13  # a run of words shared with the document makes a question a copy; chosen here
SHORTEST_WORDS = 8  # below this a question cannot say what is to be delivered; chosen here (Self-Instruct: 4)
SHORTEST_CHINESE = 15  # characters; chosen here
SCHEMA = {
    "type": "object",
    # A lower bound makes a small model write a sentence; a longer reply than the upper one is cut by its token limit anyway.
    "properties": {"question": {"type": "string", "minLength": 60, "maxLength": 6000}},
    "required": ["question"],
    "additionalProperties": False,
}

_NAMES = {"en": "English", "zh": "Chinese"}
_LABEL = re.compile(r"\A\W*(?:question|问题)\W*[:：][*\s]*", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_POINTS_BACK = re.compile(
    r"\b(?:the|this|given|provided)\s+(?:material|document|passage|article|excerpt|documentation|source text)\b"
    r"|\b(?:text|code|snippet|example|material)\s+(?:above|provided above)\b|\bas (?:described|shown) above\b"
    r"|(?:上文|上述|以上)(?:的)?(?:文档|材料|文本|代码|内容)|(?:该|这篇|本)(?:文档|材料|文章)",
    re.IGNORECASE,
)


def to_request(document: Document, document_chars: int, sampling: Sampling, human_language: str) -> Request:
    """Build the prompt. Same document, same request, same journal key."""
    messages = render(
        OP.prompt,
        language=document.get("language", "the language of your choice"),
        human_language=_NAMES[human_language],
        document=head(document["text"], document_chars),
    )
    return Request(str(document["id"]), OP, messages, sampling, schema=SCHEMA)


def head(text: str, limit: int) -> str:
    """Return the first whole lines of a text, at most `limit` characters (a longer first line is cut)."""
    if len(text) <= limit:
        return text
    return text[: text.rfind("\n", 0, limit + 1)] if "\n" in text[: limit + 1] else text[:limit]


def read(reply: str, document: Document, human_language: str) -> tuple[str, tuple[str, str] | None]:
    """Return the question, and (rule, why) where it is of no use. A reply that is no JSON is taken as the question."""
    value = read_json(reply)
    text = value["question"] if isinstance(value, dict) and isinstance(value.get("question"), str) else reply
    if text.lstrip().startswith("{"):
        return text, ("unreadable", "the reply is cut JSON")
    text = _LABEL.sub("", text).strip()
    if text.upper().startswith("UNSUITABLE"):
        return text, ("unsuitable", text)
    if text and (len(_HAN.findall(text)) > len(text) / 4) != (human_language == "zh"):
        return text, ("human_language", f"not in {_NAMES[human_language]}")
    if short := _too_short(text, human_language):
        return text, ("short_question", short)
    if back := _POINTS_BACK.search(text):
        return text, ("not_self_contained", f"points back to its source: {back.group(0)!r}")
    if run := _copied(text, document["text"]):
        return text, ("copied", f"{COPIED_WORDS} words in a row from the document: {run!r}")
    return text, None


def _too_short(text: str, human_language: str) -> str | None:
    if human_language == "zh":
        characters = len(_HAN.findall(text))
        return f"{characters} < {SHORTEST_CHINESE} Chinese characters" if characters < SHORTEST_CHINESE else None
    found = count(text)
    return f"{found:g} < {SHORTEST_WORDS} words" if found < SHORTEST_WORDS else None


def _copied(text: str, source: str) -> str | None:
    """Return a run of words that stands in both, ignoring case and punctuation."""
    mine = list(grams(_lower(text), COPIED_WORDS))
    theirs = set(mine).intersection(grams_of(source, COPIED_WORDS, _lower))
    return next((run for run in mine if run in theirs), None)


def _lower(text: str) -> list[str]:
    return words(text.lower())
