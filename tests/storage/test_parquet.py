"""Parquet on paths: columns from the TypedDict, open-ended values as JSON text, every row back as it was."""

import datetime
import json
import tempfile
from pathlib import Path
from typing import Any

import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncode import storage, stream
from syncode.errors import DataError
from syncode.schemas.records import Execution, Sample, Step
from syncode.stream import Flow

SAMPLE: dict[str, Any] = {
    "id": "s1",
    "messages": [{"role": "user", "content": "Why?\n"}, {"role": "assistant", "content": "Because: {} [] \u2028 \x00"}],
    "language": "python",
    "labels": {"algorithmic": None, "nested": {"deep": [1, 2.5, "x"]}},
    "lineage": [],
}


def write(path: Path, rows: list[Any], record: type | None) -> None:
    writer = storage.open_writer(str(path), record)
    writer.write([json.dumps(row).encode() for row in rows])
    writer.commit()


def rows_of(path: Path) -> list[Any]:
    return [json.loads(line) for chunk in storage.read_chunks(str(path)) for line in chunk.lines]


def test_nested_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [SAMPLE, {**SAMPLE, "id": "s2", "weight": 2.0, "lineage": [{"op": "crawl", "version": 1}]}]
    write(tmp_path / "rows.parquet", rows, Sample)
    assert rows_of(tmp_path / "rows.parquet") == rows
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


def test_columns_do_not_depend_on_the_rows(tmp_path: Path) -> None:
    write(tmp_path / "none.parquet", [], Sample)
    write(tmp_path / "some.parquet", [SAMPLE, {**SAMPLE, "weight": 0.5, "unheard-of": 1}], Sample)
    schemas = [polars.read_parquet_schema(tmp_path / name) for name in ("none.parquet", "some.parquet")]
    assert schemas[0] == schemas[1]
    assert schemas[0]["weight"] == polars.Float64
    assert schemas[0]["messages"] == polars.String
    assert rows_of(tmp_path / "none.parquet") == []


def test_a_key_that_only_the_last_row_has(tmp_path: Path) -> None:
    rows = [{**SAMPLE, "id": str(number)} for number in range(storage.records.PARQUET_BATCH + 10)]
    rows[-1] = {**rows[-1], "weight": 3, "surprise": [{"a": 1}]}
    write(tmp_path / "rows.parquet", rows, Sample)
    assert rows_of(tmp_path / "rows.parquet") == rows


def test_unknown_keys_live_together_in_one_column(tmp_path: Path) -> None:
    rows = [{**SAMPLE, "stars": 3, "extra": {"mine": True}}, {**SAMPLE, "forks": None}]
    write(tmp_path / "rows.parquet", rows, Sample)
    assert rows_of(tmp_path / "rows.parquet") == rows
    column = polars.read_parquet(tmp_path / "rows.parquet")["extra"]
    assert [json.loads(cell) for cell in column] == [{"stars": 3, "extra": {"mine": True}}, {"forks": None}]


@pytest.mark.parametrize(
    ("record", "row"),
    [
        (Execution, {"id": "1", "of": "2", "state": "infra", "passed": None, "seconds": 1, "toolchain": "x"}),
        (Execution, {"id": "1", "of": "2", "state": "pass", "passed": True, "seconds": 0.25, "toolchain": "x"}),
        (Step, {"step": 1, "loss": None, "lr": 1e-9, "tokens": 2**40, "tokens_per_s": 1, "mfu": None, "seconds": 0}),
        (None, {"any": [{"thing": None}]}),
    ],
)
def test_null_and_numbers_keep_their_meaning(tmp_path: Path, record: type | None, row: Any) -> None:
    write(tmp_path / "rows.parquet", [row], record)
    assert rows_of(tmp_path / "rows.parquet") == [row]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    extras=st.lists(
        st.dictionaries(st.text().filter(lambda key: key not in SAMPLE and key != "weight"), JSON), max_size=5
    )
)
def test_any_row_survives_the_way_through_parquet(extras: list[dict[str, Any]]) -> None:
    declared = Sample.__annotations__
    rows = [{**SAMPLE, **{key: value for key, value in extra.items() if key not in declared}} for extra in extras]
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "rows.parquet", rows, Sample)
        assert rows_of(Path(folder) / "rows.parquet") == rows


def test_a_parquet_file_of_somebody_else(tmp_path: Path) -> None:
    frame = polars.DataFrame(
        {"id": ["a", "b"], "tags": [["x"], []], "meta": [{"k": 1}, {"k": None}], "note": [None, "n"]}
    )
    frame.write_parquet(tmp_path / "foreign.parquet")
    assert rows_of(tmp_path / "foreign.parquet") == [
        {"id": "a", "tags": ["x"], "meta": {"k": 1}},
        {"id": "b", "tags": [], "meta": {"k": None}, "note": "n"},
    ]


@pytest.mark.parametrize("content", [b"", b"no parquet at all", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_damaged_parquet_file_is_a_data_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.parquet").write_bytes(content)
    with pytest.raises(DataError, match=r"rows\.parquet: not readable as Parquet"):
        rows_of(tmp_path / "rows.parquet")


def test_a_missing_parquet_file_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.parquet: not readable as Parquet \(.*(No such file|not exist)"):
        rows_of(tmp_path / "nowhere.parquet")


def test_a_stage_reads_and_writes_parquet_with_several_workers(tmp_path: Path) -> None:
    rows = [{**SAMPLE, "id": str(number), "n": number} for number in range(3 * storage.records.PARQUET_BATCH)]
    write(tmp_path / "in.parquet", rows, Sample)
    flow = Flow((str(tmp_path / "in.parquet"),), str(tmp_path / "out.parquet"), workers=2, quiet=True)
    counts = stream.map(lambda row: [{**row, "weight": 2.0}], Sample, Sample, flow)
    assert counts.line() == f"{len(rows)} read, {len(rows)} written"
    assert rows_of(tmp_path / "out.parquet") == [{**row, "weight": 2.0} for row in rows]


def test_output_may_replace_input(tmp_path: Path) -> None:
    for name in ("rows.jsonl", "rows.jsonl.gz", "rows.parquet"):
        path = tmp_path / name
        writer = storage.open_writer(str(path), Sample)
        writer.write([json.dumps({**SAMPLE, "id": str(number)}).encode() for number in range(5000)])
        writer.commit()
        flow = Flow((str(path),), str(path), quiet=True)
        assert stream.map(lambda row: [{**row, "language": "c"}], Sample, Sample, flow).written == 5000
        assert {(row["language"]) for row in rows_of(path)} == {"c"}
        assert len(rows_of(path)) == 5000


def test_columns_that_json_has_no_type_for(tmp_path: Path) -> None:
    path = tmp_path / "foreign[1].parquet"  # a name, not a pattern
    columns = {"text": [b"caf\xc3\xa9"], "long": [2**100], "day": [datetime.date(2024, 12, 6)]}
    polars.DataFrame(columns, schema_overrides={"long": polars.Int128}).write_parquet(path)
    assert rows_of(path) == [{"text": "café", "long": 2**100, "day": "2024-12-06"}]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.parquet"
    polars.DataFrame({"image": [b"\x89PNG\xff"]}).write_parquet(path)
    with pytest.raises(DataError, match=r"image\.parquet: a row from 1 on holds what JSON cannot \('utf-8' codec"):
        rows_of(path)
