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
from pyarrow.parquet import ParquetFile

from syncode import storage, stream
from syncode.errors import DataError
from syncode.schemas.records import Execution, Sample, Step, Verdict
from syncode.storage.parquet import write as parquet_write
from syncode.storage.parquet.write import BATCH_ROWS
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


def test_declared_columns_do_not_depend_on_the_rows(tmp_path: Path) -> None:
    write(tmp_path / "none.parquet", [], Sample)
    write(tmp_path / "some.parquet", [SAMPLE, {**SAMPLE, "weight": 0.5, "unheard-of": 1}], Sample)
    none, some = (polars.read_parquet_schema(tmp_path / name) for name in ("none.parquet", "some.parquet"))
    assert some == {**none, "unheard-of": polars.Int64}
    turns = polars.List(polars.Struct({"role": polars.String, "content": polars.String}))
    assert [none[key] for key in ("messages", "labels", "weight")] == [turns, polars.String, polars.Float64]
    assert "drop" not in none
    assert rows_of(tmp_path / "none.parquet") == []


def test_a_key_that_only_the_last_row_has(tmp_path: Path) -> None:
    rows = [{**SAMPLE, "id": str(number)} for number in range(BATCH_ROWS + 10)]
    rows[-1] = {**rows[-1], "weight": 3, "surprise": [{"a": 1}]}
    write(tmp_path / "rows.parquet", rows, Sample)
    assert rows_of(tmp_path / "rows.parquet") == rows


TEXT, WHOLE = polars.String, polars.Int64


def nested(value: Any, levels: int) -> list[Any]:
    return [nested(value, levels - 1) if levels > 1 else value]


def nested_column(levels: int) -> Any:
    return polars.List(nested_column(levels - 1)) if levels else TEXT


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ([3, 2**63 - 1, None], WHOLE),
        ([1.5, 2.0], polars.Float64),
        ([1, 2.5, 2.0], polars.Float64),
        ([True, False], polars.Boolean),
        (["a", None, ""], TEXT),
        ([None, None], polars.Null),
        ([["a"], [], [None]], polars.List(TEXT)),
        ([[], []], polars.List(polars.Null)),
        ([{"a": None}, {"a": None, "b": 1}], polars.Struct({"a": polars.Null, "b": WHOLE})),
        ([{"a": 1}, {"b": [{"c": "x"}]}], polars.Struct({"a": WHOLE, "b": polars.List(polars.Struct({"c": TEXT}))})),
        ([{"a": None}, {"a": 1}, {}], polars.Struct({"a": WHOLE})),
        ([1, "a"], TEXT),  # from here on as JSON text
        ([2**64, 1], TEXT),
        ([2**53 + 1, 0.5], TEXT),
        ([{}, {}], TEXT),
        ([{"a": 1}, []], TEXT),
        ([{str(number): 1 for number in range(100)}], TEXT),
        ([{"Name": 1, "name": 2}], TEXT),  # one name for DuckDB
        ([nested(1, 12)], nested_column(8)),  # the levels below are JSON text
    ],
)  # fmt: skip
def test_an_unknown_key_has_a_column_of_what_its_values_agree_on(
    tmp_path: Path, values: list[Any], column: Any
) -> None:
    rows = [{"id": "1", "own": value} for value in values] + [{"id": "2"}]
    write(tmp_path / "rows.parquet", rows, None)
    schema = polars.read_parquet_schema(tmp_path / "rows.parquet")
    assert schema["own"] == column
    assert exact(rows_of(tmp_path / "rows.parquet")) == exact(rows)


def exact(rows: list[Any]) -> list[str]:
    """Return rows as text: 1 and 1.0 are equal, and null and nothing alike, elsewhere."""
    return [json.dumps(row, sort_keys=True) for row in rows]


def test_text_columns_hold_text_without_quotes(tmp_path: Path) -> None:
    rows = [{"task_id": "1", "model_a": "a", "model_b": "b", "label": label} for label in ("A>B", None, "A=B")]
    write(tmp_path / "rows.parquet", rows, Verdict)
    assert polars.read_parquet(tmp_path / "rows.parquet")["label"].to_list() == ["A>B", None, "A=B"]
    assert exact(rows_of(tmp_path / "rows.parquet")) == exact(rows)


