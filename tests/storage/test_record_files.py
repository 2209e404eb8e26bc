"""JSONL files, plain and compressed: whole or not at all, read line by line whatever the compression."""

import bz2
import gzip
import lzma
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from syncode import cli, storage
from syncode.errors import DataError, UsageError

LINES = [b'{"n":%d,"text":"%s"}' % (number, b"x" * (number % 50)) for number in range(20_000)]
TEXT = b"".join(line + b"\n" for line in LINES)


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    for chunk in storage.read_chunks(str(path)):
        assert chunk.source == str(path)
        yield from enumerate(chunk.lines, chunk.first)


def write(path: Path, lines: list[bytes]) -> None:
    writer = storage.open_writer(str(path))
    for start in range(0, len(lines), 1000):
        writer.write(lines[start : start + 1000])
    writer.commit()


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".jsonl.zst", ".jsonl.bz2", ".ndjson.xz", ""])
def test_what_is_written_is_read_with_its_line_numbers(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows{suffix}"
    write(path, LINES)
    assert list(lines_of(path)) == list(enumerate(LINES, 1))
    assert path.stat().st_size < len(TEXT) / (2 if "." in suffix[1:] else 0.5)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".jsonl.gz", ".jsonl.zst"])
def test_equal_rows_give_equal_bytes(tmp_path: Path, suffix: str) -> None:
    write(tmp_path / f"one{suffix}", LINES)
    write(tmp_path / f"two{suffix}", LINES)
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_compressed_files_of_several_parts_are_one_file(tmp_path: Path) -> None:
    middle = len(TEXT) // 2 + 7  # in the middle of a line
    parts = [TEXT[:middle], TEXT[middle:], b""]
    (tmp_path / "rows.jsonl.gz").write_bytes(b"".join(map(gzip.compress, parts)))
    compress = zstandard.ZstdCompressor().compress
    (tmp_path / "rows.jsonl.zst").write_bytes(b"".join(map(compress, parts)))
    for name in ("rows.jsonl.gz", "rows.jsonl.zst"):
        assert list(lines_of(tmp_path / name)) == list(enumerate(LINES, 1))


@pytest.mark.parametrize("damage", ["cut", "cut at the end", "overwritten"])
@pytest.mark.parametrize("suffix", [".gz", ".zst", ".bz2", ".xz"])
def test_a_damaged_archive_names_file_and_line(tmp_path: Path, suffix: str, damage: str) -> None:
    noise = b"".join(b'{"n":"%s"}\n' % os.urandom(16).hex().encode() for _ in range(40_000))
    pack = {
        ".gz": gzip.compress,
        ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
        ".bz2": bz2.compress,
        ".xz": lzma.compress,
    }
    whole = pack[suffix](noise)
    third = len(whole) // 3
    damaged = {
        "cut": whole[: 2 * third],
        "cut at the end": whole[:-3],
        "overwritten": whole[:third] + b"\x55" * 64 + whole[third + 64 :],
    }
    path = tmp_path / f"rows.jsonl{suffix}"
    path.write_bytes(damaged[damage])
    read = []
    with pytest.raises(DataError, match=r"the compressed file is cut short or damaged") as error:
        for number, line in lines_of(path):
            read.append((number, line))
    assert str(error.value).startswith(f"{path}:{len(read) + 1}: ")
    if damage == "cut":
        assert read == list(enumerate(noise.split(b"\n"), 1))[: len(read)] and read


def test_empty_files_hold_no_lines(tmp_path: Path) -> None:
    for name, content in (("a.jsonl", b""), ("b.jsonl.gz", gzip.compress(b"")), ("c.jsonl.zst", b"")):
        (tmp_path / name).write_bytes(content)
        assert list(lines_of(tmp_path / name)) == []


def test_the_last_line_needs_no_newline_and_a_long_one_is_whole(tmp_path: Path) -> None:
    long = b'"' + b"y" * (3 * storage.containers.BLOCK_BYTES) + b'"'
    (tmp_path / "rows.jsonl").write_bytes(b"1\n" + long + b"\n\n" + long)
    assert list(lines_of(tmp_path / "rows.jsonl")) == [(1, b"1"), (2, long), (3, b""), (4, long)]


def test_an_abandoned_file_leaves_nothing_and_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"old\n")
    writer = storage.open_writer(str(path))
    writer.write([b"new"])
    assert path.read_bytes() == b"old\n"
    writer.abort()
    assert [entry.name for entry in tmp_path.iterdir()] == ["rows.jsonl"]
    assert path.read_bytes() == b"old\n"


def test_a_file_has_ordinary_permissions(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "rows.jsonl", [b"1"])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "rows.jsonl").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "rows.jsonl").symlink_to("data/real.jsonl")
    for text in (b"1", b"2"):
        write(tmp_path / "rows.jsonl", [text])
        assert (tmp_path / "data" / "real.jsonl").read_bytes() == text + b"\n"
    assert (tmp_path / "rows.jsonl").is_symlink()
    assert [entry.name for entry in (tmp_path / "data").iterdir()] == ["real.jsonl"]


def test_a_named_pipe_is_written_in_place(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write(tmp_path / "pipe", [b"1", b"2"])
        assert os.read(reader, 100) == b"1\n2\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_target_without_a_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        storage.open_writer(str(tmp_path / "nowhere" / "rows.jsonl"))


def test_a_link_that_leads_to_itself_is_replaced(tmp_path: Path) -> None:
    loop = tmp_path / "loop.jsonl"
    loop.symlink_to(loop)
    write(loop, [b"{}"])
    assert loop.read_bytes() == b"{}\n"


def test_the_bytes_are_on_the_disk_before_the_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that outlives a power cut must not point to bytes that did not."""
    out, seen, real = tmp_path / "out.jsonl", [], os.fsync

    def spy(number: int) -> None:
        seen.append((Path(f"/proc/self/fd/{number}").resolve().parent, os.fstat(number).st_size, out.exists()))
        real(number)

    monkeypatch.setattr(os, "fsync", spy)
    (tmp_path / "rows.jsonl").write_text('{"id":"1","text":"x = 1","source":{"kind":"path","path":"a.py"}}\n')
    assert cli.run(["classify", str(tmp_path / "rows.jsonl"), "-o", str(out), "--quiet"]) == 0
    assert (tmp_path, out.stat().st_size, False) in seen
