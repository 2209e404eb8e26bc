"""From bytes to documents: encodings, HTTP bodies, what becomes a document and what is dropped with which reason."""

import base64
import codecs
import gzip
import json
import zlib
from functools import partial
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from syncode import sources
from syncode.errors import DataError
from syncode.schemas.check import checker
from syncode.schemas.records import Document, Row
from syncode.stages.crawl import decode, http
from syncode.stages.crawl.document import crawl
from syncode.stages.crawl.settings import Limits

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


def crawled(root: Path, most: int = 100_000) -> list[Row]:
    """Crawl a folder as the command does, in this process."""
    load = partial(sources.load, most=most)
    return [row for item in sources.items([str(root)], most) for row in crawl(item, load, Limits(most))]


def page(block: bytes, media: str = "application/http; msgtype=response") -> Row:
    """Crawl one record of an archive."""
    item = {"kind": "warc", "path": "x.warc", "name": "x.warc", "record": "response", "url": "http://e.org/a/b.py?q=1"}
    encoded = base64.b64encode(block).decode()
    (row,) = crawl(
        {**item, "fetched": "2026-01-01T00:00:00Z", "media": media, "block": encoded}, sources_load, Limits(10_000)
    )
    return row


def sources_load(item: Row) -> bytes:
    return sources.load(item, 10_000)


def test_a_source_file_is_a_document_as_it_is(tmp_path: Path) -> None:
    text = "#!/usr/bin/env python3\r\n# SPDX-License-Identifier: (MIT OR Apache-2.0)\r\nprint('é')\t \n"
    (tmp_path / "tool").write_bytes(text.encode())
    (row,) = crawled(tmp_path)
    assert checker(Document)(row) is None
    assert row["text"] == text
    assert row["language"] == "python"
    assert row["source"] == {"kind": "path", "path": str(tmp_path / "tool"), "license": "MIT OR Apache-2.0"}
    assert row["lineage"] == [
        {"op": "crawl", "version": 1, "config": {"from": "text", "encoding": "utf-8", **row["source"]}}
    ]


def test_ids_do_not_depend_on_where_the_folder_lies(tmp_path: Path) -> None:
    for folder in ("one", "other/deeper"):
        (tmp_path / folder / "p").mkdir(parents=True)
        (tmp_path / folder / "p/a.py").write_text("x = 1\n")
        (tmp_path / folder / "b.py").write_text("x = 1\n")
    one, other = (crawled(tmp_path / folder) for folder in ("one", "other/deeper"))
    assert [row["id"] for row in one] == [row["id"] for row in other]
    assert len({row["id"] for row in one}) == 2


