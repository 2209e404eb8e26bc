"""The blind sheet for people to label, and the key that says afterwards which model wrote what; both as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from syncode.errors import DataError
from syncode.verdicts.texts import Texts

SHEET = ("item", "for", "question", "answer_1", "answer_2", "label", "annotator")
KEY = ("item", "task_id", "model_a", "model_b", "order", "weight", "stratum", "again")
SHAS = ("question_sha", "answer_sha_a", "answer_sha_b")
"""More columns of the key if the verdicts have digests: labels are of these texts, and of no others under the same names."""


@dataclass(frozen=True)
class Item:
    """One pair on the sheet. `first` and `second` are models in the order shown, `weight` how many pairs it stands for."""

    name: str
    task: str
    first: str
    second: str
    weight: float
    stratum: str
    again: bool = False
    people: str = ""
    shas: tuple[str, str, str] = ("", "", "")

    def key_line(self) -> list[str]:
        """Return the line of the key: model_a is the answer shown first, `again` an item that was there before, exchanged."""
        return [
            self.name,
            self.task,
            self.first,
            self.second,
            "ab",
            f"{self.weight:.6g}",
            self.stratum,
            str(int(self.again)),
        ]


def sheet_text(items: Sequence[Item], texts: Texts) -> str:
    """Return the sheet as CSV, without a model's name; raise DataError if a text is not in the files."""
    return _csv(SHEET, [[item.name, item.people, *map(_inert, shown(item, texts)), "", ""] for item in items])


def _inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: answers often begin with a dash, and may begin with anything."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def key_text(items: Sequence[Item]) -> str:
    """Return the key as CSV."""
    if not any(any(item.shas) for item in items):
        return _csv(KEY, [item.key_line() for item in items])
    return _csv((*KEY, *SHAS), [[*item.key_line(), *item.shas] for item in items])


def shown(item: Item, texts: Texts) -> tuple[str, str, str]:
    """Return question and both answers in the order of the item."""
    try:
        question = texts.questions[item.task]
        return question, texts.answers[(item.first, item.task)], texts.answers[(item.second, item.task)]
    except KeyError as error:
        raise DataError(f"no text for {error.args[0]!r}: name all files with --tasks and --answers") from error


def _csv(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return out.getvalue()
