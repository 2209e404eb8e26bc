"""What a source holds is told by its first bytes: packed or not, in any encoding, from a file and from a pipe."""

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from syncode import storage
from syncode.errors import DataError

ROWS = [{"n": number, "text": 'naïve 😀 \\ "quoted" \n' * 40} for number in range(500)]
TEXT = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
HALF = len(TEXT) // 2 + 3


def zstd(text: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(text)


def zipped(*names: str, content: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content or TEXT)
    return file.getvalue()


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("rows.jsonl"))
    return file.getvalue()


BOM = b"\xef\xbb\xbf"
FIRST, SECOND = (b"".join(TEXT.splitlines(keepends=True)[part]) for part in (slice(5), slice(5, None)))

PACKED = {
    "gz": gzip.compress(TEXT),
    "gz of two members": gzip.compress(TEXT[:HALF]) + gzip.compress(TEXT[HALF:]),
    "gz with padding": gzip.compress(TEXT) + bytes(1000),
    "gz with padding between": gzip.compress(TEXT[:HALF]) + bytes(512) + gzip.compress(TEXT[HALF:]),
    "zst": zstd(TEXT),
    "zst of two frames": zstd(TEXT[:HALF]) + zstd(TEXT[HALF:]),
    "zst after a frame to skip": b"\x53\x2a\x4d\x18\x05\0\0\0hello" + zstd(TEXT),
    "zst with a frame to skip inside": zstd(TEXT[:HALF]) + b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstd(TEXT[HALF:]),
    "bz2": bz2.compress(TEXT),
    "bz2 of two streams": bz2.compress(TEXT[:HALF]) + bz2.compress(TEXT[HALF:]),
    "xz": lzma.compress(TEXT),
    "xz of two streams with padding": lzma.compress(TEXT[:HALF]) + bytes(8) + lzma.compress(TEXT[HALF:]),
    "gz of gz": gzip.compress(gzip.compress(TEXT)),
    "zip": zipped("rows.jsonl"),
    "zip from a Mac": zipped("rows.jsonl", "__MACOSX/._rows.jsonl"),
    "zip of gz": zipped("rows.jsonl.gz", content=gzip.compress(TEXT)),
    "zip of zip of bz2": zipped("rows.zip", content=zipped("rows.bz2", content=bz2.compress(TEXT))),
    "gz of zip": gzip.compress(zipped("rows.jsonl")),
    "two files with marks": BOM + FIRST + BOM + SECOND,
    "gz members with marks": gzip.compress(BOM + FIRST) + gzip.compress(BOM + SECOND),
    "two utf-16 files": FIRST.decode().encode("utf-16") + SECOND.decode().encode("utf-16"),
    "not packed": TEXT,
    "a byte order mark": b"\xef\xbb\xbf" + TEXT,
    "utf-16 with mark": TEXT.decode().encode("utf-16"),
    "utf-16-le": TEXT.decode().encode("utf-16-le"),
    "utf-16-be with mark": b"\xfe\xff" + TEXT.decode().encode("utf-16-be"),
    "utf-16-be": TEXT.decode().encode("utf-16-be"),
    "utf-32": TEXT.decode().encode("utf-32"),
    "utf-32-be": TEXT.decode().encode("utf-32-be"),
    "utf-16, gz": gzip.compress(TEXT.decode().encode("utf-16")),
    "Windows lines": TEXT.replace(b"\n", b"\r\n"),
    "old Mac lines": TEXT.replace(b"\n", b"\r"),
}


def rows_of(source: str) -> list[tuple[int, Any]]:
    """Return the number and the row of each line that is not blank."""
    chunks = storage.read_chunks(source)
    numbered = (pair for chunk in chunks for pair in enumerate(chunk.lines, chunk.first))
    return [(number, json.loads(line)) for number, line in numbered if line.strip()]


@pytest.mark.parametrize("form", PACKED)
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows"])
def test_a_file_is_read_whatever_its_name(tmp_path: Path, form: str, name: str) -> None:
    (tmp_path / name).write_bytes(PACKED[form])
    assert rows_of(str(tmp_path / name)) == list(enumerate(ROWS, 1))


def read_stdin(monkeypatch: pytest.MonkeyPatch, content: bytes, step: int) -> list[tuple[int, Any]]:
    """Return the rows of a pipe that is written `step` bytes at a time."""
    reading, writing = os.pipe()
    script = (
        "import sys, os, time\ndata = sys.stdin.buffer.read()\n"
        f"for start in range(0, len(data), {step}): os.write({writing}, data[start:start + {step}])"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, pass_fds=[writing]) as writer:
        os.close(writing)
        assert writer.stdin is not None
        writer.stdin.write(content)
        writer.stdin.close()
        with os.fdopen(reading, "rb", buffering=0) as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            return rows_of("-")