def test_what_is_no_document_is_dropped_with_its_reason(tmp_path: Path) -> None:
    files = {
        "a.bin": b"\x7fELF\0\0",
        "b.py": b"",
        "c.py": b" \n\t\n",
        "d.html": b"<script>x</script>",
        "e.txt": b"x" * 100_001,
        "f.txt": bytes(range(1, 32)) * 20 + b"\xff\xfe\xfd",
        "g.txt.gz": b"\x1f\x8b broken",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    rules = [row["drop"].partition(":")[0] for row in crawled(tmp_path)]
    assert rules == [
        f"crawl.{name}" for name in ("binary", "empty", "empty", "empty", "too_large", "undecodable", "bad_gzip")
    ]


def test_pages_and_prose_have_no_language_and_names_without_one_are_not_guessed(tmp_path: Path) -> None:
    for name, text in {
        "a.html": "<p>x",
        "b.md": "# x",
        "c.txt": "def f(): pass",
        "d.go": "package x",
        "LICENSE": "x",
    }.items():
        (tmp_path / name).write_text(text)
    assert {row["source"]["path"][-4:]: row.get("language") for row in crawled(tmp_path)} == {
        "html": None, "b.md": None, ".txt": None, "d.go": "go", "ENSE": None,
    }  # fmt: skip


def test_the_standard_library_is_read_whole(tmp_path: Path) -> None:
    folder = Path(json.__file__).parent
    rows = crawled(folder, most=1_000_000)
    kept = {row["source"]["path"]: row["text"] for row in rows if "drop" not in row}
    for path in folder.glob("*.py"):
        assert kept[str(path)] == path.read_bytes().decode(), path
    assert {row["drop"].partition(":")[0] for row in rows if "drop" in row} <= {"crawl.binary", "crawl.empty"}


@pytest.mark.parametrize(
    ("data", "declared", "text", "encoding"),
    [
        ("héé".encode(), None, "héé", "utf-8"),
        (codecs.BOM_UTF8 + b"x", None, "x", "utf-8"),
        ("hé".encode("utf-16"), None, "hé", "utf-16"),
        ("日本語です".encode("shift_jis"), "Shift_JIS", "日本語です", "cp932"),
        ("日本語".encode("iso-2022-jp"), "iso-2022-jp", "日本語", "iso-2022-jp"),
        (b"<meta charset='gb2312'>" + "简体".encode("gbk"), None, "<meta charset='gb2312'>简体", "gb18030"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9\x80'", None, "# -*- coding: latin-1 -*-\nx = 'é€'", "cp1252"),
        ("déjà".encode(), "iso-8859-1", "déjà", "utf-8"),
        (b"caf\xe9 is what an old file says", None, "café is what an old file says", "cp1252"),
        (b"caf\xe9 in a page", "no-such-code", "café in a page", "cp1252"),
    ],
)
def test_encodings(data: bytes, declared: str | None, text: str, encoding: str) -> None:
    assert decode.decode(data, declared) == (text, encoding)


@pytest.mark.parametrize(("blanks", "found"), [(1001, "cp932"), (1002, "cp1252")])
def test_a_page_declares_its_encoding_in_its_first_kilobyte(blanks: int, found: str) -> None:
    data = b" " * blanks + b"<meta charset=shift_jis>" + "\u30c6\u30b9\u30c8".encode("shift_jis")
    decoded = decode.decode(data)
    assert decoded is not None and decoded.encoding == found


@pytest.mark.parametrize(("controls", "is_text"), [(0, True), (5, True), (6, False)])
def test_a_guess_with_more_than_one_control_character_in_two_hundred_is_refused(controls: int, is_text: bool) -> None:
    data = b"caf\xe9 " * 200
    data = b"\x01" * controls + data[controls:]
    assert len(data) == 1000
    assert (decode.decode(data) is not None) == is_text


def test_noise_is_no_text() -> None:
    assert decode.decode(bytes(range(128, 256)) * 10) is None
    assert decode.is_binary(b"GIF89a\0")
    assert not decode.is_binary("x".encode("utf-16"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([None, "utf-8", "utf-7", "euc-jp", "idna", "hex", "rot13", "\0"]))
def test_any_bytes_give_text_or_none(data: bytes, declared: str | None) -> None:
    decoded = decode.decode(data, declared)
    assert decoded is None or isinstance(decoded.text, str)


def chunked(body: bytes, size: int = 7) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;x=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


BODY = "<h1>Grüße</h1><p>Some text".encode()
RAW = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"", BODY),
        (b"Transfer-Encoding: chunked\r\n", chunked(BODY)),
        (b"Transfer-Encoding: chunked\r\n", BODY),  # joined by the crawler, header kept
        (b"Transfer-Encoding: chunked\r\n", chunked(BODY)[:-5] + b"-5\r\nabc"),
        (b"Content-Encoding: gzip\r\n", gzip.compress(BODY)),
        (b"Content-Encoding: gzip\r\n", BODY),
        (b"Content-Encoding: br\r\n", brotli.compress(BODY)),
        (b"Content-Encoding: br\r\n", BODY),
        (b"Content-Encoding: zstd\r\n", zstandard.compress(BODY)),
        (b"Content-Encoding: zstd\r\n", BODY),
        (b"Content-Encoding: deflate\r\n", zlib.compress(BODY)),
        (b"Content-Encoding: deflate\r\n", RAW.compress(BODY) + RAW.flush()),
        (b"Content-Encoding: br\r\nTransfer-Encoding: chunked\r\n", chunked(brotli.compress(BODY))),
    ],
)
def test_bodies_of_every_coding(headers: bytes, body: bytes) -> None:
    row = page(HEAD + headers + b"\r\n" + body)
    assert row["text"] == "# Grüße\n\nSome text"
    assert row["source"] == {
        "kind": "warc", "path": "x.warc", "url": "http://e.org/a/b.py?q=1", "license": None, "fetched": "2026-01-01T00:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("block", "media", "rule"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n<p>x", "application/http", "crawl.status: 404"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx", "application/http", "crawl.media: image/png"),
        (b"no http at all", "application/http", "crawl.bad_http: no HTTP response"),
        (HEAD + b"Content-Encoding: br\r\n\r\n\xff\xfe\xfd", "application/http", "crawl.bad_http: damaged br body"),
        (
            HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08junk",
            "application/http",
            "crawl.bad_http: damaged gzip body",
        ),
        (
            HEAD + b"Content-Encoding: zstd\r\n\r\n" + zstandard.FRAME_HEADER + b"\xff" * 20,
            "application/http",
            "crawl.bad_http: damaged zstd body",
        ),
        (
            HEAD + b"Content-Encoding: br\r\n\r\n" + brotli.compress(BODY)[:-5],
            "application/http",
            "crawl.bad_http: damaged br",
        ),
        (
            HEAD + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(BODY)[:-5],
            "application/http",
            "crawl.bad_http: damaged deflate body (it is cut short)",
        ),
        (HEAD + b"Content-Encoding: compress\r\n\r\nx", "application/http", "crawl.bad_http: unknown content encoding"),
        (
            HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 99_999),
            "application/http",
            "crawl.too_large: over 10000",
        ),
        (b"www.example.org. 1.2.3.4", "application/octet-stream", "crawl.media: application/octet-stream"),
    ],
)
def test_records_that_are_no_page(block: bytes, media: str, rule: str) -> None:
    row = page(block, media)
    assert row["drop"].startswith(rule)
    assert "block" not in row
    assert row["url"] == "http://e.org/a/b.py?q=1"


def test_a_url_that_cannot_be_taken_apart_tells_no_language() -> None:
    record = {"kind": "warc", "path": "x.warc", "name": "x.warc", "record": "resource", "media": "text/plain"}
    item = {**record, "url": "http://[::1/a.py", "fetched": "", "block": base64.b64encode(b"a = 1\n").decode()}
    (row,) = crawl(item, sources_load, Limits())
    assert (row["text"], row.get("language")) == ("a = 1\n", None)


def test_text_records_are_kept_as_they_are_and_the_url_tells_the_language() -> None:
    assert page(b"a = 1\n", "text/plain")["text"] == "a = 1\n"
    row = page(b"HTTP/1.0 200\nContent-Type: text/x-python\n\nprint(1)\n")
    assert (row["text"], row["language"]) == ("print(1)\n", "python")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_block_is_a_response_or_a_data_error(block: bytes) -> None:
    coded = [HEAD + b"Content-Encoding: " + coding + b"\r\n\r\n" for coding in (b"gzip", b"br", b"zstd", b"deflate")]
    marked = coded[2] + zstandard.FRAME_HEADER
    for start in (
        b"",
        HEAD,
        *coded,
        marked,
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Encoding: br, gzip\r\n\r\n",
    ):
        try:
            http.parse(start + block, 1000)
        except DataError as error:
            assert str(error)
