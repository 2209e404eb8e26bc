"""Web archives: the records of a WARC, WET, WAT or ARC file, whole or damaged, with every failure counted.

FastWARC reads; where it gives up, it is set on the next record that can be found. What it cannot read at all, such as ARC, is
warcio's. Both take a file that was cut short for one that ended, and hand on a record whose Content-Length is wrong: that is
checked here.
"""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import fastwarc.warc
import warcio.archiveiterator

from syncode.schemas.records import Row

_PAGES = frozenset(("response", "resource", "conversion"))
_GZIP, _LZ4, _ZSTD = b"\x1f\x8b", b"\x04\x22\x4d\x18", b"\x28\xb5\x2f\xfd"
_MARKS = (b"WARC/", b"filedesc://")
_PLAIN_START = re.compile(rb"(?:\A|\n)(WARC/\d\.\d{1,2}\r?\n(?=[A-Za-z][\w-]*:))")
_GZIP_START = re.compile(rb"(\x1f\x8b\x08)")
_BLOCK = 1 << 20  # bytes searched at once


def is_archive(path: str) -> bool:
    """Tell by the first bytes whether a file is a web archive, whatever its name; an unreadable file is none."""
    try:
        with Path(path).open("rb") as raw:
            head = raw.read(4096)
    except OSError:
        return False
    if head.startswith((_LZ4, _ZSTD)):
        return ".warc" in Path(path).name
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 16)
        except zlib.error:
            return False
        return head.startswith(_MARKS) or (not head and ".warc" in Path(path).name)
    return head.startswith(_MARKS)


@dataclass(frozen=True)
class _Record:
    """One record as a reader gives it; `wrong` says why it is not to be trusted."""

    offset: int
    headers: Mapping[str, str]
    block: bytes
    wrong: str | None = None

    @property
    def key(self) -> str:
        """What both readers agree on: the record's own name. Offsets differ where a whole file is one gzip member."""
        return self.headers.get("warc-record-id") or f"offset {self.offset}"

    @property
    def length(self) -> int:
        stated = self.headers.get("content-length", "")
        return int(stated) if stated.isdecimal() else len(self.block)


class _GaveUp(Exception):
    """A reader cannot go on; its text says why."""


def records(origin: Row, most: int) -> Iterator[Row]:
    """Yield an item for each record of an archive; what cannot be used carries a `problem`.

    `problem` is one of `record_type` (a record that holds no page), `too_large` (more than `most` bytes), `truncated`,
    `bad_record` (damaged; the reason follows) and `no_records`.
    """
    path, archive = origin["path"], {**origin, "kind": "warc"}
    read = _Progress()
    failure = "an ARC file" if _is_arc(path) else None
    start: int | None = 0
    reported = -1
    while failure is None and start is not None:
        try:
            for record in _fastwarc(path, most, start):
                yield _item(archive, read.note(record), most)
            break
        except _GaveUp as error:
            start = _next_start(path, max(start, read.last.offset if read.last else 0))
            if start is None:
                failure = str(error)
            elif len(read.keys) > reported:  # a start that leads nowhere is still the same damage
                reported = len(read.keys)
                yield {**archive, "problem": f"bad_record: {error} (records read so far: {reported})"}
    if failure is not None:
        done = frozenset(read.keys)
        try:
            for record in _warcio(path, most):
                if record.key not in done:
                    yield _item(archive, read.note(record), most)
        except _GaveUp as error:
            why = f"{failure}; warcio: {error}"
            yield {**archive, "problem": f"bad_record: {why} (records read: {len(read.keys)})"}
    elif not (read.last and read.last.wrong) and not _ended(path, read.last.offset if read.last else 0):
        why = "the file ends inside a gzip member"
        yield {**archive, "problem": f"truncated: {why} (records read: {len(read.keys)})"}
    if not read.keys:
        yield {**archive, "problem": "no_records: the archive holds no record that can be read"}


@dataclass
class _Progress:
    """What one file has given so far."""

    keys: list[str] = field(default_factory=list)
    last: _Record | None = None

    def note(self, record: _Record) -> _Record:
        self.keys.append(record.key)
        self.last = record
        return record


