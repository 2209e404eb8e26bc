"""Remembers results: the same program, tests, toolchain and limits are not run twice."""

import hashlib
import os
import sqlite3
from dataclasses import asdict
from functools import cache
from pathlib import Path

import orjson

from syncode.errors import EngineError
from syncode.sandbox.limits import Limits
from syncode.sandbox.states import UNDECIDED, Result
from syncode.schemas.records import content_id

SCHEMA = "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID"
WAIT_SECONDS = 30.0
"""How long a write waits for another process's (ours)."""


def key(program: tuple[str, str, str], toolchain: str, limits: Limits, seed: int) -> bytes:
    """Return the key of a run: (language, code, tests), the toolchain with its version and isolation, limits,
    hash seed, and this package itself."""
    return bytes.fromhex(content_id(_harness(), *program, toolchain, asdict(limits), seed))


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
        """Return a remembered result."""
        if self.path is None:
            return None
        found = self._open(self.path).execute("SELECT body FROM results WHERE key = ?", (name,)).fetchone()
        return Result(**orjson.loads(found[0])) if found else None

    def put(self, name: bytes, result: Result) -> None:
        """Remember a result, unless nothing was decided."""
        if self.path is not None and result.state not in UNDECIDED:
            body = orjson.dumps(asdict(result))
            self._open(self.path).execute("INSERT OR REPLACE INTO results VALUES (?, ?)", (name, body))

    def _open(self, path: str) -> sqlite3.Connection:
        if self._connection is None or self._process != os.getpid():
            try:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                self._connection = sqlite3.connect(path, isolation_level=None, timeout=WAIT_SECONDS)
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = OFF")  # a result lost in a power cut is run again
                self._connection.execute(SCHEMA)
            except (sqlite3.Error, OSError) as error:
                raise EngineError(f"result cache {path}: {error}") from error
            self._process = os.getpid()
        return self._connection
