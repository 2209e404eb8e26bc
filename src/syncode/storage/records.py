"""The only module that opens record files: JSONL, plain or .gz or .zst, on paths and pipes, and Parquet on paths.

What is read comes as chunks of raw lines, so that a stage in another process can do the parsing; what is written goes
to a temporary name beside the target and is renamed when it is whole.
"""

import codecs
import contextlib
import datetime
import gzip
import itertools
import os
import re
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from syncode.errors import DataError, ReaderGone, UsageError
from syncode.schemas.check import hints
from syncode.schemas.records import Row
from syncode.schemas.wire import dumps, loads
from syncode.storage import meter

STDIN = "-"
CHUNK_BYTES = 1 << 18  # ours: large enough that a chunk costs more than its hand-over, small enough for a live pipe
JSON_COLUMNS = "syncode.json"  # key in a Parquet file's metadata: names of the columns that hold JSON text
PARQUET_BATCH = 4096  # rows held at once when Parquet is read; ours


@dataclass(frozen=True)
class Chunk:
    """Whole lines, without newline, that follow each other in one source; `first` is the number of the first (1, ...)."""

    source: str
    first: int
    lines: list[bytes]


def read_chunks(source: str) -> Iterator[Chunk]:
    """Yield the lines of a file, of stdin (`-`) or of the rows of a Parquet file, in order.

    A pipe is read as it fills: what is there is handed on at once. A byte order mark before the first line is left out.
    Raises DataError for a missing or damaged file.
    """
    if source.endswith(".parquet"):
        yield from _parquet_chunks(source)
        return
    name = "<stdin>" if source == STDIN else printable(source)
    number = 1
    rest: list[bytes] = []  # the pieces of a line that has not ended: joined once, however long it gets
    try:
        for block in _blocks(source):
            lines = block.split(b"\n")
            if len(lines) == 1:
                rest.append(block)
                continue
            lines[0] = _joined([*rest, lines[0]], number)
            rest = [lines.pop()]
            yield Chunk(name, number, lines)
            number += len(lines)
    except OSError as error:
        raise DataError(f"{name}:{number}: {error.strerror or error}") from error
    except EOFError as error:
        raise DataError(f"{name}:{number}: the compressed file is cut short or damaged ({error})") from error
    if last := _joined(rest, number):
        yield Chunk(name, number, [last])


def printable(path: str) -> str:
    """Return a path as text that can stand in a row: bytes of it that are no UTF-8 as backslash escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _joined(pieces: list[bytes], number: int) -> bytes:
    """Return a line from its pieces; before the first one, Windows programs write a byte order mark."""
    line = b"".join(pieces)
    return line.removeprefix(codecs.BOM_UTF8) if number == 1 else line


def _blocks(source: str) -> Iterator[bytes]:
    """Yield the bytes of a source, decompressed. Raises EOFError where a compressed file is damaged or cut short."""
    if source == STDIN:
        if sys.stdin is None:
            raise UsageError("stdin is closed: name a SOURCE")
        # The raw file, not its buffer: a thread that waits in a buffered read holds a lock that breaks the interpreter's exit.
        while block := os.read(sys.stdin.fileno(), CHUNK_BYTES):
            yield block
        return
    with Path(source).open("rb") as raw:
        if source.endswith(".gz"):
            yield from _gunzip(raw)
        elif source.endswith(".zst"):
            yield from _unzstd(raw)
        else:
            while block := meter.take(raw.read1(CHUNK_BYTES)):
                yield block


def _gunzip(raw: IO[bytes]) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=raw, mode="rb") as stream:
            while block := stream.read1(CHUNK_BYTES):
                yield block
    except (gzip.BadGzipFile, zlib.error) as error:
        raise EOFError(str(error)) from error


def _unzstd(raw: IO[bytes]) -> Iterator[bytes]:
    """Frame by frame by hand: the library's stream reader takes a file that was cut short for one that ended."""
    import zstandard

    decompressor = zstandard.ZstdDecompressor()
    frame = None
    try:
        while block := meter.take(raw.read(CHUNK_BYTES)):
            while block:
                frame = frame or decompressor.decompressobj()
                if text := frame.decompress(block):
                    yield text
                block = frame.unused_data if frame.eof else b""
                frame = None if frame.eof else frame
    except zstandard.ZstdError as error:
        raise EOFError(str(error)) from error
    if frame is not None:
        raise EOFError("it ends in the middle of a frame")


