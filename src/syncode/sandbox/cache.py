"""Remembers results: the same program, tests, toolchain and limits are not run twice."""

import hashlib
import os
import sqlite3
from functools import cache
from pathlib import Path

import orjson

from syncode.errors import EngineError
from syncode.sandbox.limits import Limits
from syncode.sandbox.states import UNDECIDED, Result
from syncode.schemas.records import content_id
from syncode.storage.sqlite import log_ahead

SCHEMA = "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID"
WAIT_SECONDS = 30.0
"""How long a write waits for another process's (ours)."""


def key(program: tuple[str, str, str], toolchain: str, limits: Limits, seed: int) -> bytes:
    """Return the key of a run: (language, code, tests), the toolchain with its version and isolation, limits,
    hash seed, and this package itself."""
    return bytes.fromhex(content_id(_harness(), *program, toolchain, vars(limits), seed))


@cache
def _harness() -> str:
    """Return a hash of this package: what puts programs together, drives and reads them decides states, too."""
    package = Path(__file__).parent
    texts = (path.read_bytes() for path in sorted(package.rglob("*")) if path.is_file() and path.suffix != ".pyc")
    return hashlib.blake2b(b"".join(texts), digest_size=16).hexdigest()


class Cache:
    """Results in one SQLite file. Every process that uses it opens it for itself (a connection does not survive a fork)."""

    def __init__(self, path: str | None) -> None:
        """`path` None remembers nothing."""
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    def get(self, name: bytes) -> Result | None:
        """Return a remembered result; one that cannot be read is not remembered."""
        found = self._execute("SELECT body FROM results WHERE key = ?", (name,))
        try:
            return Result(**orjson.loads(found[0])) if found else None
        except (orjson.JSONDecodeError, TypeError):
            return None

    def put(self, name: bytes, result: Result) -> None:
        """Remember a result, unless nothing was decided."""
        if self.path is not None and result.state not in UNDECIDED:
            self._execute("INSERT OR REPLACE INTO results VALUES (?, ?)", (name, orjson.dumps(result)))

    def _execute(self, statement: str, values: tuple[bytes, ...]) -> tuple[bytes] | None:
        """Return the first row of the answer. Each process opens the file at its first use."""
        if self.path is None:
            return None
        try:
            if self._connection is None or self._process != os.getpid():
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
                self._connection = sqlite3.connect(self.path, isolation_level=None, timeout=WAIT_SECONDS)
                log_ahead(self._connection, WAIT_SECONDS)
                self._connection.execute("PRAGMA synchronous = OFF")  # a result lost in a power cut is run again
                self._connection.execute(SCHEMA)
                self._process = os.getpid()
            first: tuple[bytes] | None = self._connection.execute(statement, values).fetchone()
        except (sqlite3.Error, OSError) as error:
            raise EngineError(f"result cache {self.path}: {error}; remove it, or run with --no-cache") from error
        return first
