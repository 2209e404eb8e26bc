"""SQLite files that several processes write to."""

import sqlite3
import time


def log_ahead(connection: sqlite3.Connection, seconds: float) -> None:
    """Switch to the write-ahead log, waiting up to `seconds` where SQLite itself does not: for a process that does the same to a
    new file. Raises sqlite3.Error if it cannot be done."""
    end = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        else:
            return
        time.sleep(0.01)
