"""Writes rows as lines of JSON to a file, packed as its name says, to a device or to stdout, or hands them to Parquet."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol

from syncode.errors import ReaderGone, UsageError
from syncode.storage import atomic
from syncode.storage.shards import STDIN


class Writer(Protocol):
    """Takes rows as JSON lines without newline; `commit` makes the file real, `abort` leaves no trace."""

    def write(self, lines: list[bytes]) -> None: ...
    def commit(self) -> None: ...
    def abort(self) -> None: ...


WRITTEN = ".jsonl, .ndjson or .json, each also with .gz, .zst, .bz2 or .xz behind it, and .parquet"
_ROWS = re.compile(r"(?P<form>\.jsonl|\.ndjson|\.json)?(?P<packing>\.gz|\.zst|\.bz2|\.xz)?", re.IGNORECASE)
_SUFFIXES = re.compile(r"(\.[A-Za-z][A-Za-z0-9]*)?(\.(gz|zst|bz2|xz|lz4|zip))?$", re.IGNORECASE)


def open_writer(target: str | None, record: type | None = None) -> Writer:
    """Return the writer of rows for a path, or for stdout where it is None or `-`. Parquet columns begin with `record`.

    Raises UsageError for a name whose suffix says a form that cannot be written.
    """
    if (place := _in_place(target)) is not None:
        return place
    assert target is not None
    found = _SUFFIXES.search(Path(target).name)
    suffix = found[0].lower() if found else ""
    if suffix == ".parquet":
        from syncode.storage.parquet.write import ParquetWriter

        with atomic.naming(target):
            return ParquetWriter(target, record)
    form = _ROWS.fullmatch(suffix)
    if form is None:
        raise UsageError(f"{target}: rows cannot be written as {suffix}; the name may end with {WRITTEN}")
    with atomic.naming(target):
        return _FileWriter(target, form["packing"] or "", is_array=form["form"] == ".json")


def open_text(target: str | None) -> Writer:
    """Return the writer of a text for people (a table, a page, counts), whatever its name."""
    place = _in_place(target)
    if place is not None:
        return place
    assert target is not None
    with atomic.naming(target):
        return _FileWriter(target, "", is_array=False)


_NO_TEXT = re.compile(r"\.(parquet|pq|arrow|feather)$|\.(gz|zst|bz2|xz|lz4|zip)$", re.IGNORECASE)


def refuse_binary_name(target: str | None) -> None:
    """Raise UsageError for a text for people under a name that says that it holds columns, or that it is packed."""
    found = _NO_TEXT.search(target or "")
    if found and not is_device(str(target)):
        raise UsageError(
            f"{target}: a text is not written as {found[0].lower()}; the name may end with .txt, .md, .csv or .html"
        )


def _in_place(target: str | None) -> Writer | None:
    """Return the writer for stdout or a device, None for a file that can be made. Raises UsageError where it cannot."""
    if target in (None, STDIN, "/dev/stdout"):
        return _Stdout()
    if Path(target).is_dir() or target.endswith("/"):
        raise UsageError(f"{target}: a folder: name a file in it")
    with atomic.naming(target):
        if is_device(target):
            return _Device(target)
        if not Path(target).parent.is_dir():
            raise UsageError(f"{target}: there is no folder {Path(target).parent}")
    return None


def is_device(target: str) -> bool:
    """Return whether a target is written in place: `/dev/stderr`, `/dev/fd/63`, `/dev/null`, a named pipe."""
    # What /dev/stderr leads to may be a regular file, which is the shell's to truncate or to append to.
    return target.startswith(("/dev/fd/", "/dev/std", "/proc/")) or (
        Path(target).exists() and not Path(target).is_file()
    )


class _Stdout:
    """Rows on stdout. A reader that has left is an end, not an error."""

    def __init__(self) -> None:
        if sys.stdout is None:
            raise UsageError("stdout is closed: name a file with -o")
        self._stream = sys.stdout.buffer

    def write(self, lines: list[bytes]) -> None:
        if not lines:
            return
        try:
            with atomic.naming("<stdout>"):
                _write(self._stream, lines, b"\n")
                self._stream.flush()
        except OSError as error:
            _silence_stdout()
            if isinstance(error, BrokenPipeError):
                raise ReaderGone("the reader of our output is gone") from error
            raise

    def commit(self) -> None:
        """Nothing to do: every write was flushed."""

    def abort(self) -> None:
        """Nothing to undo: what a pipe took is gone."""


LONG_LINE = 1 << 20  # bytes from which on a line is written by itself, not joined with its neighbours (chosen here)


def _write(stream: IO[bytes], lines: list[bytes], end: bytes) -> None:
    """Write lines with an end behind each. A long one is not copied for it."""
    if max(map(len, lines), default=0) < LONG_LINE:
        stream.write(end.join([*lines, b""]))
        return
    for line in lines:
        stream.write(line)
        stream.write(end)


def _silence_stdout() -> None:
    """Point stdout at /dev/null, so that the interpreter's own flush at exit does not fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


class _Device:
    """A target that is not a regular file (`/dev/null`, a named pipe): written in place, since it cannot be renamed to."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._stream = Path(target).open("ab", buffering=0)  # noqa: SIM115 (append: others may write there too)

    def write(self, lines: list[bytes]) -> None:
        rest = memoryview(b"\n".join([*lines, b""]))
        try:
            with atomic.naming(self._target):
                while rest:
                    rest = rest[self._stream.write(rest) :]
        except BrokenPipeError as error:
            raise ReaderGone("the reader of our output is gone") from error

    def commit(self) -> None:
        self._stream.close()

    def abort(self) -> None:
        self._stream.close()


class _FileWriter:
    """A file with a row per line, packed as its name says; as an array with brackets and commas around them."""

    def __init__(self, target: str, packing: str, *, is_array: bool) -> None:
        self._target, self._is_array = target, is_array
        self._raw, self._temporary = atomic.temporary(target)
        self._stream, self._finish = _packed(self._raw, packing)
        self._begun = False

    def write(self, lines: list[bytes]) -> None:
        if not lines:
            return
        with atomic.naming(self._target):
            if self._is_array:
                self._stream.write(b",\n" if self._begun else b"[\n")
                self._begun = True
                _write(self._stream, lines[:-1], b",\n")
                self._stream.write(lines[-1])
            else:
                _write(self._stream, lines, b"\n")

    def commit(self) -> None:
        with atomic.naming(self._target):
            if self._is_array:
                self._stream.write(b"\n]\n" if self._begun else b"[]\n")
            self._finish()
            atomic.publish(self._raw, self._temporary, self._target)

    def abort(self) -> None:
        atomic.withdraw(self._raw, self._temporary)


def _packed(raw: IO[bytes], packing: str) -> tuple[IO[bytes], Callable[[], None]]:
    """Return the stream that packs into a file, and what finishes it. Equal rows, equal bytes: no time stamp, no name."""
    if packing == ".zst":
        import zstandard

        writer = zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False)
        return writer, writer.close
    if not packing:
        return raw, lambda: None
    stream: Any = {".gz": _gz, ".bz2": _bz2, ".xz": _xz}[packing](raw)
    return stream, stream.close


def _gz(raw: IO[bytes]) -> Any:
    import gzip

    return gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0)


def _bz2(raw: IO[bytes]) -> Any:
    import bz2

    return bz2.BZ2File(raw, "wb")


def _xz(raw: IO[bytes]) -> Any:
    import lzma

    return lzma.LZMAFile(raw, "wb")