def _parquet_chunks(source: str) -> Iterator[Chunk]:
    import polars

    name = printable(source)
    number = 1
    try:
        json_columns = set(polars.read_parquet_metadata(source).get(JSON_COLUMNS, "").split())
        scan = polars.scan_parquet(source, glob=False)  # a name is a name, with brackets too
        frames = scan.collect_batches(chunk_size=PARQUET_BATCH, maintain_order=True)
        for frame in frames:
            rows = (_from_cells(cells, json_columns) for cells in frame.iter_rows(named=True))
            lines = [dumps(row, default=_plain) for row in rows]
            yield Chunk(name, number, lines)
            number += len(lines)
    except (OSError, polars.exceptions.PolarsError) as error:
        raise DataError(f"{name}: not readable as Parquet ({str(error).splitlines()[0]})") from error
    except ValueError as error:
        raise DataError(f"{name}: a row from {number} on holds what JSON cannot ({error})") from error


def _plain(cell: object) -> str:
    """Return a cell that JSON has no type for as text: a decimal number, a time span, bytes that are text."""
    if isinstance(cell, bytes):
        return cell.decode()
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)


def _from_cells(cells: Row, json_columns: set[str]) -> Row:
    """Undo `_to_cells`: JSON text becomes its value again, a null cell is an absent key, `extra` is spread."""
    row = {
        name: loads(cell.encode()) if name in json_columns else cell for name, cell in cells.items() if cell is not None
    }
    extra = row.pop("extra", {}) if "extra" in json_columns else {}
    return {**row, **extra}


class Writer(Protocol):
    """Takes rows as JSON lines without newline; `commit` makes the file real, `abort` leaves no trace."""

    def write(self, lines: list[bytes]) -> None: ...
    def commit(self) -> None: ...
    def abort(self) -> None: ...


def open_writer(target: str | None, record: type | None = None) -> Writer:
    """Return the writer for a path, or for stdout where it is None or `-`. Parquet columns come from `record`."""
    if target in (None, STDIN, "/dev/stdout"):
        return _Stdout()
    with _naming(target):
        if is_device(target):
            return _Device(target)
        if not Path(target).parent.is_dir():
            raise UsageError(f"{target}: there is no folder {Path(target).parent}")
        return _ParquetWriter(target, record) if target.endswith(".parquet") else _FileWriter(target)


def is_device(target: str) -> bool:
    """Tell whether a target is written in place: `/dev/stderr`, `/dev/fd/63`, `/dev/null`, a named pipe."""
    # What /dev/stderr leads to may be a regular file, which is the shell's to truncate or to append to, not ours to replace.
    return target.startswith(("/dev/fd/", "/dev/std", "/proc/")) or (
        Path(target).exists() and not Path(target).is_file()
    )


@contextlib.contextmanager
def _naming(target: str) -> Iterator[None]:
    """Name the file in an OSError that a bare handle raises without it (a full disk), or that names the temporary one."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), target) from error


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
            with _naming("<stdout>"):
                self._stream.write(b"\n".join(lines) + b"\n")
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


def _silence_stdout() -> None:
    """Point stdout at /dev/null, so that the interpreter's own flush at exit does not fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


class _Device:
    """A target that is no regular file (`/dev/null`, a named pipe): written in place, since it cannot be renamed to."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._stream = Path(target).open("ab", buffering=0)  # noqa: SIM115 (append: others may write there too)

    def write(self, lines: list[bytes]) -> None:
        rest = memoryview(b"".join(line + b"\n" for line in lines))
        try:
            with _naming(self._target):
                while rest:
                    rest = rest[self._stream.write(rest) :]
        except BrokenPipeError as error:
            raise ReaderGone("the reader of our output is gone") from error

    def commit(self) -> None:
        self._stream.close()

    def abort(self) -> None:
        self._stream.close()


class _FileWriter:
    """A JSONL file, compressed as its name says."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._raw, self._temporary = _temporary(target)
        self._stream, self._finish = _compressed(self._raw, target)

    def write(self, lines: list[bytes]) -> None:
        if lines:
            with _naming(self._target):
                self._stream.write(b"\n".join(lines) + b"\n")

    def commit(self) -> None:
        with _naming(self._target):
            self._finish()
            _publish(self._raw, self._temporary, self._target)

    def abort(self) -> None:
        _withdraw(self._raw, self._temporary)


