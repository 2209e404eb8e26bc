"""Reads a journal for people: what each model was asked and what it cost, and every answer as a row."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NotRequired, TypedDict

from syncode.engines.journal.file import open_file
from syncode.engines.pacing.budget import NANO, Price
from syncode.engines.wire import Unreadable, read
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
    raw: NotRequired[str]


class ModelUse(TypedDict):
    """What one model was asked by all runs of a journal. `usd` is null where no price is known."""

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
            sums = {
                model: amounts
                for model, *amounts in connection.execute(
                    "SELECT model, count(*), sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens), sum(seconds),"
                    " sum(length(body)) FROM answers GROUP BY model"
                )
            }
            failures = dict(connection.execute("SELECT model, count(*) FROM failures GROUP BY model"))
            claims = dict(connection.execute("SELECT model, count(*) FROM claims GROUP BY model"))
            ledger = {
                model: (requests, nano)
                for model, requests, nano in connection.execute("SELECT model, requests, nano FROM ledger")
            }
        for model in sorted({*sums, *failures, *claims, *ledger}):
            answers, prompt, cached, completion, seconds, size = sums.get(model, [0] * 6)
            requests, nano = ledger.get(model, (0, 0))
            price = prices.get(model)
            spent = price.nano(prompt, completion, cached) if price else nano
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
                " NULL FROM answers ORDER BY rowid"
            ):
                yield _entry(row, raw)
            for row in connection.execute(
                "SELECT key, model, op, version, record, k, body, 0, 0, 0, 0.0, at, error FROM failures ORDER BY at, key"
            ):
                yield _entry(row, raw)


def _entry(row: Sequence[object], raw: bool) -> Row:
    names = ("prompt_tokens", "cached_tokens", "completion_tokens", "seconds")
    key, model, op, version, record, k, body, *counts, at, error = row
    assert isinstance(key, bytes) and isinstance(at, float)
    text = reason = None
    if isinstance(body, bytes):
        try:
            reply = read(body)
            text, reason = reply.text, reply.finish_reason
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
    }
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
