"""Writes rows as a Parquet file in constant memory: they are spooled as JSON lines, and read twice at the end."""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from typing import Any

from syncode.schemas.wire import dumps, loads
from syncode.storage import atomic
from syncode.storage.parquet.shapes import RESIDUE, Shape, columns_of, declared, loses, reading

METADATA = "syncode.columns"
"""Key in the file's metadata: how columns are read back where their cells do not say it all (`shapes.reading`)."""

BATCH_ROWS = 4096  # rows turned into columns at once (chosen here)
BATCH_BYTES = 1 << 24  # and their bytes as JSON (chosen here)
LONG_ROW = 1 << 16  # bytes from which on a row's texts are long (chosen here)
GROUP_ROWS = 122_880  # rows of a row group at most, as DuckDB writes it
GROUP_BYTES = 1 << 26  # and their bytes as JSON (chosen here: a reader holds a whole group)


class ParquetWriter:
    """The first pass finds the columns, the second fills them.

    What a record declares stands first and in its order, then other keys as they come: a column of their own where all
    values agree in type, else JSON text. What a column cannot hold exactly is also in the column `_extra`.
    """

    def __init__(self, target: str, record: type | None) -> None:
        self._target, self._record = target, record
        self._longest = 0  # bytes of the longest row
        self._spool = tempfile.TemporaryFile(dir=atomic.landing(target).parent)  # noqa: SIM115

    def write(self, lines: list[bytes]) -> None:
        with atomic.naming(self._target):
            for line in lines:
                self._longest = max(self._longest, len(line))
                self._spool.write(line)
                self._spool.write(b"\n")

    def commit(self) -> None:
        import polars
        from polars.io.plugins import register_io_source

        with atomic.naming(self._target):
            self._spool.flush()
            raw, temporary = atomic.temporary(self._target)
            try:
                shape = self._shape()
                schema = polars.Schema({name: _type(each) for name, each in shape.fields.items()})
                if loses(shape):
                    schema[RESIDUE] = polars.String
                schema = schema or polars.Schema({"id": polars.String})  # no rows: a file has one column at least

                def frames(*_: Any) -> Iterator[Any]:
                    for lines in self._batches():
                        yield _frame(lines, shape, schema)
                    yield polars.DataFrame(schema=schema)

                source = register_io_source(frames, schema=schema, is_pure=True)
                how = dumps(reading(shape).get("fields", {})).decode()
                group = self._rows_of_a_group(shape.objects)
                # The least and the greatest text of a group stand in the file whole: worth it for ids, not for long texts.
                extremes = self._longest <= LONG_ROW
                statistics = {"min": extremes, "max": extremes, "null_count": True}
                source.sink_parquet(
                    temporary, compression="zstd", row_group_size=group, statistics=statistics, metadata={METADATA: how}
                )
                atomic.publish(raw, temporary, self._target)
            except polars.exceptions.ComputeError as error:
                atomic.withdraw(raw, temporary)
                raise _as_os_error(error) from error
            except BaseException:
                atomic.withdraw(raw, temporary)
                raise
            finally:
                self.abort()

    def _shape(self) -> Shape:
        shape = declared(self._record)
        for lines in self._batches():
            for line in lines:
                shape.observe(loads(line))
        for each in shape.fields.values():
            each.settle()
        return shape

    def _batches(self) -> Iterator[list[bytes]]:
        self._spool.seek(0)
        while lines := self._some_lines():
            yield lines

    def _some_lines(self) -> list[bytes]:
        """Return the next lines of the spool; no name but the caller's holds one, which may be long."""
        lines: list[bytes] = []
        size = 0
        while size < BATCH_BYTES and len(lines) < BATCH_ROWS and (line := self._spool.readline()):
            lines.append(line)
            size += len(line)
        return lines

    def _rows_of_a_group(self, rows: int) -> int:
        size = self._spool.seek(0, os.SEEK_END)
        return max(1, min(GROUP_ROWS, rows * GROUP_BYTES // max(1, size)))

    def abort(self) -> None:
        with contextlib.suppress(OSError):  # as in `withdraw`; the spool has no name, so closing is all
            self._spool.close()


def _frame(lines: list[bytes], shape: Shape, schema: Any) -> Any:
    """Return the cells of some lines, which are taken out of the list: a long row is held once."""
    import polars

    lines.reverse()
    rows = []
    while lines:
        rows.append(columns_of(loads(lines.pop()), shape))
    return polars.DataFrame(rows, schema=schema, strict=False)


def _type(shape: Shape) -> Any:
    import polars

    if shape.kind == "list":
        assert shape.item is not None
        return polars.List(_type(shape.item))
    if shape.kind == "struct":
        return polars.Struct({name: _type(each) for name, each in shape.fields.items()})
    scalars: dict[str, Any] = {
        "null": polars.Null,
        "bool": polars.Boolean,
        "int": polars.Int64,
        "float": polars.Float64,
    }
    return scalars.get(shape.kind, polars.String)


def _as_os_error(error: Exception) -> Exception:
    """Return the operating system's error that polars tells of in words (a full disk), or the error itself."""
    told = re.search(r"\(os error (\d+)\)", str(error))
    return OSError(int(told[1]), os.strerror(int(told[1]))) if told else error