def _item(archive: Row, record: _Record, most: int) -> Row:
    kind = record.headers.get("warc-type", "unknown")
    item = {
        **archive,
        "offset": record.offset,
        "record": kind,
        "url": record.headers.get("warc-target-uri", "").strip("<> "),
        "fetched": record.headers.get("warc-date", ""),
        "media": record.headers.get("content-type", ""),
    }
    if kind not in _PAGES:
        return {**item, "problem": f"record_type: {kind}"}
    if record.wrong:
        return {**item, "problem": record.wrong}
    if record.length > most:
        return {**item, "problem": f"too_large: {record.length} > {most} bytes"}
    return {**item, "block": base64.b64encode(record.block).decode()}


def _fastwarc(path: str, most: int, start: int) -> Iterator[_Record]:
    """Yield the records from an offset on, one behind the reader: the next header says whether a Content-Length was right."""
    held: _Record | None = None
    with Path(path).open("rb") as raw:
        raw.seek(start)
        iterator = iter(fastwarc.warc.ArchiveIterator(raw, parse_http=False))
        while True:
            try:
                found = next(iterator, None)
                record = None
                if found is not None:
                    record = _Record(found.stream_pos, _lowered(found.headers.items()), found.reader.read(most + 1))
            except Exception as error:  # a native parser on hostile bytes: any failure is reported
                if held and "header" in str(error) and not _digest_fits(held):
                    held = replace(held, wrong="bad_record: what follows is not a record: its Content-Length is wrong")
                if held:
                    yield held
                raise _GaveUp(str(error)) from error
            if held:
                yield held
            if record is None:
                return
            held = replace(record, wrong=_short(record, most))


def _warcio(path: str, most: int) -> Iterator[_Record]:
    """Yield records one behind the reader, which finds the next header after a wrong Content-Length by itself."""

    class Quiet(warcio.archiveiterator.ArchiveIterator):  # type: ignore[misc]
        INC_RECORD = ""  # it would be printed; `err_count` says the same

    held: _Record | None = None
    with Path(path).open("rb") as raw:
        iterator = Quiet(raw, no_record_parse=True, arc2warc=True)
        errors = 0
        while True:
            try:
                found = next(iterator, None)
                record = None
                if found is not None:
                    block = found.raw_stream.read(most + 1)
                    record = _Record(iterator.get_record_offset(), _lowered(found.rec_headers.headers), block)
            except Exception as error:  # see above
                if held:
                    yield held
                raise _GaveUp(" ".join(str(error).split())[:80]) from error
            if held and iterator.err_count > errors:
                held = replace(held, wrong="bad_record: wrong Content-Length")
            if held:
                yield held
            if record is None:
                return
            errors = iterator.err_count
            held = replace(record, wrong=_short(record, most))


def _lowered(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


def _short(record: _Record, most: int) -> str | None:
    if len(record.block) < min(record.length, most + 1):
        return f"truncated: {len(record.block)} of {record.length} bytes"
    return None


def _digest_fits(record: _Record) -> bool:
    name, _, digest = record.headers.get("warc-block-digest", "").partition(":")
    return name == "sha1" and base64.b32encode(hashlib.sha1(record.block).digest()).decode() == digest.upper()


def _is_arc(path: str) -> bool:
    with Path(path).open("rb") as raw:
        head = raw.read(512)
    if head.startswith(_GZIP):
        head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 16)
    return head.startswith(b"filedesc://")


def _next_start(path: str, after: int) -> int | None:
    """Return where the next record begins after an offset: at a version line, or at a gzip member that holds one."""
    with Path(path).open("rb") as raw:
        zipped = raw.read(2) == _GZIP
        pattern, at = (_GZIP_START if zipped else _PLAIN_START), after + 1
        while True:
            raw.seek(at)
            block = raw.read(_BLOCK)
            for match in pattern.finditer(block):
                if not zipped or _holds_record(block[match.start(1) : match.start(1) + 4096]):
                    return at + match.start(1)
            if len(block) < _BLOCK:
                return None
            at += _BLOCK - 64  # a mark may lie across the border


def _holds_record(member: bytes) -> bool:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(member, 16).startswith(b"WARC/")
    except zlib.error:
        return False


def _ended(path: str, offset: int) -> bool:
    """Return whether the last gzip member, from the offset of the last record on, is there to its end."""
    with Path(path).open("rb") as raw:
        if raw.read(2) != _GZIP:
            return True
        raw.seek(offset)
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        fed = False
        while block := raw.read(1 << 20):
            while block:
                fed = True
                try:
                    member.decompress(block)
                except zlib.error:
                    return False
                block = member.unused_data
                if member.eof:
                    member, fed = zlib.decompressobj(zlib.MAX_WBITS | 16), False
        return not fed
