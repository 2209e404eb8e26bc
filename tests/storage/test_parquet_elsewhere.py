"""Parquet as other programs write it is read, and what is written is read by them: polars, DuckDB, pyarrow, `datasets`."""

import datetime
import decimal
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow
import pyarrow.parquet
import pytest

from syncode import storage, stream
from syncode.errors import DataError
from syncode.schemas.records import Sample

ROWS: list[dict[str, Any]] = [
    {
        "id": f"s{number}",
        "messages": [{"role": "user", "content": f"q{number}"}, {"role": "assistant", "content": "a"}],
        "language": "python",
        "labels": {"difficulty": "easy", "n": number},
        "lineage": [{"op": "crawl", "version": 1, "config": {"depth": number}}],
        "weight": number / 2,
        "stars": number,
        "tags": ["x"] * number,
        "repo": {"name": "n", "forks": number},
        "mixed": number or "none",
    }
    for number in range(3)
]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    writer = storage.open_writer(str(tmp_path / "rows.parquet"), Sample)
    writer.write([json.dumps(row).encode() for row in ROWS])
    writer.commit()
    return tmp_path / "rows.parquet"


def rows_of(path: Path) -> list[Any]:
    return [json.loads(line) for chunk in storage.read_chunks(str(path)) for line in chunk.lines]


def test_duckdb_reads_what_is_written(written: Path) -> None:
    asked = "select id, messages[2].content, repo.forks, stars + 1, weight, labels->>'difficulty', mixed, tags"
    found = duckdb.execute(f"{asked} from '{written}' order by id").fetchall()
    assert found == [
        (row["id"], "a", number, number + 1, number / 2, "easy", json.dumps(row["mixed"]), ["x"] * number)
        for number, row in enumerate(ROWS)
    ]


@pytest.mark.parametrize("seen", ["text", 3, 1.5, True, ["a"], [{"k": 1}], {"k": 1}, {"k": ["a"]}])
@pytest.mark.parametrize("own", [None, "inner", "items"])
def test_shards_of_which_one_has_no_value_are_joined(tmp_path: Path, seen: object, own: str | None) -> None:
    values: Any = {None: (None, seen), "inner": ({"v": None, "w": 1}, {"v": seen, "w": 1}), "items": ([], [seen])}[own]
    shards = [{"id": "a", "own": values[0]}, {"id": "b", "own": values[1]}]
    files = [str(tmp_path / f"{name}.parquet") for name in ("one", "two", "empty")]
    for file, some in zip(files, ([shards[0]], [shards[1]], []), strict=True):
        writer = storage.open_writer(file)
        writer.write([json.dumps(row).encode() for row in some])
        writer.commit()
    assert [row for file in files for row in rows_of(Path(file))] == shards
    joined = polars.concat([polars.read_parquet(file) for file in files], how="diagonal_relaxed")
    assert joined["own"].to_list()[1] == values[1]
    table = pyarrow.concat_tables([pyarrow.parquet.read_table(file) for file in files], promote_options="permissive")
    assert table.column("own").to_pylist() == list(values)
    found = duckdb.execute(f"select own from read_parquet({files}, union_by_name=true) order by id").fetchall()
    assert [cell for (cell,) in found] == list(values)


def test_pyarrow_reads_what_is_written(written: Path) -> None:
    table = pyarrow.parquet.read_table(written)
    assert table["messages"].to_pylist() == [row["messages"] for row in ROWS]
    assert pyarrow.types.is_int64(table.schema.field("stars").type)
    assert pyarrow.types.is_struct(table.schema.field("messages").type.value_type)


