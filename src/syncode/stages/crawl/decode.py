"""Bytes to text: which encoding it is, and whether it is text at all."""

import codecs
import re
from typing import NamedTuple

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)|<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w:.-]+)", re.I
)
_COOKIE = re.compile(rb"^[ \t\f]*(?:#|//|/\*|--|;|%|\")?.{0,40}?coding[:=][ \t]*([-\w.]+)")
_WIDER = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
          "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949"}  # fmt: skip
"""The encodings that pages which name the narrower one really use (WHATWG Encoding Standard, section 4.2)."""

_NO_CHARSET = frozenset(
    ("idna", "punycode", "unicode_escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "utf-7")
)
"""Codecs of Python that no document is in: they would rewrite it, or take quadratic time over it."""

_HEAD = 1024  # bytes searched for a declaration, as browsers do
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_ALLOWED_CONTROLS = 0.005  # share of control characters above which guessed text is not text; chosen here


class Text(NamedTuple):
    """Decoded text, and the name of the encoding it was in."""

    text: str
    encoding: str


def is_binary(data: bytes) -> bool:
    """Return whether the bytes are not text in any encoding we read: a NUL in the first 8 KB, as git tells it."""
    return b"\0" in data[:8000] and not any(data.startswith(mark) for mark, _ in _BOMS)


def decode(data: bytes, declared: str | None = None) -> Text | None:
    """Return the text, or None if no encoding fits.

    In this order: byte order mark, UTF-8 where it fits (what is valid UTF-8 by chance is shorter than a word), the encoding
    that the server or the file itself declares, Windows-1252 where that gives hardly any control characters.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _strict(data, name)
    named = declared or _declared(data)
    escapes = named is not None and named.lower().startswith("iso-2022")  # seven bits: would pass for UTF-8
    found = None if escapes else _strict(data, "utf-8")
    if found is None and named:
        found = _strict(data, _WIDER.get(named.lower(), named))
    if found is None:
        found = _strict(data, "cp1252")
        if found and len(_CONTROLS.findall(found.text)) > _ALLOWED_CONTROLS * len(found.text):
            return None
    return found


def _declared(data: bytes) -> str | None:
    if match := _META.search(data[:_HEAD]):
        return (match[1] or match[2]).decode("ascii", "replace")
    for line in data[:400].split(b"\n")[:2]:
        if match := _COOKIE.match(line):  # PEP 263, and what Emacs and Ruby made of the same idea
            return match[1].decode("ascii", "replace")
    return None


def _strict(data: bytes, encoding: str) -> Text | None:
    try:
        if codecs.lookup(encoding).name in _NO_CHARSET:
            return None
        return Text(data.decode(encoding), encoding.removesuffix("-sig"))
    except (ValueError, LookupError):  # bytes that do not fit; a name that no one knows, or that is none ("\0")
        return None
