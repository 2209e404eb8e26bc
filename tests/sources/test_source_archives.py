"""Web archives, whole and damaged: every record is accounted for, and no failure is silent."""

import base64
import gzip
import io
import struct
from collections import Counter
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from syncode.schemas.records import Row
from syncode.sources import items
from syncode.sources.archives import is_archive

SHARED = Path(__file__).parents[2] / "../shared/data/warc"
MOST = 10_000_000


def record(number: int, body: bytes = b"<p>hello", length: int | None = None, digest: str = "") -> bytes:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    lines = [
        "WARC/1.0",
        "WARC-Type: response",
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>",
        f"WARC-Target-URI: http://example.org/{number}",
        "WARC-Date: 2026-01-02T03:04:05Z",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(http) if length is None else length}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + http + b"\r\n\r\n"


def read(path: Path) -> list[Row]:
    return list(items([str(path)], MOST))


def rules(rows: list[Row]) -> Counter[str]:
    return Counter(row["problem"].partition(":")[0] if "problem" in row else row["record"] for row in rows)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_records_carry_what_the_archive_says_of_them(tmp_path: Path) -> None:
    (row,) = read(write(tmp_path / "one.warc", record(1)))
    assert (row["kind"], row["record"]) == ("warc", "response")
    assert (row["url"], row["fetched"]) == ("http://example.org/1", "2026-01-02T03:04:05Z")
    assert base64.b64decode(row["block"]).endswith(b"\r\n\r\n<p>hello")


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "whole.warc.gz", "no-extension"])
def test_plain_by_record_and_whole_file_compression_read_alike(tmp_path: Path, name: str) -> None:
    records = [record(number) for number in range(6)]
    data = {
        "a.warc": b"".join(records),
        "a.warc.gz": b"".join(map(gzip.compress, records)),
        "whole.warc.gz": gzip.compress(b"".join(records)),
        "no-extension": b"".join(records),
    }[name]
    rows = read(write(tmp_path / name, data))
    assert [row["url"][-1] for row in rows] == list("012345")
    assert all("problem" not in row for row in rows)


@pytest.mark.parametrize(
    "length", [40, 90, 120, 400]
)  # too short by lines and by bytes, into the next record, over two
def test_a_wrong_content_length_costs_its_record_not_the_tail(tmp_path: Path, length: int) -> None:
    records = [record(number, body=b"<p>\n" + b"x" * 50) for number in range(6)]
    records[2] = record(2, body=b"<p>\n" + b"x" * 50, length=length)
    rows = read(write(tmp_path / "a.warc", b"".join(records)))
    assert [row["url"][-1] for row in rows if "block" in row] == list("01345")
    assert rules(rows) == {"response": 5, "bad_record": 2}  # the record, and the place in the archive
    assert "wrong" in next(row["problem"] for row in rows if row.get("url", "").endswith("/2"))


def test_a_cut_gzip_is_noticed_though_both_readers_take_it_for_an_end(tmp_path: Path) -> None:
    members = [gzip.compress(record(number, body=b"<p>" + bytes(range(200)) * 50)) for number in range(3)]
    for kept, expected in ((-40, {"response": 2, "truncated": 1}), (-4, {"response": 3, "truncated": 1})):
        data = b"".join(members)[:kept]
        assert rules(read(write(tmp_path / "cut.warc.gz", data))) == expected


