"""A data card: the facts that were counted of a set of rows, and the same as Markdown to publish with it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from syncode.statistics.histogram import PERCENTILES, Histogram

MOST_IDS = 1_000_000  # ids that are compared with each other; chosen here
CHARACTERS_A_TOKEN = 4  # a common rule of thumb for English and code; an estimate, and called one wherever it is shown

FACETS: tuple[tuple[str, str], ...] = (  # column, and the title of its table
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


def tables(facts: Facts) -> Iterator[tuple[str, Counter[Any], int]]:
    """Yield each table that has something to say, with what its shares are shares of."""
    yield "record", facts.kinds, facts.rows
    for name, _ in FACETS:
        counter = facts.facets.get(name, Counter())
        if set(counter) - {None} or (counter and name == "license"):
            yield name, counter, counter.total()
    yield "turns", facts.turns, facts.turns.total()
    yield "lineage", facts.steps, facts.rows
    yield "lineage_model", facts.models, facts.rows
    yield "dropped", facts.dropped, facts.dropped.total()


def ranked(counter: Counter[Any]) -> list[tuple[Any, int]]:
    """Return values by count, the most frequent first, then by name; rows that say nothing come last."""
    return sorted(counter.items(), key=lambda pair: (pair[0] is None, -pair[1], str(pair[0])))


_TITLES = {
    **dict(FACETS),
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
    for section, counter, whole in tables(facts):
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
    values = ranked(counter)
    named = [pair for pair in values if pair[0] is not None]
    most = top if len(named) > top + 1 else len(named)  # "1 more" would take the place of that one
    rest = named[most:]
    entries = [(_cell(value), count) for value, count in named[:most]]
    entries += [(f"{len(rest):,} more", sum(count for _, count in rest))] if rest else []
    entries += [("*not given*", count) for value, count in values if value is None]
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
