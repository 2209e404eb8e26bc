"""What is in a set of rows, counted in one pass: the facts of a data card.

Memory does not grow with the length of the rows: lengths go into a histogram of at most some 2,000 buckets, each kind of
value is told apart up to MOST_VALUES times, and ids are remembered up to MOST_IDS (8 bytes of hash each, about 100 bytes
in Python: 100 MB at the limit).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

from syncode import storage
from syncode.errors import DataError
from syncode.reports.card import CHARACTERS_A_TOKEN, FACETS, MOST_IDS, Facts, ranked, tables
from syncode.schemas.records import Message, Row, rule_of
from syncode.schemas.wire import dumps, loads
from syncode.statistics.histogram import PERCENTILES
from syncode.text import chats
from syncode.text.fences import has_block
from syncode.text.kinds import kind_of as kind_of_row
from syncode.text.languages import kind_of

MOST_VALUES = 1000  # different languages, licences and so on; what comes later is counted as OTHER; chosen here
OTHER = "(other)"

_CONTENT = ("document", "sample", "task")  # what a data set is made of: a missing licence counts here
_PARTS = ("text", "question", "answer")


def facts_of(rows: Iterable[Row]) -> Facts:
    """Count the rows."""
    facts = Facts()
    for row in rows:
        _count_row(facts, row)
    return facts


def _count_row(facts: Facts, row: Row) -> None:
    if row.get("drop"):  # an earlier stage has dropped it: it is not in the set
        _add(facts.dropped, rule_of(row["drop"]))
        return
    facts.rows += 1
    record = kind_of_row(row)
    facts.kinds[record] += 1
    for name, _ in FACETS:
        value = _value(row, name)
        if value is not None or record in _CONTENT:
            _add(facts.facets[name], value)
    texts = _texts(row)
    for part, text in texts.items():
        facts.lengths[part].add(len(text))
    if record in _CONTENT:
        facts.content += 1
        facts.with_code += _has_code(row, texts)
        if record != "document":
            _add(facts.turns, str(len(_turns(row))))
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
    return value if value is None or isinstance(value, str) else dumps(value).decode()


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
    for turn in _turns(row):
        texts.setdefault("answer" if turn["role"] == "assistant" else "question", []).append(turn["content"])
    if isinstance(row.get("text"), str):
        texts.setdefault("answer" if "task_id" in row else "text", []).append(row["text"])
    return {part: "\n".join(texts[part]) for part in _PARTS if part in texts}


def _turns(row: Row) -> list[Message]:
    """Return the turns of a chat that can be read."""
    return chats.turns(row) if chats.has_chat(row) and chats.fault(row) is None else []


def _has_code(row: Row, texts: dict[str, str]) -> bool:
    """Return whether a row is source code, says that it has code, or holds a fenced block."""
    if "text" in texts and kind_of(_value(row, "language")) in ("code", "markup", "data"):
        return True
    return any(has_block(text) for text in texts.values())


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
        row = loads(line)
    except ValueError as error:
        raise DataError(f"{at}: not JSON ({error})") from error
    drop = row.get("drop") if isinstance(row, dict) else None
    if not drop:
        raise DataError(f"{at}: no 'drop': this is not a file written by --rejects")
    return rule_of(drop)


def as_rows(facts: Facts) -> Iterator[Row]:
    """Yield one row per fact: `{section, value, rows, share}`, and for lengths the numbers."""
    yield _row("rows", "all", facts.rows, facts.rows)
    for section, counter, whole in tables(facts):
        for value, count in ranked(counter):
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
