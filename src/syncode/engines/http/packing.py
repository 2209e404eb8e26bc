"""Unpacks the body of a response by what it is: servers and the proxies before them name its encoding wrongly, or not at all."""

import codecs
import gzip
import re
import zlib

import brotli
import zstandard

_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_WESTERN = (
    "ascii",
    "iso8859-1",
)  # what is named so is windows-1252 (https://encoding.spec.whatwg.org/#names-and-labels)


def unpacked(body: bytes, named: str) -> bytes:
    """Return a body as text; `named` is its `Content-Encoding`. ValueError for a damaged one."""
    try:
        if body.startswith(b"\x1f\x8b"):
            return gzip.decompress(body)
        if body.startswith(b"\x28\xb5\x2f\xfd"):
            return zstandard.ZstdDecompressor().decompressobj().decompress(body)
        if "br" in named:
            return bytes(brotli.decompress(body))
        if body.startswith(b"\x78"):
            return zlib.decompress(body)
        if "deflate" in named:
            return zlib.decompress(body, -zlib.MAX_WBITS)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError, brotli.error) as error:
        if not _is_text(body):
            raise ValueError(str(error)) from error
    return body


def in_utf8(body: bytes, content_type: str) -> bytes:
    """Return a text in UTF-8: if it is not, and its type names another charset, converted from that."""
    named = _CHARSET.search(content_type)
    if named is None or _is_text(body):
        return body
    try:
        charset = codecs.lookup(named[1]).name
        return body.decode("cp1252" if charset in _WESTERN else charset).encode()
    except (LookupError, ValueError):  # unknown, or named wrongly as well
        return body


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