@pytest.mark.parametrize("form", PACKED)
def test_a_pipe_is_read_whatever_comes(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    assert read_stdin(monkeypatch, PACKED[form], 1000) == list(enumerate(ROWS, 1))


@pytest.mark.parametrize(
    "form",
    ["gz", "zst of two frames", "utf-16 with mark", "old Mac lines", "a byte order mark", "two files with marks"],
)
def test_a_pipe_may_come_in_single_bytes(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    few = b"".join(TEXT.splitlines(keepends=True)[:3])
    content = {
        "gz": gzip.compress(few),
        "zst of two frames": zstd(few[:1000]) + zstd(few[1000:]),
        "utf-16 with mark": few.decode().encode("utf-16"),
        "old Mac lines": few.replace(b"\n", b"\r"),
        "a byte order mark": BOM + few,
        "two files with marks": BOM.join([b"", *few.splitlines(keepends=True)]),
    }
    assert read_stdin(monkeypatch, content[form], 1) == list(enumerate(ROWS[:3], 1))


@pytest.mark.parametrize("text", ['{"n": 1}\n', '[{"n": 1},', '{\n"n": 1\n}\n{', "n,m\n1,2\n"])
def test_a_row_in_a_pipe_is_handed_on_before_the_next_one_comes(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as stdin, os.fdopen(writing, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdin", stdin)
        pipe.write(text.encode())
        chunk = next(storage.read_chunks("-"))  # hangs where more is waited for
        row = json.loads(next(line for line in chunk.lines if line.strip()))
        assert row in ({"n": 1}, {"n": "1", "m": "2"})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"SQLite format 3\0" + bytes(100), "an SQLite database: export"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a Git LFS pointer, not the data"),
        (b"\x04\x22\x4d\x18" + bytes(50), "packed with lz4: unpack it"),
        (b"<!DOCTYPE html><html>", "a web page, not rows"),
        (tarred(), "a tar archive: unpack it"),
        (gzip.compress(tarred()), "a tar archive: unpack it"),
        (zipped("a.jsonl", "b.jsonl"), "a zip archive of 2 files: unpack it"),
        (zipped("[Content_Types].xml", "xl/sheet.xml"), "an office document: save the table as CSV"),
        (b"PK\x03\x04 and no more", "not readable as a zip archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(50), "a 7z archive: unpack it"),
        (b"\x1f\x9d\x90" + bytes(50), "packed with compress"),
        (lzma.compress(TEXT, lzma.FORMAT_ALONE), "packed with the old lzma"),
        (b"\xff\x06\0\0sNaPpY" + bytes(50), "packed with snappy"),
        (pickle.dumps([{"n": 1}]), "a pickle"),
        (b"FEA1" + bytes(50), "a Feather file of the first version"),
        (b"Obj\x01" + bytes(50), "an Avro file"),
    ],
    ids=[
        *("sqlite", "lfs", "lz4", "html", "tar", "tar.gz", "zip", "office", "no zip"),
        *("7z", "compress", "lzma", "snappy", "pickle", "feather", "avro"),
    ],
)
def test_what_holds_no_rows_is_named(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "rows.jsonl").write_bytes(content)
    with pytest.raises(DataError, match=why) as error:
        rows_of(str(tmp_path / "rows.jsonl"))
    assert str(error.value).startswith(f"{tmp_path}/rows.jsonl: ")


@pytest.mark.parametrize("form", ["gz", "zst", "bz2", "xz", "utf-16-le"])
def test_what_stands_before_the_damage_is_kept(tmp_path: Path, form: str) -> None:
    noise = "".join(json.dumps({"n": number, "text": os.urandom(200).hex()}) + "\n" for number in range(3000))
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.compress, "zst": zstd, "bz2": lambda text: bz2.compress(text, 1), "xz": lzma.compress,
        "utf-16-le": lambda text: text.decode().encode("utf-16-le"),
    }  # fmt: skip
    whole = pack[form](noise.encode())
    (tmp_path / "rows").write_bytes(whole[: len(whole) * 2 // 3 | 1])
    read = []
    with pytest.raises(DataError) as error:
        for chunk in storage.read_chunks(str(tmp_path / "rows")):
            read += chunk.lines
    assert f"rows:{len(read) + 1}: " in str(error.value)
    assert read
    assert all(json.loads(line)["n"] == number for number, line in enumerate(read))


def test_garbage_behind_a_packed_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(gzip.compress(b'{"n": 1}\n') + b"not gzip")
    with pytest.raises(DataError, match=r"rows:2: the compressed file is cut short or damaged"):
        rows_of(str(tmp_path / "rows"))
