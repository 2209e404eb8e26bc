"""The report stage behind `judge --from-replies`: stored replies of other harnesses in, verdict rows out, no server."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from syncode.errors import DataError
from syncode.schemas.records import Row, content_id
from syncode.stages.judge.archives import Stored, stored_in
from syncode.stages.judge.forms import FORMS, Form
from syncode.stages.judge.reading import Reading, read_text, standing_labels
from syncode.verdicts.labels import FIVE, VALUES


class Rereading:
    """Reads every stored reply by our rules, and counts where the published reader says something else."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield one row per stored reply. Raises DataError for a row of no known form."""
        for row in rows:
            found = stored_in(row)
            if found is None:
                keys = ", ".join(list(row)[:8])
                raise DataError(
                    f"no stored replies of a known form (its keys: {keys}): expected arena-hard, JudgeBench, MT-bench, "
                    "AlpacaEval, WildBench, Prometheus, JudgeLM, Auto-J, or rows of judge with their reply"
                )
            yield from (self._row(stored) for stored in found)

    def _row(self, stored: Stored) -> Row:
        form = FORMS.get(stored.form)
        reading, theirs = _read(stored, form)
        counts = self.counts[stored.form]
        counts["replies"] += 1
        counts["read"] += reading.state == "ok"
        counts[_compared(reading, theirs, stored)] += 1
        row: Row = {
            "id": content_id("stored", stored.form, dict(stored.known), stored.text, stored.share),
            **stored.known,
            "protocol": stored.known.get("protocol") or (form.protocol if form else "alpaca-eval"),
            "state": reading.state,
            "reader": stored.form,
            "published": theirs,
            "stored": stored.stored,
            "labels_found": list(reading.found),
            "reason": reading.reason,
        }
        row |= {"reply": stored.text} if stored.text is not None else {}
        if form and form.scale:
            return row | _score(reading, form.scale)
        row |= {"label": reading.label, "value": None if reading.label is None else VALUES[reading.label]}
        return row | ({"share": stored.share, "label": None, "value": None} if stored.share is not None else {})

    def lines(self) -> list[str]:
        """Return for people, per form: how many replies were read, and how the published reader differs."""
        lines = []
        for name, counts in self.counts.items():
            form = FORMS.get(name)
            missing = counts["replies"] - counts["read"]
            told = f"{name}: {counts['read']:,} of {counts['replies']:,} replies read, {missing:,} missing"
            reader = f"its published reader ({form.reader})" if form else "the file"
            told += (
                f"; {reader}: {counts['same']:,} the same, {counts['only here']:,} read only here, {counts['only there']:,} only "
                f"there, {counts['different']:,} different"
            )
            lines.append(told + (f"; {counts['no reply']:,} without a stored reply" if counts["no reply"] else ""))
        return lines


def _read(stored: Stored, form: Form | None) -> tuple[Reading, str | None]:
    """Return our reading, and the published one (what the file holds, if the reply does not hold text that both could read)."""
    if stored.share is not None:
        return Reading(None, "ok"), stored.stored
    if stored.label is not None:
        return Reading(stored.label, "ok", (stored.label,)), stored.stored
    if stored.state is not None:
        return Reading(None, stored.state), stored.stored
    if stored.text is None or form is None:
        return Reading(None, "no_reply"), stored.stored
    theirs = stored.stored if form.published is None else form.published(stored.text)
    if stored.texts and form.protocol == "arena-hard-v0.1":
        standing = standing_labels(stored.texts, FIVE)
        return read_text(stored.text, FIVE, standing=standing), theirs
    reading = form.read(stored.text)
    return (replace(reading, state=stored.unread) if stored.unread and reading.label is None else reading), theirs


def _compared(reading: Reading, theirs: str | None, stored: Stored) -> str:
    if reading.state == "no_reply" or stored.state is not None:
        return "no reply"
    ours = reading.label
    if stored.share is not None:
        ours = "A=B" if stored.share == 0.5 else "A>B" if stored.share > 0.5 else "B>A"
    if ours is None or theirs is None:
        return "same" if ours is theirs else "only here" if theirs is None else "only there"
    return "same" if ours == theirs else "different"


def _score(reading: Reading, scale: tuple[int, int]) -> dict[str, Any]:
    """Return points and score of a grade, as rows of `scoring` have them."""
    low, high = scale
    if reading.label is None:
        return {"score": None, "points": None}
    points = float(reading.label)
    return {"score": (points - low) / (high - low), "points": points, "scale": [low, high]}
