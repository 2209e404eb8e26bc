"""What a progress bar needs to know: bytes taken in, and bytes there are."""

import gzip
import subprocess
import sys
from pathlib import Path

import polars
import pytest

from syncode import storage
from syncode.storage import meter
from syncode.storage.containers import BLOCK_BYTES


def test_bytes_are_counted_as_they_lie_in_the_file(tmp_path: Path) -> None:
    plain, packed, columns = tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz", tmp_path / "c.parquet"
    plain.write_bytes(b'{"n": 1}\n' * 1000)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    polars.DataFrame({"n": [1] * 1000}).write_parquet(columns)
    for path in (plain, packed, columns):
        before, handed_on_before = meter.taken()
        assert sum(len(chunk.lines) for chunk in storage.read_chunks(str(path))) == 1000
        taken, handed_on = meter.taken()
        looked_at = BLOCK_BYTES if path == columns else 0  # to recognise what it is; then polars reads it
        assert 0 <= taken - before - path.stat().st_size <= looked_at
        assert handed_on - handed_on_before == 1000
        assert path.stat().st_size == meter.total([str(path)])
    assert meter.total([str(plain), str(packed)]) == plain.stat().st_size + packed.stat().st_size
    assert meter.total([str(tmp_path / "*.jsonl")]) == plain.stat().st_size


def test_stdin_has_a_size_if_it_is_a_file(tmp_path: Path) -> None:
    rows = tmp_path / "a.jsonl"
    rows.write_text('{"n": 1}\n')
    code = "from syncode.storage import meter; print(meter.total([]), meter.total(['-']))"
    for name, told in ((rows, b"9 9\n"), (Path("/dev/null"), b"0 0\n")):
        with name.open("rb") as stdin:
            ran = subprocess.run([sys.executable, "-c", code], stdin=stdin, capture_output=True, check=True)
        assert ran.stdout == told


@pytest.mark.parametrize("source", ["-", "nowhere.jsonl", "/dev/null", "http://host/rows.jsonl"])
def test_the_size_of_what_is_not_a_plain_file_is_not_known(source: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"n": 1}\n')
    assert meter.total([str(tmp_path / "a.jsonl"), source]) == 0
