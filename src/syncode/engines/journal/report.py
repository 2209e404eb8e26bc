"""Reads a journal for people: what each model was asked and what it cost, and every answer as a row."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import orjson

from syncode.engines.journal.file import open_file
from syncode.engines.pacing.budget import NANO, Price
from syncode.engines.replies.completion import read
from syncode.engines.replies.decode import Unreadable
from syncode.errors import DataError
from syncode.schemas.records import Row


class JournalEntry(TypedDict):
    """One request in a journal: its answer, or the error it ended in."""

    key: str
    model: str
    op: str
    version: int
    record: str
    k: int
    text: str | None
    finish_reason: str | None
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    seconds: float
    at: str
    error: str | None
    reasoning: NotRequired[str]
    tool_calls: NotRequired[list[dict[str, Any]]]
    answered: NotRequired[str]  # the name that the answer came under, if it is not the one asked for
    sent: NotRequired[list[str]]  # how the request was put differently for this server
    raw: NotRequired[str]


class ModelUse(TypedDict):
    """What one model was asked by all runs of a journal. `usd` is null if no price is known."""

    journal: str
    model: str
    answers: int
    failures: int
    in_the_air: int
    requests: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    seconds: float
    bytes: int
    usd: float | None


@contextmanager
def opened(path: str) -> Iterator[sqlite3.Connection]:
    """Yield the database of a journal that is there; DataError names it where something is wrong."""
    if not Path(path).is_file():
        raise DataError(f"{path}: there is no such journal")
    try:
        connection = open_file(path)
    except (sqlite3.Error, ValueError) as error:
        raise DataError(f"{path}: {error}") from error
    with closing(connection):
        try:
            yield connection
        except sqlite3.Error as error:
            raise DataError(f"{path}: {error}") from error


def uses(paths: Sequence[str], prices: Mapping[str, Price]) -> Iterator[Row]:
    """Yield one ModelUse row for each model of each journal.

    `requests` counts attempts that were sent, also those that failed or were lost to a kill; `usd` is what the prices make of
    the tokens, else what was booked under `--prices` at the time.
    """
    for path in paths:
        with opened(path) as connection:
            sums: dict[str, list[float]] = {}
            # What came by batch took 0 seconds (see `Kept`), and has a price of its own.
            for model, batch, *amounts in connection.execute(
                "SELECT model, seconds = 0, count(*), sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens),"
                " sum(seconds), sum(length(body)) FROM answers GROUP BY model, seconds = 0"
            ):
                price = prices.get(model)
                _, prompt, cached, completion, *_ = amounts
                usd = price.nano(prompt, completion, cached, batch=bool(batch)) if price else 0
                before = sums.get(model, [0] * 7)
                sums[model] = [old + new for old, new in zip(before, [*amounts, usd], strict=True)]
            failures = dict(connection.execute("SELECT model, count(*) FROM failures GROUP BY model"))
            claims = dict(connection.execute("SELECT model, count(*) FROM claims GROUP BY model"))
            ledger = {
                model: (requests, nano)
                for model, requests, nano in connection.execute("SELECT model, requests, nano FROM ledger")
            }
        for model in sorted({*sums, *failures, *claims, *ledger}):
            answers, prompt, cached, completion, seconds, size, priced = sums.get(model, [0] * 7)
            requests, nano = ledger.get(model, (0, 0))
            price = prices.get(model)
            spent = priced if price else nano
            yield {
                "journal": path,
                "model": model,
                "answers": answers,
                "failures": failures.get(model, 0),
                "in_the_air": claims.get(model, 0),
                "requests": requests,
                "prompt_tokens": prompt,
                "cached_tokens": cached,
                "completion_tokens": completion,
                "seconds": round(seconds, 3),
                "bytes": size,
                "usd": spent / NANO if price or nano else None,
            }


def entries(paths: Sequence[str], *, raw: bool) -> Iterator[Row]:
    """Yield one JournalEntry row for each answer, in the order they came, then for each failure.

    `raw` adds the server's whole response. A body that cannot be read (a failure's, mostly) has no text.
    """
    for path in paths:
        with opened(path) as connection:
            for row in connection.execute(
                "SELECT key, model, op, version, record, k, body, prompt_tokens, cached_tokens, completion_tokens, seconds, at,"
                " NULL, answered, sent FROM answers LEFT JOIN notes USING (key) ORDER BY answers.rowid"
            ):
                yield _entry(row, raw)
            for row in connection.execute(
                "SELECT key, model, op, version, record, k, body, 0, 0, 0, 0.0, at, error, NULL, NULL FROM failures"
                " ORDER BY at, key"
            ):
                yield _entry(row, raw)


def _entry(row: Sequence[object], raw: bool) -> Row:
    names = ("prompt_tokens", "cached_tokens", "completion_tokens", "seconds")
    key, model, op, version, record, k, body, *counts, at, error, answered, sent = row
    assert isinstance(key, bytes) and isinstance(at, float)
    text = reason = None
    parts: Row = {}
    if isinstance(body, bytes):
        try:
            reply = read(body)
            text, reason, parts = reply.text, reply.finish_reason, reply.parts
        except Unreadable:
            pass  # kept as it came, under `raw`
    entry = {
        "key": key.hex(),
        "model": model,
        "op": op,
        "version": version,
        "record": record,
        "k": k,
        "text": text,
        "finish_reason": reason,
        **dict(zip(names, counts, strict=True)),
        "at": moment(at),
        "error": error,
        **parts,
    }
    if isinstance(answered, str):
        entry["answered"] = answered
    if isinstance(sent, str):
        entry["sent"] = orjson.loads(sent)
    if raw and isinstance(body, bytes):
        entry["raw"] = body.decode("utf-8", "replace")
    return entry


def moment(at: float) -> str:
    """Return a time of the journal (seconds since 1970) as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def size_line(paths: Sequence[str]) -> str:
    """Say how large the journals are on the disk, logs included."""
    parts = []
    for path in paths:
        files = [Path(path), Path(f"{path}-wal")]
        size = sum(file.stat().st_size for file in files if file.exists())
        parts.append(f"{path} takes {size / 2**20:.1f} MiB")
    return ", ".join(parts)
