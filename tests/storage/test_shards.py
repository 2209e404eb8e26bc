"""A folder or a pattern is its data files in the order in which people count."""

import json
import os
from pathlib import Path

import pytest

from syncode import storage
from syncode.errors import DataError, UsageError


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps({"from": name}) + "\n")


def names_in(source: Path | str) -> list[str]:
    return [json.loads(line)["from"] for chunk in storage.read_chunks(str(source)) for line in chunk.lines]


def test_a_folder_gives_its_data_files_in_natural_order(tmp_path: Path) -> None:
    shards = [f"data/part-{number}.jsonl" for number in (1, 2, 10)]
    make(
        tmp_path, *shards[::-1], "README.md", "data/.hidden.jsonl", ".git/x.jsonl", ".cache/huggingface/y.json",
        "dataset_infos.json", "data/cache-0f.arrow", "_SUCCESS.json", "notes.txt", "data/more/a.json", "state.json",
    )  # fmt: skip
    assert names_in(tmp_path) == ["data/more/a.json", *shards]
    assert names_in(f"{tmp_path}/") == ["data/more/a.json", *shards]


def test_links_to_folders_are_followed_and_every_folder_is_read_once(tmp_path: Path) -> None:
    make(tmp_path, "set/a.jsonl", "elsewhere/b.jsonl", "elsewhere/deep/c.jsonl")
    (tmp_path / "set/link").symlink_to("../elsewhere")
    (tmp_path / "set/link-again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/round").symlink_to("../set")
    (tmp_path / "set/self").symlink_to(".")
    assert names_in(tmp_path / "set") == ["set/a.jsonl", "elsewhere/b.jsonl", "elsewhere/deep/c.jsonl"]


def test_a_folder_inside_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jsonl", "closed/b.jsonl")
    scan = os.scandir

    def refuse(path: str) -> object:  # permissions do not hold root back
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match="closed: Permission denied"):
        names_in(tmp_path)


def test_a_pattern(tmp_path: Path) -> None:
    make(tmp_path, "a-10.jsonl", "a-9.jsonl", "b-1.jsonl", "deep/er/a-3.jsonl")
    assert names_in(tmp_path / "a-*.jsonl") == ["a-9.jsonl", "a-10.jsonl"]
    assert names_in(tmp_path / "**" / "a-?.jsonl") == ["a-9.jsonl", "deep/er/a-3.jsonl"]


def test_a_name_is_a_name_before_it_is_a_pattern(tmp_path: Path) -> None:
    make(tmp_path, "a[1].jsonl", "a1.jsonl")
    assert names_in(tmp_path / "a[1].jsonl") == ["a[1].jsonl"]


def test_the_places_are_those_of_the_files(tmp_path: Path) -> None:
    make(tmp_path, "a.jsonl", "b.jsonl")
    assert [chunk.at(chunk.first) for chunk in storage.read_chunks(str(tmp_path))] == [
        f"{tmp_path}/{n}.jsonl:1" for n in "ab"
    ]


@pytest.mark.parametrize(
    "other", ["data/test-00000-of-00001.jsonl", "validation.jsonl", "dev/rows.jsonl", "x.test.jsonl"]
)
def test_a_folder_with_several_splits_is_refused(tmp_path: Path, other: str) -> None:
    make(tmp_path, "data/train-00000-of-00002.jsonl", "data/train-00001-of-00002.jsonl", other)
    with pytest.raises(UsageError, match=r"a folder with the splits t.*name the files of one"):
        names_in(tmp_path)
    assert names_in(tmp_path / "data" / "train-*") == [f"data/train-0000{n}-of-00002.jsonl" for n in (0, 1)]


def test_words_like_test_in_names_are_no_splits(tmp_path: Path) -> None:
    make(tmp_path, "training_data.jsonl", "latest.jsonl", "contest-1.jsonl", "evaluate.jsonl")
    assert len(names_in(tmp_path)) == 4


def test_a_folder_or_pattern_without_data_files(tmp_path: Path) -> None:
    make(tmp_path, "README.md")
    with pytest.raises(DataError, match=r"a folder without data files"):
        names_in(tmp_path)
    with pytest.raises(DataError, match=r"x-\*\.jsonl: there is no such file, and as a pattern it matches none"):
        names_in(tmp_path / "x-*.jsonl")


@pytest.mark.parametrize("address", ["hf://x.parquet", "https://example.org/rows.jsonl", "s3://bucket/rows.parquet"])
def test_an_address_is_told(address: str) -> None:
    with pytest.raises(UsageError, match="an address, not a file: fetch it first"):
        names_in(address)
