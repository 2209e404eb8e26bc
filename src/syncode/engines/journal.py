"""The journal: every answer, as it came, in one SQLite file, so that none is asked or paid for twice."""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from syncode.errors import EngineError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    key BLOB NOT NULL UNIQUE, model TEXT NOT NULL, op TEXT NOT NULL, record TEXT NOT NULL, k INTEGER NOT NULL,
    body BLOB NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS failures (
    key BLOB PRIMARY KEY, model TEXT NOT NULL, op TEXT NOT NULL, record TEXT NOT NULL, k INTEGER NOT NULL,
    error TEXT NOT NULL, at REAL NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Entry:
    """What is known about a request besides its answer."""

    key: bytes
    model: str
    op: str
    record: str
    k: int


class Journal:
    """One journal file, opened by one run."""

    def __init__(self, path: str) -> None:
        try:
            if path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise EngineError(f"journal {path}: {error}") from error

    def answer(self, key: bytes) -> bytes | None:
        """Return the raw answer to a request, None where there is none."""
        found = self._connection.execute("SELECT body FROM answers WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def failed(self, key: bytes) -> bool:
        """Tell whether the request ended in an error before."""
        return self._connection.execute("SELECT 1 FROM failures WHERE key = ?", (key,)).fetchone() is not None

    async def store(self, entry: Entry, body: bytes) -> None:
        """Keep a raw answer."""
        row = (entry.key, entry.model, entry.op, entry.record, entry.k, body, time.time())
        self._connection.execute("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self._connection.execute("DELETE FROM failures WHERE key = ?", (entry.key,))

    async def store_failure(self, entry: Entry, error: str) -> None:
        """Note that a request failed for good."""
        row = (entry.key, entry.model, entry.op, entry.record, entry.k, error, time.time())
        self._connection.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
