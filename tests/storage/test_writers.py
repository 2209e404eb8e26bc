"""What the suffix of an output says is what is written, and what cannot be written is a usage error."""

import json
from pathlib import Path

import pytest

from syncode import storage
from syncode.errors import UsageError

LINES = [b'{"n":%d}' % number for number in range(10)]


@pytest.mark.parametrize("packing", ["", ".gz", ".zst", ".bz2", ".xz"])
def test_json_is_an_array(tmp_path: Path, packing: str) -> None:
    path = tmp_path / f"rows.json{packing}"
    for parts in ([], [LINES[:1]], [LINES[:3], [], LINES[3:]]):
        writer = storage.open_writer(str(path))
        for part in parts:
            writer.write(part)
        writer.commit()
        if not packing:
            assert json.loads(path.read_bytes()) == [json.loads(line) for part in parts for line in part]
        assert [line for chunk in storage.read_chunks(str(path)) for line in chunk.lines] == [
            line for part in parts for line in part
        ]


@pytest.mark.parametrize(
    "name",
    ["x.csv", "x.xlsx", "x.txt", "x.jsnol", "x.parquet.gz", "x.csv.gz", "x.jsonl.lz4", "x.arrow", "a.html", "x.PDF"],
)  # fmt: skip
def test_a_suffix_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"rows cannot be written as \.[a-z].*\.jsonl, .*\.parquet"):
        storage.open_writer(str(tmp_path / name))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["rows", "rows.2024-12-06", "rows.v1.jsonl", "x.gz", "X.JSONL", "x.csv.jsonl", "a.b c"]
)
def test_a_name_that_says_nothing_else_is_jsonl(tmp_path: Path, name: str) -> None:
    writer = storage.open_writer(str(tmp_path / name))
    writer.write(LINES)
    writer.commit()
    assert [line for chunk in storage.read_chunks(str(tmp_path / name)) for line in chunk.lines] == LINES


@pytest.mark.parametrize("target", ["{}", "{}/", "{}/new/"])
def test_a_folder_is_a_usage_error(tmp_path: Path, target: str) -> None:
    with pytest.raises(UsageError, match="a folder: name a file in it"):
        storage.open_writer(target.format(tmp_path))
    with pytest.raises(UsageError, match="a folder: name a file in it"):
        storage.open_text(target.format(tmp_path))


def test_a_text_for_people_may_have_any_name(tmp_path: Path) -> None:
    writer = storage.open_text(str(tmp_path / "page.html"))
    writer.write([b"<p>"])
    writer.commit()
    assert (tmp_path / "page.html").read_bytes() == b"<p>\n"
