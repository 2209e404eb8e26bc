"""A data card: what is in a set of rows, counted in one pass, as rows for programs and as Markdown for people.

Memory does not grow with the length of the rows: lengths go into a histogram of at most some 2,000 buckets, each kind of
value is told apart up to MOST_VALUES times, and ids are remembered up to MOST_IDS (8 bytes of hash each, about 100 bytes
in Python: 100 MB at the limit).
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson

from syncode import storage
from syncode.errors import DataError
from syncode.schemas.records import RECORDS, Row
from syncode.text.languages import kind_of

MOST_VALUES = 1000  # different languages, licences and so on; what comes later is counted as OTHER; ours
MOST_IDS = 1_000_000  # ids that are compared with each other; ours
OTHER = "(other)"
CHARACTERS_A_TOKEN = 4  # a common rule of thumb for English and code; an estimate, and called one wherever it is shown
PERCENTILES = (10, 25, 50, 75, 90, 99)

_KINDS = (
    "execution",
    "verdict",
    "answer",
    "step",
    "sample",
    "task",
    "document",
)  # the first one whose keys are all there
_CONTENT = ("document", "sample", "task")  # what a data set is made of: a missing licence counts here
_FACETS: tuple[tuple[str, str], ...] = (  # column, and the title of its table
    ("language", "Programming languages"),
    ("human_language", "Human languages"),
    ("category", "Categories"),
    ("subcategory", "Subcategories"),
    ("difficulty", "Difficulty"),
    ("license", "Licences"),
    ("source", "Kinds of source"),
    ("benchmark", "Benchmarks"),
    ("model", "Models that answered"),
    ("state", "States"),
    ("finish_reason", "How replies ended"),
)
# The first line of this form opens a block, closed or not, so the block itself need not be read (it would take ten times
# as long). CommonMark 0.31, section 4.5, in lists and quotes too.
_FENCE = re.compile(r"^[ \t]*(?:(?:>|[-*+]|\d+[.)])[ \t]+)*(?:`{3,}[^`\n]*|~{3,}.*)$", re.MULTILINE)
_PARTS = ("text", "question", "answer")


@dataclass
class Histogram:
    """Lengths in characters. Sum, smallest and largest are exact; a percentile is off by less than 1 %."""

    count: int = 0
    total: int = 0
    smallest: int = 0
    largest: int = 0
    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, length: int) -> None:
        """Count one length."""
        self.smallest = min(self.smallest, length) if self.count else length
        self.largest = max(self.largest, length)
        self.count += 1
        self.total += length
        shift = _shift(length)
        self.buckets[length >> shift << shift] += 1

    def percentile(self, percent: int) -> int:
        """Return the length that `percent` of 100 rows do not exceed (nearest rank), 0 where nothing was counted."""
        rank = math.ceil(self.count * percent / 100)
        for bucket in sorted(self.buckets):
            rank -= self.buckets[bucket]
            if rank <= 0:
                middle = bucket + (1 << _shift(bucket) >> 1)
                return min(max(middle, self.smallest), self.largest)
        return 0


def _shift(length: int) -> int:
    """Return how many low bits a bucket leaves out: 7 bits are kept, so a bucket is at most 1/64 of its length wide."""
    return max(0, length.bit_length() - 7)


@dataclass
class Facts:
    """Everything a card says."""

    rows: int = 0
    content: int = 0
    with_code: int = 0
    repeated_ids: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    facets: dict[str, Counter[str | None]] = field(default_factory=lambda: defaultdict(Counter))
    turns: Counter[str | None] = field(default_factory=Counter)
    lengths: dict[str, Histogram] = field(default_factory=lambda: defaultdict(Histogram))
    steps: Counter[str | None] = field(default_factory=Counter)
    models: Counter[str | None] = field(default_factory=Counter)
    dropped: Counter[str | None] = field(default_factory=Counter)
    ids: set[int] = field(default_factory=set)


def facts_of(rows: Iterable[Row]) -> Facts:
    """Count the rows."""
    facts = Facts()
    for row in rows:
        _count_row(facts, row)
    return facts


def kind(row: Row) -> str:
    """Return which record a row is, by its keys; `other` where it is none."""
    return next((name for name in _KINDS if RECORDS[name].__required_keys__ <= row.keys()), "other")  # type: ignore[attr-defined]


def _count_row(facts: Facts, row: Row) -> None:
    facts.rows += 1
    record = kind(row)
    facts.kinds[record] += 1
    for name, _ in _FACETS:
        value = _value(row, name)
        if value is not None or record in _CONTENT:
            _add(facts.facets[name], value)
    texts = _texts(row)
    for part, text in texts.items():
        facts.lengths[part].add(len(text))
    if record in _CONTENT:
        facts.content += 1
        facts.with_code += _has_code(row, texts)
        if "messages" in row:
            _add(facts.turns, str(len(_mappings(row["messages"]))))
    lineage = _mappings(row.get("lineage"))
    for key, counter in ((_step, facts.steps), (_model, facts.models)):
        for value in dict.fromkeys(filter(None, map(key, lineage))):
            _add(counter, value)
    _count_id(facts, row.get("id"))


def _value(row: Row, name: str) -> str | None:
    """Return what a row says of itself, at the top, in `labels` or in `source`."""
    source, labels = _mapping(row.get("source")), _mapping(row.get("labels"))
    if name == "source":
        value = source.get("kind")
    else:
        value = row.get(name, labels.get(name, source.get(name) if name == "license" else None))
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a list; a foreign row may have anything in its place."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _add(counter: Counter[str | None], value: str | None) -> None:
    counter[value if value in counter or len(counter) < MOST_VALUES else OTHER] += 1


def _texts(row: Row) -> dict[str, str]:
    """Return the texts whose lengths count: a document's, or what was asked and what was answered."""
    texts: dict[str, list[str]] = {}
    for turn in _mappings(row.get("messages")):
        if isinstance(turn.get("content"), str):
            texts.setdefault("answer" if turn.get("role") == "assistant" else "question", []).append(turn["content"])
    if isinstance(row.get("text"), str):
        texts.setdefault("answer" if "task_id" in row else "text", []).append(row["text"])
    return {part: "\n".join(texts[part]) for part in _PARTS if part in texts}


