"""The fold: reads all rows, puts them in a total order, and drops each that is a copy of one that stands before it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from syncode.errors import unknown
from syncode.schemas.records import Name, Row, dropped, value_at
from syncode.schemas.wire import dumps
from syncode.stages.dedup.cluster import Clusters
from syncode.stages.dedup.settings import Dedup
from syncode.stages.dedup.sketch import Candidates, signatures
from syncode.stages.dedup.texts import compared, exact_keys, group, jaccard, shingles


class Named(TypedDict):
    """What dedup needs of a row besides its chat."""

    id: Name
    text: NotRequired[str]


@dataclass(frozen=True)
class _Twin:
    """Which row, by its place in the order, is the original, and how alike the two are (None: exact)."""

    original: int
    similarity: float | None = None


def dedup(rows: Iterable[Row], options: Dedup) -> Iterator[Row]:
    """Yield every row in the order it came, copies marked `drop: dedup.exact: KEPT_ID` or `dedup.near: KEPT_ID jaccard 0.83`.

    Documents are compared by `text`, chats by the question and, exactly, by the code of the answer, answers with those of
    the same model to the same task. Chats that differ in tools, system turn, calls, results or an earlier answer are not copies.
    Rows are taken in a total order: highest `keep_by` first, rows without it last, then lowest id; never in order of arrival. A
    row is dropped only if a row that is kept has the same text or a verified Jaccard similarity of at least the threshold.
    `dup_of` names that row, `cluster` the first of all that hang together by such pairs. A row in which nothing is said is a copy
    of nothing.

    Memory per row: the row itself (Python keeps about three times its JSON) and its line, its signature (1.9 KB at 128
    permutations), and for a kept row 6.6 KB of bands.
    """
    held = list(rows)
    if options.keep_by is not None:
        _need_field(held, options.keep_by)
    order = ranking(held, options.keep_by)
    ranked = [held[number] for number in order]
    twins = _twins(ranked, options)
    clusters = Clusters(len(ranked))
    for place, matches in twins.items():
        for match in matches:
            clusters.join(place, match.original)
    places = {number: place for place, number in enumerate(order)}
    for number, row in enumerate(held):
        place = places[number]
        if place in twins:
            yield _marked(row, ranked, twins[place], ranked[clusters.find(place)]["id"])
        else:
            yield row


def ranking(rows: list[Row], keep_by: str | None) -> list[int]:
    """Return the numbers of the rows, the one to keep first. Their bytes decide between rows that tie in everything else."""
    ids = [str(row["id"]) for row in rows]
    times = Counter(ids)

    def rank(at: int) -> tuple[str, bytes]:
        return ids[at], dumps(rows[at], sort_keys=True) if times[ids[at]] > 1 else b""

    numbers = sorted(range(len(rows)), key=rank)
    if keep_by is None:
        return numbers
    ranks = [_rank(row, keep_by) for row in rows]
    return sorted(
        numbers, key=ranks.__getitem__, reverse=True
    )  # stable, also in reverse: equals stay in order of their id


def _need_field(rows: list[Row], name: str) -> None:
    """Raise UsageError, with the nearest names, for a field that has a number or a text in no row."""
    if rows and not any(_rank(row, name)[0] for row in rows):
        names = dict.fromkeys(known for row in rows for known in _names(row))
        raise unknown("field", name, names, "--keep-by")


def _names(values: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Yield the names of numbers and texts in a row, those inside objects as `labels.score`."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _names(value, f"{before}{key}.")
        elif isinstance(value, int | float | str):
            yield f"{before}{key}"


def _rank(row: Row, name: str) -> tuple[int, float, str]:
    """Return what to sort by, highest first: numbers above texts above rows without the field."""
    value = value_at(row, name)
    if isinstance(value, int | float):
        return 2, value, ""
    return (1, 0.0, value) if isinstance(value, str) else (0, 0.0, "")


def _twins(ranked: list[Row], options: Dedup) -> dict[int, list[_Twin]]:
    """Return for each row that is a copy the kept rows it is a copy of, by their places in the order."""
    twins: dict[int, list[_Twin]] = {}
    kept: dict[bytes, int] = {}
    groups = list(map(group, ranked))
    near = _Near(ranked, groups, options) if options.method != "exact" else None
    for place, row in enumerate(ranked):
        keys = exact_keys(row, groups[place]) if options.method != "near" else []
        same = sorted({kept[key] for key in keys if key in kept})
        found = [_Twin(original) for original in same] or (near.twins(place) if near else [])
        if found:
            twins[place] = found
            continue
        kept.update(dict.fromkeys(keys, place))
        if near:
            near.keep(place)
    return twins


class _Near:
    """Near copies among the rows that are kept."""

    def __init__(self, ranked: list[Row], groups: list[str], options: Dedup) -> None:
        self._rows, self._groups, self._options = ranked, groups, options
        self._signatures = list(signatures(map(self._shingles, ranked), options.num_perm))
        self._candidates = Candidates(options.num_perm, options.threshold)

    def twins(self, place: int) -> list[_Twin]:
        """Return the kept rows that a row is a near copy of, verified."""
        candidates = self._candidates.of(self._signatures[place])
        if not candidates:
            return []
        mine = self._shingles(self._rows[place])
        within = self._groups[place]
        candidates = [other for other in candidates if self._groups[other] == within]
        alike = [(other, jaccard(mine, self._shingles(self._rows[other]))) for other in candidates]
        return [
            _Twin(other, similarity) for other, similarity in alike if mine and similarity >= self._options.threshold
        ]

    def keep(self, place: int) -> None:
        """Compare later rows with this one."""
        self._candidates.add(place, self._signatures[place])

    def _shingles(self, row: Row) -> set[str]:
        return shingles(compared(row), self._options.ngram)


def _marked(row: Row, ranked: list[Row], twins: list[_Twin], cluster: Name) -> Row:
    best = max(twins, key=lambda twin: (twin.similarity or 1.0, -twin.original))
    original = ranked[best.original]["id"]
    marks = {**row, "dup_of": original, "cluster": cluster}
    if best.similarity is None:
        return dropped(marks, "dedup.exact", str(original))
    return dropped(
        {**marks, "jaccard": round(best.similarity, 4)}, "dedup.near", f"{original} jaccard {best.similarity:.2f}"
    )
