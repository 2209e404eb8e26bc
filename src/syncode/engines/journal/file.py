"""The tables of a journal file, and the sums over them."""

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass

from syncode.engines.pacing.budget import Amount, Budget
from syncode.storage.sqlite import log_ahead

VERSION = 1  # of the tables (PRAGMA user_version)
APPLICATION = 0x73796E63  # "sync": marks the file as a journal (PRAGMA application_id)
_BUSY_SECONDS = 30.0  # how long another run may hold the file before that is an error (chosen here)
_TABLES = """
CREATE TABLE IF NOT EXISTS answers (
    key BLOB NOT NULL UNIQUE, model TEXT NOT NULL, op TEXT NOT NULL, version INTEGER NOT NULL, record TEXT NOT NULL,
    k INTEGER NOT NULL, body BLOB NOT NULL, prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL, seconds REAL NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS failures (
    key BLOB PRIMARY KEY, model TEXT NOT NULL, op TEXT NOT NULL, version INTEGER NOT NULL, record TEXT NOT NULL,
    k INTEGER NOT NULL, error TEXT NOT NULL, body BLOB, at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (
    key BLOB PRIMARY KEY, run TEXT NOT NULL, model TEXT NOT NULL, requests INTEGER NOT NULL, tokens INTEGER NOT NULL,
    nano INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (
    model TEXT PRIMARY KEY, requests INTEGER NOT NULL, tokens INTEGER NOT NULL, nano INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (
    intent TEXT PRIMARY KEY, run TEXT NOT NULL, endpoint TEXT NOT NULL, batch TEXT, at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batched (
    key BLOB PRIMARY KEY, intent TEXT NOT NULL, model TEXT NOT NULL, op TEXT NOT NULL, version INTEGER NOT NULL,
    record TEXT NOT NULL, k INTEGER NOT NULL
) WITHOUT ROWID;
"""
# Later than the others, and made in older journals too: what is particular about an answer. `answered` is the name that it came
# under if it is not the one asked for, `sent` (JSON) how the request was put differently.
_NOTES = "CREATE TABLE IF NOT EXISTS notes (key BLOB PRIMARY KEY, answered TEXT, sent TEXT) WITHOUT ROWID"
_COLUMN = {"usd": "nano", "tok": "tokens", "req": "requests"}


@dataclass(frozen=True)
class Entry:
    """What is known about a request besides its answer."""

    key: bytes
    model: str
    op: str
    version: int
    record: str
    k: int


@dataclass(frozen=True)
class Kept:
    """An answer as it came, and what is particular about it: see the table `notes`. One that came by batch took 0 seconds."""

    body: bytes
    usage: Mapping[str, int]
    seconds: float = 0.0
    answered: str | None = None
    sent: tuple[str, ...] = ()


def open_file(path: str) -> sqlite3.Connection:
    """Open a journal, making it if it is not there; ValueError for a file that is something else."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_SECONDS)
    try:
        connection.execute("BEGIN")  # one look at all three: another run may be making the tables
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        connection.execute("COMMIT")
        if tables and application != APPLICATION:
            raise ValueError("not a journal")
        if version > VERSION:
            raise ValueError("a newer version of syncode made this journal")
        log_ahead(connection, _BUSY_SECONDS)
        # NORMAL: a commit survives the death of the process; for the death of the machine, group_commit syncs the log itself.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # group_commit does it, outside the event loop
        if not tables:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT"
            )
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'notes'").fetchone():
            connection.execute(_NOTES)
    except BaseException:
        connection.close()
        raise
    return connection


def keep_answer(connection: sqlite3.Connection, entry: Entry, kept: Kept) -> None:
    """Add a raw answer; an earlier failure of the same request is forgotten."""
    counts = [kept.usage.get(name, 0) for name in ("prompt_tokens", "cached_tokens", "completion_tokens")]
    row = (*_columns(entry), kept.body, *counts, kept.seconds, time.time())
    added = connection.execute(f"INSERT OR IGNORE INTO answers VALUES ({', '.join('?' * 12)})", row).rowcount
    if added and (kept.answered or kept.sent):
        sent = json.dumps(kept.sent) if kept.sent else None
        connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", (entry.key, kept.answered, sent))
    connection.execute("DELETE FROM failures WHERE key = ?", (entry.key,))


def keep_failure(connection: sqlite3.Connection, entry: Entry, error: str, body: bytes | None) -> None:
    """Add or renew a failure."""
    row = (*_columns(entry), error, body, time.time())
    connection.execute(f"INSERT OR REPLACE INTO failures VALUES ({', '.join('?' * 9)})", row)


def _columns(entry: Entry) -> tuple[bytes, str, str, int, str, int]:
    return (entry.key, entry.model, entry.op, entry.version, entry.record, entry.k)


def charge_claim(connection: sqlite3.Connection, entry: Entry, spent: Amount) -> None:
    """Let go of the claim on a request and charge what it really cost."""
    connection.execute("DELETE FROM claims WHERE key = ?", (entry.key,))
    charge(connection, entry.model, spent)


def charge(connection: sqlite3.Connection, model: str, spent: Amount) -> None:
    """Add to what a model has cost."""
    connection.execute(
        "INSERT INTO ledger VALUES (?, ?, ?, ?) ON CONFLICT (model) DO UPDATE SET requests = requests + excluded.requests,"
        " tokens = tokens + excluded.tokens, nano = nano + excluded.nano",
        (model, spent.requests, spent.tokens, spent.nano),
    )


def charge_run(connection: sqlite3.Connection, run: str) -> None:
    """Charge the claims of a run that will never settle them at what they reserved, and let go of them."""
    held = connection.execute(
        "SELECT model, sum(requests), sum(tokens), sum(nano) FROM claims WHERE run = ? GROUP BY model", (run,)
    ).fetchall()
    for model, *amounts in held:
        charge(connection, model, Amount(*amounts))
    connection.execute("DELETE FROM claims WHERE run = ?", (run,))


def reserved(connection: sqlite3.Connection, key: bytes) -> Amount:
    """Return what is reserved for a request, nothing if it is not claimed."""
    found = connection.execute("SELECT requests, tokens, nano FROM claims WHERE key = ?", (key,)).fetchone()
    return Amount(*found) if found else Amount()


def total(connection: sqlite3.Connection, table: str, budget: Budget) -> int:
    """Return the sum over `ledger` or `claims` in the unit of a budget."""
    column = _COLUMN[budget.unit]
    return int(connection.execute(f"SELECT coalesce(sum({column}), 0) FROM {table}").fetchone()[0])