def _temporary(target: str) -> tuple[IO[bytes], Path]:
    path = _landing(target)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    umask = os.umask(0)
    os.umask(umask)
    os.fchmod(handle, 0o666 & ~umask)  # mkstemp makes private files; ours are ordinary ones
    return os.fdopen(handle, "wb"), Path(temporary)


def _landing(target: str) -> Path:
    """Return the file to replace, as an absolute path. A link stays a link, unless it leads to itself."""
    return Path(os.path.realpath(target))


def _publish(raw: IO[bytes], temporary: Path, target: str) -> None:
    raw.flush()
    os.fsync(raw.fileno())
    raw.close()
    temporary.replace(_landing(target))


def _withdraw(raw: IO[bytes], temporary: Path) -> None:
    """Take back what was not published. Closing flushes, which fails once more on a full disk: the file goes all the same."""
    with contextlib.suppress(OSError):
        raw.close()
    temporary.unlink(missing_ok=True)


def _compressed(raw: IO[bytes], target: str) -> tuple[IO[bytes], Callable[[], None]]:
    if target.endswith(".gz"):
        # No time stamp and no name in the header: equal rows, equal bytes.
        zipped = gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0)
        return zipped, zipped.close  # type: ignore[return-value]
    if target.endswith(".zst"):
        import zstandard

        writer = zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False)
        return writer, writer.close
    return raw, lambda: None


class _ParquetWriter:
    """A Parquet file in constant memory: rows are spooled as JSON lines and turned into columns at the end, in batches.

    Columns come from the TypedDict, never from the first row: text, numbers and booleans as themselves, everything
    open-ended as JSON text, unknown keys together in `extra`. Which columns hold JSON stands in the file's metadata.
    """

    def __init__(self, target: str, record: type | None) -> None:
        self._target, self._columns = target, _columns(record)
        self._spool = tempfile.TemporaryFile(dir=_landing(target).parent)  # noqa: SIM115

    def write(self, lines: list[bytes]) -> None:
        if lines:
            with _naming(self._target):
                self._spool.write(b"\n".join(lines) + b"\n")

    def commit(self) -> None:
        import polars
        from polars.io.plugins import register_io_source

        cells = {str: polars.String, int: polars.Int64, float: polars.Float64, bool: polars.Boolean}
        schema = polars.Schema(
            {key: cells[kind or str] for key, kind in self._columns.items()} | {"extra": polars.String}
        )
        json_columns = " ".join([key for key, kind in self._columns.items() if kind is None] + ["extra"])

        def frames(*_: Any) -> Iterator[Any]:
            self._spool.seek(0)
            while lines := list(itertools.islice(self._spool, PARQUET_BATCH)):
                yield polars.DataFrame([_to_cells(loads(line), self._columns) for line in lines], schema=schema)
            yield polars.DataFrame(schema=schema)

        with _naming(self._target):
            self._spool.flush()
            raw, temporary = _temporary(self._target)
            try:
                source = register_io_source(frames, schema=schema, is_pure=True)
                source.sink_parquet(temporary, compression="zstd", metadata={JSON_COLUMNS: json_columns})
                _publish(raw, temporary, self._target)
            except polars.exceptions.ComputeError as error:
                _withdraw(raw, temporary)
                raise _as_os_error(error) from error
            except BaseException:
                _withdraw(raw, temporary)
                raise
            finally:
                self.abort()

    def abort(self) -> None:
        with contextlib.suppress(OSError):  # as in `_withdraw`; the spool has no name, so closing is all
            self._spool.close()


def _as_os_error(error: Exception) -> Exception:
    """Return the operating system's error that polars tells of in words (a full disk), or the error itself."""
    told = re.search(r"\(os error (\d+)\)", str(error))
    return OSError(int(told[1]), os.strerror(int(told[1]))) if told else error


def _columns(record: type | None) -> dict[str, type | None]:
    """Return the cell type of each declared key, None where it is open-ended and stored as JSON text."""
    kinds = {} if record is None else hints(record)
    return {key: kind if kind in (str, int, float, bool) else None for key, kind in kinds.items()}


def _to_cells(row: Row, columns: dict[str, type | None]) -> Row:
    cells = {key: dumps(row[key]).decode() if kind is None else row[key] for key, kind in columns.items() if key in row}
    extra = {key: value for key, value in row.items() if key not in columns}
    return {**cells, "extra": dumps(extra).decode() if extra else None}
