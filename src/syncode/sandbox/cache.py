"""Remembers results: the same program, tests, toolchain and limits are not run twice."""

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path

import orjson

from syncode.errors import EngineError
from syncode.sandbox.limits import Limits
from syncode.sandbox.states import UNDECIDED, Result
from syncode.schemas.records import content_id
from syncode.storage.sqlite import log_ahead

SCHEMA = "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID"
STRANGE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR)
"""What SQLite says of a file that is something else, damaged, or has another table of this name."""
WAIT_SECONDS = 30.0
"""How long a write waits for another process's (chosen here)."""


def key(program: tuple[str, str, str], toolchain: str, limits: Limits, seed: int) -> bytes:
    """Return the key of a run: (language, code, tests), the toolchain with its version and isolation, limits,
    hash seed, and this package itself."""
    return bytes.fromhex(content_id(harness(), *program, toolchain, vars(limits), seed))


@cache
def harness() -> str:
    """Return a hash of this package: what puts programs together, drives and reads them decides states, too."""
    package = Path(__file__).parent
    texts = (
        path.read_bytes() for path in sorted(package.rglob("*")) if path.is_file() and "__pycache__" not in path.parts
    )
    return hashlib.blake2b(b"".join(texts), digest_size=16).hexdigest()


class Cache:
    """Results in one SQLite file. Every process that uses it opens it for itself (a connection does not survive a fork).

    Where it cannot be opened or written (a read-only folder, a full disk), nothing is remembered from then on: it only saves
    time. That is said once, by the first of the processes that were forked since.
    """

    def __init__(self, path: str | None, say: Callable[[str], object] = lambda _: None) -> None:
        """`path` None remembers nothing; `say` gets one line for people."""
        self.path = path
        self._say = say
        self._said = os.memfd_create("said") if path else -1
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    def get(self, name: bytes) -> Result | None:
        """Return a remembered result; one that cannot be read is not remembered."""
        found = self._execute("SELECT body FROM results WHERE key = ?", (name,))
        try:
            body = orjson.loads(found[0]) if found else None
            return Result(**{**body, "results": tuple(body["results"])}) if body else None
        except (orjson.JSONDecodeError, TypeError, KeyError):
            return None

    def put(self, name: bytes, result: Result) -> None:
        """Remember a result, unless nothing was decided."""
        if self.path is not None and result.state not in UNDECIDED:
            self._execute("INSERT OR REPLACE INTO results VALUES (?, ?)", (name, orjson.dumps(result)))

    def _execute(self, statement: str, values: tuple[bytes, ...]) -> tuple[bytes] | None:
        """Return the first row of the answer. Each process opens the file at its first use.

        EngineError if the file is not a cache at all: then `path` is a mistake.
        """
        if self.path is None:
            return None
        try:
            if self._connection is None or self._process != os.getpid():
                self._connection, self._process = self._open(self.path), os.getpid()
            first: tuple[bytes] | None = self._connection.execute(statement, values).fetchone()
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, sqlite3.Error) and error.sqlite_errorcode & 0xFF in STRANGE:
                raise EngineError(f"result cache {self.path}: {error}; remove it, or run with --no-cache") from error
            why = error.strerror if isinstance(error, OSError) else error
            self._give_up(f"results are not remembered in {self.path}: {why}; --cache FILE names another place")
            return None
        return first

    def _open(self, path: str) -> sqlite3.Connection:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, timeout=WAIT_SECONDS)
        log_ahead(connection, WAIT_SECONDS)
        connection.execute("PRAGMA synchronous = OFF")  # a result lost in a power cut is run again
        connection.execute(SCHEMA)
        return connection

    def _give_up(self, why: str) -> None:
        self.path = None
        try:
            fcntl.lockf(self._said, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # another process has said it, and holds this for as long as it lives
        if not os.fstat(self._said).st_size:
            with contextlib.suppress(OSError):  # not even memory is left, or a limit on files: it may be said again
                os.write(self._said, b".")
            self._say(why)