def _has_code(row: Row, texts: dict[str, str]) -> bool:
    """Tell whether a row is source code, says that it has code, or holds a fenced block."""
    if "text" in texts and kind_of(_value(row, "language")) in ("code", "markup", "data"):
        return True
    return any(_FENCE.search(text) for text in texts.values())


def _step(step: Mapping[str, Any]) -> str:
    prompt = step.get("prompt")
    return f"{step.get('op')} {step.get('version')}{f' ({prompt})' if prompt else ''}"


def _model(step: Mapping[str, Any]) -> str | None:
    model = step.get("model")
    return model if isinstance(model, str) else None


def _count_id(facts: Facts, name: object) -> None:
    if name is None:
        return
    known = int.from_bytes(blake2b(str(name).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
    if known in facts.ids:
        facts.repeated_ids += 1
    elif len(facts.ids) < MOST_IDS:
        facts.ids.add(known)


def drop_reasons(paths: Iterable[str]) -> Counter[str | None]:
    """Count the rows of rejects files by rule. Raises DataError with `file:line` for a row without a reason."""
    reasons: Counter[str | None] = Counter()
    for path in paths:
        for chunk in storage.read_chunks(path):
            for number, line in enumerate(chunk.lines, chunk.first):
                if line.strip():
                    _add(reasons, _reason(line, chunk.at(number)))
    return reasons


def _reason(line: bytes, at: str) -> str:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise DataError(f"{at}: not JSON ({error})") from error
    drop = row.get("drop") if isinstance(row, dict) else None
    if not isinstance(drop, str):
        raise DataError(f"{at}: no 'drop': this is not a file written by --rejects")
    return drop.partition(":")[0]


def as_rows(facts: Facts) -> Iterator[Row]:
    """Yield one row a fact: `{section, value, rows, share}`, and for lengths the numbers."""
    yield _row("rows", "all", facts.rows, facts.rows)
    for section, counter, whole in _tables(facts):
        for value, count in _ranked(counter):
            yield _row(section, value, count, whole)
    if facts.content:
        yield _row("code", "with code", facts.with_code, facts.content)
    for part, lengths in facts.lengths.items():
        yield {
            "section": "length",
            "value": part,
            "rows": lengths.count,
            "characters": lengths.total,
            "tokens_estimated": lengths.total // CHARACTERS_A_TOKEN,
            "mean": round(lengths.total / lengths.count, 1),
            "min": lengths.smallest,
            **{f"p{percent}": lengths.percentile(percent) for percent in PERCENTILES},
            "max": lengths.largest,
        }
    yield _row("repeated", "id", facts.repeated_ids, facts.rows)


def _row(section: str, value: str | None, count: int, whole: int) -> Row:
    return {
        "section": section,
        "value": value,
        "rows": count,
        "share": round(count / whole, 4) if whole else 0.0,
    }


def _tables(facts: Facts) -> Iterator[tuple[str, Counter[Any], int]]:
    """Yield each table that has something to say, with what its shares are shares of."""
    yield "record", facts.kinds, facts.rows
    for name, _ in _FACETS:
        counter = facts.facets.get(name, Counter())
        if set(counter) - {None} or (counter and name == "license"):
            yield name, counter, counter.total()
    yield "turns", facts.turns, facts.turns.total()
    yield "lineage", facts.steps, facts.rows
    yield "lineage_model", facts.models, facts.rows
    yield "dropped", facts.dropped, facts.dropped.total()


def _ranked(counter: Counter[Any]) -> list[tuple[Any, int]]:
    """Return values by count, the most frequent first, then by name; rows that say nothing come last."""
    return sorted(counter.items(), key=lambda pair: (pair[0] is None, -pair[1], str(pair[0])))


_TITLES = {
    **dict(_FACETS),
    "record": "Records",
    "turns": "Turns in a conversation",
    "lineage": "Steps that made the rows",
    "lineage_model": "Models that took part",
    "dropped": "Rows left out, by rule",
}
_COLUMNS = {"lineage": "step, version, prompt", "lineage_model": "model", "dropped": "rule"}


def as_markdown(facts: Facts, title: str, top: int) -> str:
    """Return the card; a table shows its `top` values, how many more there are, and what says nothing."""
    parts = [f"# {title}", _summary(facts)]
    for section, counter, whole in _tables(facts):
        if counter:
            column = _COLUMNS.get(section, section.replace("_", " "))
            parts.append(_table(_TITLES[section], column, counter, (whole, top)))
    if facts.lengths:
        parts.append(_length_table(facts.lengths))
    return "\n\n".join(parts) + "\n"


def _summary(facts: Facts) -> str:
    characters = sum(lengths.total for lengths in facts.lengths.values())
    lines = [f"- Rows: {facts.rows:,}"]
    if characters:
        tokens = characters // CHARACTERS_A_TOKEN
        lines.append(
            f"- Characters: {characters:,} (about {tokens:,} tokens, estimated as a quarter of the characters)"
        )
    if facts.content:
        lines.append(f"- Rows with code: {facts.with_code:,} ({_percent(facts.with_code, facts.content)})")
    limit = f" (only the first {MOST_IDS:,} ids were compared)" if len(facts.ids) >= MOST_IDS else ""
    lines.append(f"- Rows whose id stands in an earlier row: {facts.repeated_ids:,}{limit}")
    return "\n".join(lines)


def _table(title: str, column: str, counter: Counter[Any], shown: tuple[int, int]) -> str:
    whole, top = shown
    ranked = _ranked(counter)
    named = [pair for pair in ranked if pair[0] is not None]
    most = top if len(named) > top + 1 else len(named)  # "1 more" would take the place of that one
    rest = named[most:]
    entries = [(_cell(value), count) for value, count in named[:most]]
    entries += [(f"{len(rest):,} more", sum(count for _, count in rest))] if rest else []
    entries += [("*not given*", count) for value, count in ranked if value is None]
    lines = [f"## {title}", "", f"| {column} | rows | share |", "|---|---:|---:|"]
    lines += [f"| {entry} | {count:,} | {_percent(count, whole)} |" for entry, count in entries]
    return "\n".join(lines)


def _length_table(lengths: dict[str, Histogram]) -> str:
    heads = ["rows", "min", *(f"p{percent}" for percent in PERCENTILES), "max", "mean"]
    lines = ["## Lengths in characters", "", f"| part | {' | '.join(heads)} |", "|---" + "|---:" * len(heads) + "|"]
    for part, one in lengths.items():
        middle = [one.percentile(percent) for percent in PERCENTILES]
        numbers = [one.count, one.smallest, *middle, one.largest, round(one.total / one.count)]
        lines.append(f"| {part} | {' | '.join(f'{number:,}' for number in numbers)} |")
    return "\n".join([*lines, "", "Percentiles above 127 are rounded by less than 1 %."])


def _cell(value: str) -> str:
    return " ".join(value.replace("|", "\\|").split()) or "*empty*"


def _percent(count: int, whole: int) -> str:
    return f"{100 * count / whole:.1f} %" if whole else "-"
