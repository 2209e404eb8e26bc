"""The cascade: file name > shebang > fence tag > content, each asked only where the one before leaves it open."""

import re
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from syncode.text.languages import table
from syncode.text.languages.content import classify

How = Literal["filename", "extension", "shebang", "fence", "content"]

SURE_ENOUGH = (
    0.3  # below it a guess from the text alone is wrong two times in three (docs/curation.md): None; chosen here
)

_SHEBANG = re.compile(r"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S+\s+)*)?(?:\S*/)?([A-Za-z][\w+-]*?)[\d.]*(?:\s|$)")
_EDITOR = re.compile(r"-\*-.*?(?:mode:\s*)?\b([\w+#-]+)\s*(?:;.*)?-\*-|\bvim?:.*?\b(?:ft|filetype|syntax)=([\w+#-]+)")


class Guess(NamedTuple):
    """A language (None: no code, or no one can tell), how sure that is in [0, 1], and what it was recognised by."""

    language: str | None
    confidence: float
    how: How


def identify(text: str, path: str | None = None, fence: str | None = None) -> Guess:
    """Return the language of a text.

    `path` may be a URL path or a bare name, `fence` the info string of a fenced block. A name that several languages share
    (`x.h`, `x.m`, `x.pl`) is settled by the content among these. A tag such as `text` means no code; a tag that the
    table lacks (`zenscript`) is kept as the name that it is; one that names no language (`example`) leaves it to the text.
    """
    names, how = by_path(path) if path else ((), "extension")
    if not names and (names := by_first_line(text)):
        how = "shebang"
    if not names and fence and fence.strip():
        tag = table.tag_of(fence)
        if tag.lower() in table.NO_CODE:
            return Guess(None, 1.0, "fence")
        name = table.named(tag)
        names, how = ((name,) if name else ()), "fence"
    if len(names) == 1:
        return Guess(names[0], 1.0, how)
    language, confidence = classify(text, names)
    if names and language is None:
        return Guess(names[0], 0.5, how)  # too short to settle it: the first of the table
    return Guess(language if confidence >= SURE_ENOUGH or names else None, confidence, "content")


def by_path(path: str) -> tuple[tuple[str, ...], How]:
    """Return the languages that a file name allows, most of the time one, and whether the whole name or its end told it."""
    name = PurePosixPath(path).name
    if names := table.by_filename().get(name):
        return names, "filename"
    if name.startswith("Dockerfile."):
        return ("dockerfile",), "filename"
    _, dot, extension = name.removesuffix(".gz").removesuffix(".in").rpartition(".")
    return (table.by_extension().get(extension.lower(), ()) if dot else ()), "extension"


def by_first_line(text: str) -> tuple[str, ...]:
    """Return the language named by a shebang line or an editor's mode line at the top, if any."""
    head = text[:200].partition("\n")[0]
    if match := _SHEBANG.match(head):
        return table.by_interpreter().get(match[1].lower(), ())
    if head.startswith("<?php"):
        return ("php",)
    if match := _EDITOR.search(head):
        name = table.canonical(match[1] or match[2])
        return (name,) if name else ()
    return ()
