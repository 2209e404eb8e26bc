"""Reads the HTTP response inside a WARC record: status, headers, and the body with its encodings undone."""

import gzip
import io
import re
import zlib
from collections.abc import Mapping
from typing import NamedTuple

import brotli
import zstandard

from syncode.errors import DataError

_HEX = re.compile(rb"[0-9a-fA-F]{1,16}")


class Response(NamedTuple):
    """An HTTP response; header names are lower-case, of a repeated header the last counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media(self) -> str:
        """The media type without parameters, lower-case, empty if none is given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """The encoding that the server declares."""
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip("\"'") or None
        return None


def parse(block: bytes, most: int) -> Response:
    """Return the response in the block of a record, its body at most `most` + 1 bytes long once decoded.

    Raises DataError if it is not HTTP or its encoding is damaged or unknown.
    """
    head, gap, body = _split(block)
    lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    words = lines[0].split(None, 2)
    if not (gap and len(words) >= 2 and words[0].upper().startswith("HTTP/") and words[1].isdecimal()):
        raise DataError("no HTTP response")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _dechunked(body)
    for coding in reversed(headers.get("content-encoding", "").lower().replace(" ", "").split(",")):
        body = decompressed(body, coding, most)
    return Response(int(words[1]), headers, body)


def _split(block: bytes) -> tuple[bytes, bytes, bytes]:
    found = [(at, mark) for mark in (b"\r\n\r\n", b"\n\n") if (at := block.find(mark)) >= 0]
    return block.partition(min(found)[1]) if found else (block, b"", b"")


def _dechunked(body: bytes) -> bytes:
    """Return the joined chunks; a body that crawlers have joined already is returned as it is."""
    pieces: list[bytes] = []
    at = 0
    while at < len(body):
        line_end = body.find(b"\n", at)
        size = body[at:line_end].partition(b";")[0].strip() if line_end >= 0 else b""
        if not _HEX.fullmatch(size):  # `int` would also take a sign: a chunk of -5 bytes leads back to itself
            return b"".join(pieces) if pieces else body
        length = int(size, 16)
        if length == 0:
            break
        pieces.append(body[line_end + 1 : line_end + 1 + length])
        at = line_end + 1 + length
        at += 2 if body[at : at + 2] == b"\r\n" else 1
    return b"".join(pieces)


def decompressed(body: bytes, coding: str, most: int) -> bytes:
    """Undo one content encoding. Raises DataError where it is damaged or unknown; a bomb ends at `most` + 1 bytes.

    A body that is not compressed although the header says so (crawlers that decode keep the header) is returned as it is.
    """
    if coding in ("", "identity", "none", "utf-8") or not body:
        return body
    try:
        if coding in ("gzip", "x-gzip"):
            return gzip.GzipFile(fileobj=io.BytesIO(body)).read(most + 1) if body[:2] == b"\x1f\x8b" else body
        if coding == "deflate":
            return _inflated(body, most)
        if coding == "br":
            return _unbrotli(body, most)
        if coding == "zstd":
            return _unzstd(body, most)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"damaged {coding} body ({error})") from error
    raise DataError(f"unknown content encoding {coding!r}")


def _inflated(body: bytes, most: int) -> bytes:
    decoder = zlib.decompressobj()
    try:
        text = decoder.decompress(body, most + 1)
    except zlib.error:
        decoder = zlib.decompressobj(-zlib.MAX_WBITS)  # raw, as some servers send it
        text = decoder.decompress(body, most + 1)
    if len(text) <= most and not decoder.eof:
        raise zlib.error("it is cut short")
    return text


def _unzstd(body: bytes, most: int) -> bytes:
    if body[:4] != zstandard.FRAME_HEADER:
        return body
    try:
        return zstandard.ZstdDecompressor().stream_reader(body).read(most + 1)
    except zstandard.ZstdError as error:
        raise DataError(f"damaged zstd body ({error})") from error


def _unbrotli(body: bytes, most: int) -> bytes:
    decoder, pieces, size = brotli.Decompressor(), [], 0
    try:
        for at in range(0, len(body), 4096):
            pieces.append(decoder.process(body[at : at + 4096]))
            size += len(pieces[-1])
            if size > most:
                break
    except brotli.error as error:
        if body.lstrip()[:1] == b"<":
            return body  # decoded by the crawler, header kept
        raise DataError(f"damaged br body ({error})") from error
    if size <= most and not decoder.is_finished():
        raise DataError("damaged br body (it is cut short)")
    return b"".join(pieces)
