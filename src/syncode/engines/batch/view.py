"""What a provider says of one batch: its state in one spelling, its files, and why it failed, in whatever form that comes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from syncode.engines.replies.decode import Unreadable, decode
from syncode.engines.replies.words import Words, words_in

End = Literal["completed", "expired", "failed", "cancelled", ""]

# The words of OpenAI, Azure, Anthropic, Mistral, Together, Groq, Gemini. Whole words: `cancelling` and `in_progress` go on.
_ENDS: tuple[tuple[End, str], ...] = (
    ("failed", "failed|failure|errored|error|rejected"),
    ("cancelled", "cancelled|canceled|aborted"),
    ("expired", "expired|timeout|timed_?out"),
    ("completed", "completed?|ended|done|finished|succeeded|success"),
)
_PATTERNS = tuple((end, re.compile(rf"(?<![a-z])(?:{words})(?![a-z])")) for end, words in _ENDS)


@dataclass(frozen=True)
class View:
    """One batch as the provider shows it. `end` is empty while it goes on; `status` is the provider's own word for it."""

    id: str
    status: str
    end: End
    files: tuple[str, ...] = ()
    refusal: Words | None = None
    counts: str = ""
    file: str = ""
    intent: str = ""
    at: float | None = None


def view(value: Any) -> View:
    """Return what a decoded batch says; Unreadable for anything else."""
    if not isinstance(value, Mapping) or not isinstance(value.get("id"), str):
        raise Unreadable(f"not a batch: {words_in(value).text}")
    status = str(value.get("status") or "")
    given = (value.get(name) for name in ("output_file_id", "error_file_id"))
    files = tuple(dict.fromkeys(name for name in given if isinstance(name, str) and name))
    metadata, at = value.get("metadata"), value.get("created_at")
    return View(
        value["id"],
        status,
        _end(status),
        files,
        _refusal(value.get("errors") or value.get("error")),
        _counts(value.get("request_counts")),
        str(value.get("input_file_id") or ""),
        str(metadata.get("syncode_intent") or "") if isinstance(metadata, Mapping) else "",
        float(at) if isinstance(at, int | float) else None,
    )


def views(body: bytes) -> tuple[list[View], bool]:
    """Return the batches on one page of a list, and whether there are more; Unreadable for anything else."""
    page = decode(body)
    items = page.get("data") if isinstance(page, Mapping) else page
    if not isinstance(items, list):
        raise Unreadable(f"not a list of batches: {words_in(page).text}")
    batches = [view(item) for item in items if isinstance(item, Mapping) and isinstance(item.get("id"), str)]
    return batches, isinstance(page, Mapping) and bool(page.get("has_more"))


def _end(status: str) -> End:
    word = status.lower().replace("-", "_").replace(" ", "_")
    return next((end for end, pattern in _PATTERNS if pattern.search(word)), "")


def _refusal(errors: Any) -> Words | None:
    """Return what the errors of a batch say: a list of them, one, or a text; the codes stand before the words."""
    if isinstance(errors, Mapping) and "data" in errors:
        errors = errors["data"]
    if not errors:
        return None
    several = errors if isinstance(errors, list) else [errors]
    said = [words_in(each if isinstance(each, Mapping) else str(each)) for each in several]
    text = "; ".join(dict.fromkeys(f"{words.codes} {words.text}".strip() for words in said))
    return Words(text, places=frozenset().union(*(words.places for words in said)))


def _counts(counts: Any) -> str:
    if not isinstance(counts, Mapping) or "total" not in counts:
        return ""
    return f": {counts.get('completed', 0)} of {counts['total']} done"
