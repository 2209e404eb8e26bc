"""Reads columns as rows: Parquet and Arrow files, from paths and from pipes."""

import datetime
import decimal
import json
import math
import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_IMPORT_INTERVAL_AS_STRUCT", "1")  # polars panics at DuckDB's intervals without it
import polars  # noqa: TID253 (this module is imported when a file of columns is read)

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.schemas.wire import dumps, loads
from syncode.storage import meter
from syncode.storage.containers import Blocks, spooled
from syncode.storage.parquet.shapes import RESIDUE
from syncode.storage.parquet.write import METADATA
from syncode.storage.shards import STDIN

BATCH_ROWS = 4096  # rows held at once at most (chosen here)
BATCH_BYTES = 1 << 22  # and their bytes in the file, where they are packed (chosen here)
LONG_ROW = 1 << 24  # bytes of an average row in the file from which on rows are read one at a time (chosen here)
FIRST_BYTES = {b"PAR1": "Parquet", b"ARRO": "Arrow", b"\xff\xff\xff\xff": "Arrow"}
OLD_METADATA = "syncode.json"
"""Key in the metadata of files before 0.2: the columns that hold JSON text; one of them, `extra`, holds unknown keys."""


def read_columns(source: str, name: str, blocks: Blocks) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the number of the first row (1, ...) and the lines of JSON of some rows, in order.

    A null cell is an absent key; inside lists and objects it stays null. Bytes that are text are text, others become
    `{"base64": ...}`. Raises DataError for what is damaged.
    """
    head = blocks.head(4)
    what = FIRST_BYTES.get(head, "Parquet")
    kept = None if _is_as_it_is(source, head) else spooled(blocks)
    path = Path(f"/dev/fd/{kept.fileno()}" if kept else source).absolute()  # absolute: never taken for an address
    number = 1
    try:
        for frame, back in _parquet(path) if what == "Parquet" else _arrow(path, head):
            may_hold_nan = _may_hold_nan(frame)
            rows = list(map(back, frame.to_dicts()))
            del frame  # long rows are held once: from here on as objects
            lines = [_line(row, may_hold_nan) for row in rows]
            del rows
            yield number, lines
            number += len(lines)
            del lines
    except (OSError, polars.exceptions.PolarsError, polars.exceptions.PanicException) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0].replace(str(path), name)
        raise DataError(f"{name}: not readable as {what} ({first}){_culprits(path, what)}") from error
    finally:
        if kept:
            kept.close()


def _culprits(path: Path, what: str) -> str:
    """Return what to do where some columns can be read and others cannot."""
    if what != "Parquet":
        return ""
    scan = polars.scan_parquet(path, glob=False, hive_partitioning=False)
    unreadable: list[str] = []
    readable: list[str] = []
    try:
        for column in scan.collect_schema():
            (readable if _reads(scan.select(column)) else unreadable).append(column)
    except (OSError, polars.exceptions.PolarsError, polars.exceptions.PanicException):
        return ""
    return f": leave out {', '.join(map(repr, unreadable))}, the others are readable" if unreadable and readable else ""


def _reads(column: polars.LazyFrame) -> bool:
    try:
        column.head(1).collect()
    except (OSError, polars.exceptions.PolarsError, polars.exceptions.PanicException):
        return False
    return True


def _is_as_it_is(source: str, head: bytes) -> bool:
    """Return whether the source is a regular file with these very bytes: neither packed nor a pipe."""
    if source == STDIN or not Path(source).is_file():
        return False
    with Path(source).open("rb") as raw:
        return raw.read(4) == head


Back = Callable[[Row], Row]
"""Makes a row of the cells of one."""


def _parquet(path: Path) -> Iterator[tuple[polars.DataFrame, Back]]:
    metadata = polars.read_parquet_metadata(path)
    scan = polars.scan_parquet(path, glob=False, hive_partitioning=False)  # a name is a name, with brackets too
    rows = int(scan.select(polars.len()).collect().item())
    row_bytes = path.stat().st_size / max(1, rows)
    back = _back(metadata)
    batch = max(1, min(BATCH_ROWS, int(BATCH_BYTES / max(1, row_bytes))))
    frames = (
        (scan.slice(row, 1).collect() for row in range(rows))  # batches that are collected ahead hold several long rows
        if row_bytes > LONG_ROW
        else scan.collect_batches(chunk_size=batch, maintain_order=True)
    )
    for frame in frames:
        meter.add(frame.height * row_bytes)
        yield frame, back


def _arrow(path: Path, head: bytes) -> Iterator[tuple[polars.DataFrame, Back]]:
    if head == b"ARRO":
        for frame in polars.scan_ipc(path, glob=False).collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
            yield frame, _without_nulls
    else:
        whole = polars.read_ipc_stream(path)
        for frame in whole.iter_slices(BATCH_ROWS):
            yield frame, _without_nulls


def _back(metadata: dict[str, str]) -> Back:
    if METADATA in metadata:
        how: dict[str, Any] = loads(metadata[METADATA].encode())
        return lambda cells: _ours(cells, how)
    if OLD_METADATA in metadata:
        columns = set(metadata[OLD_METADATA].split())
        return lambda cells: _older(cells, columns)
    return _without_nulls


def _without_nulls(cells: Row) -> Row:
    return {name: cell for name, cell in cells.items() if cell is not None}


def _ours(cells: Row, how: dict[str, Any]) -> Row:
    """Return the row that was written. What the residue says counts only where the cells still say the same."""
    own = {name: cell for name, cell in cells.items() if name != RESIDUE}
    row = _object(own, how)
    said = cells.get(RESIDUE)
    residue: Row = loads(said.encode()) if said else {}
    return row | {key: value for key, value in residue.items() if key not in own or alike(row.get(key), value)}


def _object(cells: Row, how: dict[str, Any]) -> Row:
    return {
        name: _value(cell, how.get(name, {}))
        for name, cell in cells.items()
        if cell is not None or how.get(name, {}).get("null")
    }


def _value(cell: Any, how: dict[str, Any]) -> Any:
    if cell is None:
        return None
    if isinstance(cell, dict):
        return _object(cell, how.get("fields", {}))
    if isinstance(cell, list):
        item = how.get("item", {})
        first = next((each for each in cell if each is not None), None)
        return [_value(each, item) for each in cell] if item or isinstance(first, dict | list) else cell
    if how.get("json"):
        return loads(cell.encode())
    return int(cell) if how.get("whole") else cell


def alike(read: Any, meant: Any) -> bool:
    """Return whether a value read from cells is what they can hold of the one meant."""
    if isinstance(read, dict) and isinstance(meant, dict):
        return all(alike(read.get(key), meant.get(key)) for key in read.keys() | meant.keys())
    if isinstance(read, list) and isinstance(meant, list):
        return len(read) == len(meant) and all(map(alike, read, meant))
    if isinstance(read, float) and isinstance(meant, int):
        return read == float(meant)
    return bool(read == meant) or (isinstance(read, str) and read == dumps(meant).decode())


def _older(cells: Row, columns: set[str]) -> Row:
    row = {name: loads(cell.encode()) if name in columns else cell for name, cell in cells.items() if cell is not None}
    unknown = row.pop("extra", {}) if "extra" in columns else {}
    return {**row, **unknown}


def _may_hold_nan(frame: polars.DataFrame) -> bool:
    """Return whether a column of numbers holds NaN or an infinity, or one of lists or objects has such numbers inside."""
    for column in frame:
        if column.dtype.is_float():
            if not column.is_finite().all():
                return True
        elif column.dtype.is_nested() and "Float" in str(column.dtype):
            return True
    return False


def _holds_nan(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(map(_holds_nan, value.values()))
    return isinstance(value, list) and any(map(_holds_nan, value))


def _line(row: Row, may_hold_nan: bool) -> bytes:
    """Return a row as JSON; one with NaN as Python writes it, which the reader of rows refuses and says which key it is."""
    if may_hold_nan and _holds_nan(row):
        return json.dumps(row, ensure_ascii=False, default=_plain).encode()
    return dumps(row, default=_plain)


def _plain(cell: object) -> Any:
    """Return a cell that JSON has no type for: a decimal as a number where that is exact, else as text."""
    if isinstance(cell, bytes):
        try:
            return cell.decode()
        except UnicodeDecodeError:
            return {"base64": b64encode(cell).decode()}
    if isinstance(cell, decimal.Decimal):
        return _number(cell)
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return cell.tolist() if hasattr(cell, "tolist") else str(cell)  # numpy arrays: columns of fixed-size lists


def _number(cell: decimal.Decimal) -> int | float | str:
    if cell == cell.to_integral_value() and cell.as_tuple().exponent == 0:
        return int(cell)
    number = float(cell)
    return number if decimal.Decimal(repr(number)) == cell else str(cell)
