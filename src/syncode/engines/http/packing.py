"""Unpacks the body of a response by what it is: servers and the proxies before them name its encoding wrongly, or not at all."""

import gzip
import zlib

import brotli
import zstandard


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


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
