"""What a source holds, told by its first bytes and never by its name: unpacked, and its text as UTF-8."""

import codecs
import os
import re
import sys
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from syncode.errors import DataError, UsageError
from syncode.storage import meter
from syncode.storage.shards import STDIN

BLOCK_BYTES = 1 << 18  # chosen here: a block costs more than its hand-over, and is small enough for a live pipe
PACKED_BYTES = 1 << 14  # packed bytes unpacked at once (chosen here): text that packs 1,000 to 1 is still a small block
FIRST_LINE_BYTES = 1 << 22  # how far the end of the first line is looked for (chosen here): what is looked at is held
CUT_SHORT = "the compressed file is cut short or damaged"


class Damaged(Exception):
    """The bytes that come next are not what those before them promised."""


class Blocks:
    """Bytes as they come, of which the first can be looked at before they are taken."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._seen: deque[bytes] = deque()

    def look(self) -> Iterator[bytes]:
        """Yield the blocks from the first one on, without taking them; no more is read than is asked for."""
        yield from list(self._seen)
        for block in self._source:
            self._seen.append(block)
            yield block

    def head(self, count: int) -> bytes:
        """Return the first `count` bytes, fewer only if there are no more."""
        found = b""
        for block in self.look():
            found += block
            if len(found) >= count:
                break
        return found[:count]

    def __iter__(self) -> Iterator[bytes]:
        while self._seen:
            yield self._seen.popleft()
        yield from self._source


def open_source(source: str) -> Blocks:
    """Return the bytes of a file or of stdin (`-`), unpacked where they are packed, however often.

    Iterating raises Damaged where packed bytes are damaged or cut short. Raises DataError for what holds no rows.
    """
    blocks = Blocks(_stdin() if source == STDIN else _file(source))
    while True:
        head = blocks.head(4)
        if head == b"PK\x03\x04":
            from syncode.storage.zipped import unzipped

            blocks = unzipped("<stdin>" if source == STDIN else printable(source), blocks)
            continue
        fresh = next((fresh for pattern, fresh in _PACKED if pattern.match(head)), None)
        if fresh is None:
            return blocks
        blocks = Blocks(_unpacked(blocks, fresh))


def refuse_what_holds_no_rows(name: str, blocks: Blocks) -> None:
    """Raise DataError that names the format where the first bytes are those of something that is often taken for rows."""
    head = blocks.head(4)
    for first, what in _FOREIGN.items():
        if first.startswith(head[: len(first)]) and blocks.head(len(first)).startswith(first):
            raise DataError(f"{name}: {what}")
    if next(blocks.look(), b"")[257:262] == b"ustar":  # what came at once: a pipe is not waited for
        raise DataError(f"{name}: a tar archive: unpack it, then name the files or the folder")


def _stdin() -> Iterator[bytes]:
    if sys.stdin is None:
        raise UsageError("stdin is closed: name a SOURCE")
    # The raw file, not its buffer: a thread that waits in a buffered read holds a lock that breaks the interpreter's exit.
    while block := meter.take(os.read(sys.stdin.fileno(), BLOCK_BYTES)):
        yield block


def _file(source: str) -> Iterator[bytes]:
    with Path(source).open("rb") as raw:
        while block := meter.take(raw.read1(BLOCK_BYTES)):
            yield block


class _Unpacker(Protocol):
    """One member of a packed file, as zlib, bz2, lzma and zstandard all have it."""

    def decompress(self, data: Any, /) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def _zstd() -> _Unpacker:
    import zstandard

    # 2 GB is the widest window of `zstd --long=31`; the memory is that of the window a file really has.
    return zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()


def _bz2() -> _Unpacker:
    import bz2

    return bz2.BZ2Decompressor()


def _xz() -> _Unpacker:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ)


_PACKED: tuple[tuple[re.Pattern[bytes], Callable[[], _Unpacker]], ...] = (
    (re.compile(rb"\x1f\x8b"), lambda: zlib.decompressobj(wbits=31)),
    (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), _zstd),  # a frame, or one to skip
    (re.compile(rb"BZh[1-9]"), _bz2),
    (re.compile(rb"\xfd7zX"), _xz),
)
"""The first bytes of packed files (RFC 1952, RFC 8878, the bzip2 and xz formats) and what unpacks one member."""


def _unpacked(blocks: Blocks, fresh: Callable[[], _Unpacker]) -> Iterator[bytes]:
    """Yield the text of all members. Zero bytes between and behind them are padding, as tapes and `xz` leave it."""
    import lzma

    import zstandard

    member = None
    try:
        for block in blocks:
            for start in range(0, len(block), PACKED_BYTES):
                packed = block[start : start + PACKED_BYTES]
                while packed:
                    if member is None and not (packed := packed.lstrip(b"\0")):
                        break
                    member = member or fresh()
                    if text := member.decompress(packed):
                        yield text
                    packed = member.unused_data if member.eof else b""
                    member = None if member.eof else member
    except (zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        raise Damaged(f"{CUT_SHORT} ({error})") from error
    except OSError as error:
        if error.errno is None:  # that is how bz2 says it
            raise Damaged(f"{CUT_SHORT} ({error})") from error
        raise
    if member is not None:
        raise Damaged(f"{CUT_SHORT} (it ends before its end mark)")


def spooled(blocks: Blocks) -> Any:
    """Return a temporary file with all the bytes, for formats that are read from their end.

    It has no name, so nothing stays behind however the program ends.
    """
    import tempfile

    kept = tempfile.TemporaryFile()  # noqa: SIM115 (handed on)
    try:
        for block in blocks:
            kept.write(block)
        kept.flush()
    except BaseException:
        kept.close()
        raise
    return kept


def as_utf8(blocks: Blocks) -> Blocks:
    """Return text as UTF-8 without byte order marks: the first one, and those of files that were joined behind it.

    UTF-16 and UTF-32 are recognised by their mark, or by the zero bytes beside the first character, which is ASCII in JSON and in
    the head of a table. Iterating raises Damaged at bytes that are not in their encoding.
    """
    head = blocks.head(4)
    encoding = next((encoding for pattern, encoding in _ENCODINGS if pattern.match(head)), None)
    return Blocks(_unmarked(_decoded(blocks, encoding) if encoding else iter(blocks)))


def with_newlines(blocks: Blocks) -> Blocks:
    """Return text whose lines end with newlines, where an old Mac ended them with carriage returns."""
    return Blocks(_newlines(blocks)) if _ends_lines_with_cr(blocks) else blocks


_MARK = codecs.BOM_UTF8
_ENCODINGS = (
    (re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff"), "utf-32"),
    (re.compile(rb"\xff\xfe|\xfe\xff"), "utf-16"),
    (re.compile(rb"[^\0]\0\0\0", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\0\0\0[^\0]", re.DOTALL), "utf-32-be"),
    (re.compile(rb"[^\0]\0[^\0]\0", re.DOTALL), "utf-16-le"),
    (re.compile(rb"\0[^\0]\0[^\0]", re.DOTALL), "utf-16-be"),
)


def _unmarked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield text without the marks at the beginning of lines, also where one comes in two blocks."""
    rest = b""
    begins = True  # whether a line begins here
    for block in blocks:
        block, rest = rest + block, b""
        if begins and len(block) < len(_MARK) and _MARK.startswith(block):
            rest = block
            continue
        if begins and block.startswith(_MARK):
            block = block[len(_MARK) :]
        if b"\n" + _MARK in block:
            block = block.replace(b"\n" + _MARK, b"\n")
        if cut := next((size for size in (1, 2) if block.endswith(b"\n" + _MARK[:size])), 0):
            block, rest = block[:-cut], block[-cut:]
        if block:
            begins = block.endswith(b"\n")
            yield block
    if rest:
        yield rest