def test_datasets_reads_what_is_written(written: Path, tmp_path: Path) -> None:
    """In a process of its own: it is slow to import, and leaves threads."""
    script = (
        "import datasets, json, sys\n"
        "read = datasets.Dataset.from_parquet(sys.argv[1], cache_dir=sys.argv[2])\n"
        "print(json.dumps([[row['messages'], row['stars'], row['tags'], row['repo']] for row in read]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(written), str(tmp_path / "cache")],
        env={
            **os.environ,
            "HF_DATASETS_OFFLINE": "1",
            "HF_HOME": str(tmp_path),
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        },
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == [[row["messages"], row["stars"], row["tags"], row["repo"]] for row in ROWS]


@pytest.mark.parametrize("compression", ["snappy", "gzip", "brotli", "lz4", "zstd", "none"])
@pytest.mark.parametrize("name", ["rows.parquet", "rows.jsonl", "rows"])
def test_a_table_of_pyarrow(tmp_path: Path, compression: str, name: str) -> None:
    table = pyarrow.table({"id": ["a", "b"], "messages": [[{"role": "user", "content": "x"}], []]})
    pyarrow.parquet.write_table(table, tmp_path / name, compression=compression)
    assert rows_of(tmp_path / name) == [
        {"id": "a", "messages": [{"role": "user", "content": "x"}]},
        {"id": "b", "messages": []},
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (pyarrow.array([decimal.Decimal("1.50")], pyarrow.decimal128(10, 2)), 1.5),
        (pyarrow.array([decimal.Decimal("7")], pyarrow.decimal128(10, 0)), 7),
        (pyarrow.array([decimal.Decimal("12345678901234567890.12")], pyarrow.decimal128(30, 2)), "12345678901234567890.12"),
        (pyarrow.array(["p"]).dictionary_encode(), "p"),
        (pyarrow.array([datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)]), "2024-01-01T00:00:00+00:00"),
        (pyarrow.array([datetime.date(2024, 1, 1)]), "2024-01-01"),
        (pyarrow.array([datetime.time(1, 2)]), "01:02:00"),
        (pyarrow.array([datetime.timedelta(hours=25)]), "1 day, 1:00:00"),
        (pyarrow.array([2**64 - 1], pyarrow.uint64()), 2**64 - 1),
        (pyarrow.array([[1.0, 2.0]], pyarrow.list_(pyarrow.float32(), 2)), [1.0, 2.0]),
        (pyarrow.array([[("k", 1)]], pyarrow.map_(pyarrow.string(), pyarrow.int64())), {"k": 1}),
        (pyarrow.array(["x"], pyarrow.large_string()), "x"),
        (pyarrow.array([b"abcd"], pyarrow.binary(4)), "abcd"),
        (pyarrow.array([{"a": {"b": [None, "x"]}}]), {"a": {"b": [None, "x"]}}),
    ],
)  # fmt: skip
def test_a_type_of_other_programs(tmp_path: Path, column: Any, value: Any) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"cell": column}), tmp_path / "rows.parquet")
    assert rows_of(tmp_path / "rows.parquet") == [{"cell": value}]


@pytest.mark.parametrize("columns", [{"id": pyarrow.array([], pyarrow.string())}, {}])
def test_a_file_without_rows(tmp_path: Path, columns: Any) -> None:
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "rows.parquet")
    assert rows_of(tmp_path / "rows.parquet") == []


def test_a_column_that_cannot_be_read_is_named(shell: Any, tmp_path: Path) -> None:
    duckdb.sql(f"copy (select 'a' as id, interval 1 day as span) to '{tmp_path}/rows.parquet'")
    ran = shell("syncode stats rows.parquet")
    assert ran.code == 3
    assert b": rows.parquet: not readable as Parquet (" in ran.err
    assert ran.err.endswith(b": leave out 'span', the others are readable\n")


NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ([1.0, NAN], "x"),
        ([1.0, -INFINITY], "x"),
        ([[1.0], [NAN]], "x[0]"),
        ([{"y": 1.0}, {"y": INFINITY}], "x.y"),
    ],
)
def test_nan_is_refused_as_in_jsonl_with_its_key_and_row(tmp_path: Path, cells: list[Any], key: str) -> None:
    rows = [{"id": name, "x": cell} for name, cell in zip("ab", cells, strict=True)]
    polars.DataFrame(rows).write_parquet(tmp_path / "rows.parquet")
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in ("rows.parquet", "rows.jsonl"):
        read = stream.read([str(tmp_path / name)], None)
        assert next(read) == rows[0]
        with pytest.raises(DataError) as error:
            next(read)
        assert str(error.value).startswith(f"{tmp_path / name}:2: not JSON ({key!r} is ")
        assert "JSON has no such number" in str(error.value)


@pytest.mark.parametrize("packed", ["cat", "gzip -c", "gzip -c | gzip -c"])
def test_parquet_in_a_pipe_or_packed(shell: Any, written: Path, packed: str) -> None:
    ran = shell(f"cat {written} | {packed} | syncode stats --format jsonl | head -1")
    assert json.loads(ran.out)["rows"] == 3


@pytest.mark.parametrize("stream", [False, True])
def test_arrow_files(tmp_path: Path, stream: bool) -> None:
    frame = polars.DataFrame({"id": ["a", "b"], "n": [[1], None]})
    (frame.write_ipc_stream if stream else frame.write_ipc)(tmp_path / "rows.arrow")
    assert rows_of(tmp_path / "rows.arrow") == [{"id": "a", "n": [1]}, {"id": "b"}]


def test_a_damaged_file_is_a_data_error(tmp_path: Path, written: Path) -> None:
    whole = written.read_bytes()
    for name, content in {
        "cut": whole[:-100],
        "head only": whole[:4],
        "turned": whole[:4] + whole[:3:-1] + b"PAR1",
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=f"{name}: not readable as Parquet"):
            rows_of(tmp_path / name)
