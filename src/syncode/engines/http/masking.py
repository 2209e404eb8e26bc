"""Takes the user's secrets out of what a server sends back, in every form in which JSON, HTML or an address may write them."""

import json
import re
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T", str, bytes)
MASK = "[key]"
_LONG = 8  # characters; a shorter one (EMPTY, none) may be a word of the answer, which must stay (chosen here)
_SHORTEST = 4  # characters of a word or number that counts as a secret, which `no` and `1` in place of a key do not (chosen here)
_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}  # characters that HTML writes by name


class Mask:
    """The secrets of one endpoint. Long ones are taken out of everything, short ones out of errors, and there as whole words."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        long = [_Pattern(secret, _pattern(secret)) for secret in known if len(secret) >= _LONG]
        short = [_Pattern(secret, _alone(secret)) for secret in known if len(secret) < _LONG and _is_secret(secret)]
        self._always = _Patterns(long)
        self._in_errors = _Patterns(long + short)

    def hide(self, text: T, *, error: bool = False) -> T:
        """Return a text that may be shown and stored; `error`: it is not the answer of a model."""
        patterns = self._in_errors if error else self._always
        return patterns.hide(text) if isinstance(text, str) else patterns.hide_in_bytes(text)


class _Pattern:
    """The pattern of one secret, for texts and for bytes, tried only if the longest run of letters and digits of it is there."""

    def __init__(self, secret: str, pattern: str) -> None:
        self._anchor = max("".join(each if each.isalnum() else " " for each in secret).split(" "), key=len)
        self._of_text = re.compile(pattern)
        self._of_bytes = re.compile(pattern.encode())

    def in_text(self, text: str) -> str:
        return self._of_text.sub(MASK, text) if self._anchor in text else text

    def in_bytes(self, body: bytes) -> bytes:
        return self._of_bytes.sub(MASK.encode(), body) if self._anchor.encode() in body else body


class _Patterns:
    """The patterns of several secrets."""

    def __init__(self, patterns: list[_Pattern]) -> None:
        self._patterns = patterns

    def hide(self, text: str) -> str:
        for pattern in self._patterns:
            text = pattern.in_text(text)
        return text

    def hide_in_bytes(self, body: bytes) -> bytes:
        if b"\0" in body:
            encoding = json.detect_encoding(body)
            if encoding.startswith(("utf-16", "utf-32")):
                text = body.decode(encoding, "replace")
                hidden = self.hide(text)
                return body if hidden == text else hidden.encode(encoding, "replace")
        for pattern in self._patterns:
            body = pattern.in_bytes(body)
        return body


def _pattern(secret: str) -> str:
    """Return the regular expression of a secret: each character but letters and digits as it is, or escaped.

    As JSON (`\\/`, `\\u002B`, with more backslashes in JSON inside JSON), percent-encoded, once or twice, or as HTML writes it.
    """
    return "".join(each if each.isalnum() else _forms(each) for each in secret)


def _forms(each: str) -> str:
    code = ord(each)
    forms = [
        rf"\\{{0,15}}(?:{re.escape(each)}|(?i:u{code:04x}))",
        f"(?i:%(?:25)*{code:02x})",
        f"(?i:&(?:amp;)*#(?:0*{code}|x0*{code:x});)",
    ]
    if each in _NAMED:
        forms.append(f"&(?:amp;)*{_NAMED[each]};")
    return f"(?:{'|'.join(forms)})"


def _alone(secret: str) -> str:
    return f"(?<![A-Za-z0-9]){_pattern(secret)}(?![A-Za-z0-9])"


def _is_secret(short: str) -> bool:
    return len(short) >= _SHORTEST or not (short.isalpha() or short.isdigit() or len(short) == 1)