def test_a_member_damaged_in_the_middle_costs_no_other(tmp_path: Path) -> None:
    members = [gzip.compress(record(number, body=b"<p>" + bytes(range(200)) * 50)) for number in range(3)]
    broken = bytearray(members[1])
    broken[len(broken) // 2] ^= 0xFF
    rows = read(write(tmp_path / "bad.warc.gz", members[0] + bytes(broken) + members[2]))
    assert [row["url"][-1] for row in rows if "block" in row] == ["0", "2"]
    assert rules(rows) == {"response": 2, "bad_record": 1}


def test_an_archive_without_records_is_reported(tmp_path: Path) -> None:
    (row,) = read(write(tmp_path / "none.warc.gz", gzip.compress(b"")))
    assert row["problem"].startswith("no_records: ")


def test_a_record_above_the_size_leaves_its_content_out(tmp_path: Path) -> None:
    path = write(tmp_path / "big.warc", record(1, body=b"x" * 5000) + record(2))
    first, second = items([str(path)], 1000)
    assert first["problem"].startswith("too_large: 5044 > 1000")
    assert "block" not in first
    assert "block" in second


def test_other_gz_files_are_no_archives(tmp_path: Path) -> None:
    assert not is_archive(str(write(tmp_path / "page.html.gz", gzip.compress(b"<p>"))))
    assert not is_archive(str(write(tmp_path / "a.py", b"WARCH = 1\n")))
    assert not is_archive(str(tmp_path / "gone"))


def shared(name: str) -> list[Row]:
    return read(SHARED / name)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("whirlwind/whirlwind.warc.gz", {"response": 1, "record_type": 3}),
        ("whirlwind/whirlwind.warc", {"response": 1, "record_type": 3}),
        ("whirlwind/whirlwind.warc.wet.gz", {"conversion": 1, "record_type": 1}),
        ("whirlwind/whirlwind.warc.wat", {"record_type": 2}),
        ("resiliparse/warcfile.warc", {"response": 16, "record_type": 34}),
        ("resiliparse/warcfile.warc.gz", {"response": 16, "record_type": 34}),
        ("resiliparse/warcfile.warc.lz4", {"response": 16, "record_type": 34}),
        ("resiliparse/clueweb-quirk.warc.gz", {"response": 29, "record_type": 1}),
        ("resiliparse/block-sized-records.warc.lz4", {"record_type": 3}),
        ("resiliparse/clipped.warc.gz", {"truncated": 1}),
        ("gowarc/good.warc.gz.open", {"response": 50}),
        ("gowarc/corrupted-mid-record.warc.gz.open", {"response": 12, "bad_record": 1}),
        ("gowarc/corrupted-trailing-bytes.warc.gz.open", {"response": 30, "bad_record": 1}),
        ("gowarc/empty.warc.gz.open", {"no_records": 1}),
        ("webarchive-commons/warc/IAH-urls-wget.warc", {"response": 16, "resource": 3, "record_type": 17}),
        (
            "webarchive-commons/arc/IAH-20080430204825-00000-blackbook-truncated.arc",
            {"record_type": 1, "bad_record": 1},
        ),
        ("jwarc/gzip_extra_sl.warc.gz", {"record_type": 1}),
    ],
)
def test_published_archives_whole_and_damaged(name: str, expected: dict[str, int]) -> None:
    assert rules(shared(name)) == expected


def written_by_warcio(path: Path, compressed: bool) -> None:
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=compressed)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "a test"}))
        for number in range(6):
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            url, page = f"http://example.org/{number}", io.BytesIO(b"<p>page %d" % number)
            asked = StatusAndHeaders(f"GET /{number} HTTP/1.1", [("Host", "example.org")], is_http_request=True)
            writer.write_record(writer.create_warc_record(url, "request", http_headers=asked))
            writer.write_record(writer.create_warc_record(url, "response", payload=page, http_headers=head))
        writer.write_record(writer.create_warc_record("http://example.org/a", "resource", payload=io.BytesIO(b"a = 1")))
        text = io.BytesIO(b"The text of a page.")
        writer.write_record(writer.create_warc_record("http://example.org/b", "conversion", payload=text))


@pytest.mark.parametrize(("name", "compressed"), [("a.warc", False), ("a.warc.gz", True), ("downloaded", True)])
def test_an_archive_of_another_program_is_read_whole(name: str, compressed: bool, tmp_path: Path) -> None:
    written_by_warcio(tmp_path / name, compressed)
    rows = read(tmp_path / name)
    assert rules(rows) == {"response": 6, "resource": 1, "conversion": 1, "record_type": 7}
    bodies = [base64.b64decode(row["block"]) for row in rows if row.get("record") == "response"]
    assert [body.rpartition(b"\r\n")[2] for body in bodies] == [b"<p>page %d" % number for number in range(6)]


def lz4(data: bytes) -> bytes:
    """Return an LZ4 frame whose blocks are stored as they are (LZ4 frame format 1.6: blocks of 64 KB, no checksums)."""
    parts = [data[start : start + 65536] for start in range(0, len(data), 65536)]
    stored = b"".join(struct.pack("<I", len(part) | 1 << 31) + part for part in parts)
    return b"\x04\x22\x4d\x18\x60\x40\x82" + stored + bytes(4)


def test_an_archive_compressed_with_lz4_is_read_whole(tmp_path: Path) -> None:
    written_by_warcio(tmp_path / "a.warc", False)
    rows = read(write(tmp_path / "a.warc.lz4", lz4((tmp_path / "a.warc").read_bytes())))
    assert rules(rows) == {"response": 6, "resource": 1, "conversion": 1, "record_type": 7}


def test_bytes_behind_the_last_member_are_reported(tmp_path: Path) -> None:
    written_by_warcio(tmp_path / "a.warc.gz", True)
    rows = read(write(tmp_path / "b.warc.gz", (tmp_path / "a.warc.gz").read_bytes() + b"no archive at all"))
    assert rules(rows) == {"response": 6, "resource": 1, "conversion": 1, "record_type": 7, "bad_record": 1}


def test_an_arc_file_is_read_by_warcio(tmp_path: Path) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>old"
    about = b"1 0 Example\nURL IP-address Archive-date Content-type Archive-length\n"
    head = b"filedesc://x.arc 0.0.0.0 20080430204825 text/plain %d\n" % len(about)
    line = b"http://example.org/ 1.2.3.4 20080430204825 text/html %d\n" % len(body)
    rows = read(write(tmp_path / "x.arc", head + about + b"\n" + line + body + b"\n"))
    assert rules(rows) == {"record_type": 1, "response": 1}
    assert rows[1]["url"] == "http://example.org/"
