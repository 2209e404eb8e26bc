"""What a progress bar needs to know: bytes taken in, and bytes there are."""

import gzip
from pathlib import Path

import pytest

from syncode import storage
from syncode.storage import meter


def test_bytes_are_counted_as_they_lie_in_the_file(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"
    plain.write_bytes(b'{"n": 1}\n' * 1000)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path in (plain, packed):
        before = meter.taken()
        assert sum(len(chunk.lines) for chunk in storage.read_chunks(str(path))) >= 1000
        assert meter.taken() - before == path.stat().st_size == meter.total([str(path)])
    assert meter.total([str(plain), str(packed)]) == plain.stat().st_size + packed.stat().st_size
    assert meter.total([str(tmp_path / "*.jsonl")]) == plain.stat().st_size


@pytest.mark.parametrize("source", ["-", "nowhere.jsonl", "/dev/null", "http://host/rows.jsonl"])
def test_the_size_of_what_is_not_a_plain_file_is_not_known(source: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"n": 1}\n')
    assert meter.total([str(tmp_path / "a.jsonl"), source]) == 0