def test_ids_that_are_whole_numbers(tmp_path: Path) -> None:
    whole = [{**SAMPLE, "id": 2**63 + number} for number in range(3)]
    mixed = [*whole, {**SAMPLE, "id": "7"}]
    for rows in (whole, mixed):
        write(tmp_path / "rows.parquet", rows, Sample)
        assert polars.read_parquet(tmp_path / "rows.parquet")["id"].to_list() == [str(row["id"]) for row in rows]
        assert exact(rows_of(tmp_path / "rows.parquet")) == exact(rows)


def test_only_what_columns_cannot_hold_stands_beside_them(tmp_path: Path) -> None:
    rows: list[Any] = [{"n": 1.5, "turns": [{"a": None}, {"b": 1}]}, {"n": 2, "turns": []}, {"n": None, "": 1}, {}]
    write(tmp_path / "rows.parquet", rows, None)
    frame = polars.read_parquet(tmp_path / "rows.parquet")
    assert frame["n"].to_list() == [1.5, 2.0, None, None]
    beside = [json.loads(cell) if cell else {} for cell in frame["_extra"]]
    assert beside == [{"turns": rows[0]["turns"]}, {"n": 2}, {"n": None, "": 1}, {}]
    assert exact(rows_of(tmp_path / "rows.parquet")) == exact(rows)


def test_what_stands_beside_does_not_undo_what_another_program_changed(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    write(path, [{"n": 1.5}, {"n": 2}, {"n": 3}], None)
    metadata = polars.read_parquet_metadata(path)
    changed = polars.read_parquet(path).with_columns(n=polars.col("n").replace(2.0, 7.5))
    changed.write_parquet(path, metadata={key: value for key, value in metadata.items() if key.startswith("syncode")})
    assert exact(rows_of(path)) == exact([{"n": 1.5}, {"n": 7.5}, {"n": 3}])


def test_files_of_older_versions_are_read(tmp_path: Path) -> None:
    """They had one text column for all unknown keys, and no column of lists or objects."""
    cells = {"id": ["a", "b"], "labels": ['{"x":null}', "{}"], "weight": [0.5, None], "extra": ['{"mine":[1]}', None]}
    metadata = {"syncode.json": "labels extra"}
    polars.DataFrame(cells).write_parquet(tmp_path / "old.parquet", metadata=metadata)
    rows = [{"id": "a", "labels": {"x": None}, "weight": 0.5, "mine": [1]}, {"id": "b", "labels": {}}]
    assert exact(rows_of(tmp_path / "old.parquet")) == exact(rows)


def test_rows_of_a_group_are_bounded_by_their_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_write, "GROUP_BYTES", 1 << 20)
    rows = [{"id": str(number), "text": str(number) * 200_000} for number in range(10)]
    write(tmp_path / "rows.parquet", rows, None)
    with ParquetFile(tmp_path / "rows.parquet") as file:
        assert file.metadata.num_row_groups == 2
        assert file.metadata.serialized_size < 10_000  # long texts do not stand in it as the least and the greatest
    assert rows_of(tmp_path / "rows.parquet") == rows


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
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


KEYS = (
    st.sampled_from(["id", "messages", "weight", "label", "source", "own", "_extra", "extra", "Own", "ключ"])
    | st.text()
)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.dictionaries(KEYS, JSON, max_size=5), max_size=5),
    record=st.sampled_from([None, Sample, Verdict, Execution, Step]),
)
def test_any_row_survives_the_way_through_parquet(rows: list[dict[str, Any]], record: type | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "rows.parquet", rows, record)
        assert exact(rows_of(Path(folder) / "rows.parquet")) == exact(rows)


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
    with pytest.raises(DataError, match=r"nowhere\.parquet: No such file"):
        rows_of(tmp_path / "nowhere.parquet")


def test_a_stage_reads_and_writes_parquet_with_several_workers(tmp_path: Path) -> None:
    rows = [{**SAMPLE, "id": str(number), "n": number} for number in range(3 * BATCH_ROWS)]
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


def test_bytes_that_are_no_text_are_base64(tmp_path: Path) -> None:
    path = tmp_path / "image.parquet"
    frame = polars.DataFrame({"id": ["a", "b"], "image": [b"\x89PNG\xff", b"text"], "in": [{"bytes": b"\xff"}, None]})
    frame.write_parquet(path)
    assert rows_of(path) == [
        {"id": "a", "image": {"base64": "iVBOR/8="}, "in": {"bytes": {"base64": "/w=="}}},
        {"id": "b", "image": "text"},
    ]
