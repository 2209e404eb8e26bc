"""The arena: 40 questions written for syncode, one a subclass of CodeArena's taxonomy.

Each question is a Markdown file, `arena/<class>/<subclass>.md`: a head of `key: value` lines between two `---`, the
question, and where a program can check the answer, after a line `=== tests ===` the assertions and after a line
`=== reference ===` an answer that passes them.
"""

import re
from collections.abc import Iterator
from importlib.resources import files

from syncode.schemas.records import Row
from syncode.text.taxonomy import Subclass, subclasses

VERSION = 1
"""Raise it when a question changes its meaning: answers and verdicts of different versions do not compare."""

LICENSE = "Apache-2.0"
AUTHOR = "syncode"  # the name under which a reference answer stands, as a model's would

_HEAD = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)
_MARK = re.compile(r"^=== (tests|reference) ===$", re.MULTILINE)


def arena() -> Iterator[Row]:
    """Yield the 40 Task rows in the order of the taxonomy."""
    folder = files(__package__).joinpath("arena")
    for subclass in subclasses():
        yield to_task(subclass, folder.joinpath(f"{subclass.id}.md").read_text(encoding="utf-8"))


def to_task(subclass: Subclass, text: str) -> Row:
    """Return the Task row of one file. Raises ValueError if the file does not have the form above."""
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"arena/{subclass.id}.md does not begin with a head between two lines of ---")
    settings = dict(line.split(": ", 1) for line in head[1].splitlines())
    question, *rest = _MARK.split(text[head.end() :])
    parts = {name: body.strip("\n") for name, body in zip(rest[::2], rest[1::2], strict=True)}
    row: Row = {
        "id": f"arena/{subclass.id}",
        "benchmark": "arena",
        "version": VERSION,
        "messages": [{"role": "user", "content": question.strip("\n")}],
        "category": subclass.category,
        "subcategory": subclass.id,
        **settings,
        "license": LICENSE,
    }
    if "tests" in parts:
        row["tests"] = parts["tests"]
    if "reference" in parts:
        row["references"] = {AUTHOR: parts["reference"]}
    return row