def _decoded(blocks: Blocks, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in blocks:
            if text := decoder.decode(block):
                yield text.encode()
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise Damaged(f"its text is not {encoding}: {error}") from error


def _ends_lines_with_cr(blocks: Blocks) -> bool:
    """Return whether the first line ends with a carriage return that no newline follows."""
    before = b""
    seen = 0
    for block in blocks.look():
        if not seen and block.lstrip().startswith(b"["):  # an array, which may be one line without end
            return False
        if (seen := seen + len(block)) > FIRST_LINE_BYTES:
            return False
        if before == b"\r":
            return not block.startswith(b"\n")
        newline, carriage = block.find(b"\n"), block.find(b"\r")
        if 0 <= carriage < len(block) - 1:
            return block[carriage + 1] != ord("\n") and not 0 <= newline < carriage
        if newline >= 0:
            return False
        before = block[-1:]
    return before == b"\r"


def _newlines(blocks: Blocks) -> Iterator[bytes]:
    for block in blocks:
        yield block.replace(b"\r", b"\n")


_FOREIGN = {
    b"SQLite format 3\0": "an SQLite database: export its rows as JSONL or CSV",
    b"version https://git-lfs": "a Git LFS pointer, not the data: fetch them with `git lfs pull`",
    b"\x04\x22\x4d\x18": "packed with lz4: unpack it with `lz4 -d`",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive: unpack it with `7z x`",
    b"Rar!\x1a\x07": "a RAR archive: unpack it",
    b"\x1f\x9d": "packed with compress (.Z): unpack it with `gzip -d`",
    b"\x5d\x00\x00": "packed with the old lzma: unpack it with `xz --format=lzma -d`",
    b"\xff\x06\x00\x00sNaPpY": "packed with snappy: unpack it",
    **{b"\x80" + bytes([version]): "a pickle, which is a program: write its rows as JSONL" for version in range(2, 6)},
    b"FEA1\0\0\0\0": "a Feather file of the first version: write it anew as Feather 2 or Parquet",
    b"Obj\x01": "an Avro file: write its rows as JSONL or Parquet",
    b"\x89HDF": "an HDF5 file, not rows",
    b"\x93NUMPY": "a NumPy array, not rows",
    b"PARE": "an encrypted Parquet file: decrypt it",
    b"%PDF": "a PDF document, not rows",
    b"<!DOCTYPE": "a web page, not rows (was the address of a download page fetched?)",
    b"<!doctype": "a web page, not rows (was the address of a download page fetched?)",
    b"<html": "a web page, not rows (was the address of a download page fetched?)",
}


def printable(path: str) -> str:
    """Return a path as text that can stand in a row: bytes of it that are no UTF-8 as backslash escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
