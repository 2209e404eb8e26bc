"""C# as names, signs and literals."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*|/\*.*?\*/|#[ \t]*(?:region|endregion|nullable|pragma)\b[^\n]*)"
    r"|(?P<word>[^\W\d]\w*)|(?P<number>\d[\w.]*)"
    r"|(?P<char>'(?:\\[^\n']+|\\'|[^'\\\n])')|(?P<text>\"(?:\\.|[^\"\\\n])*\"|@\"(?:[^\"]|\"\")*\")"
    r"|(?P<filled>\$@?\"|@\$\")|(?P<sign>=>|[^\w\s\"'#\\@$])",
    re.DOTALL,
)


class Unread(ValueError):
    """What in a text cannot be read here."""


def words(text: str) -> list[str]:
    """Return the names in a text, in order, with the signs between them; literals are one token `""`."""
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise Unread(f"{text[place : place + 12].strip()!r} is not read here")
        place = found.end()
        if found["filled"]:
            place = _filled(text, place, verbatim="@" in found[0])
            yield '""'
        elif found["text"] and found[0].startswith("@"):
            yield '""'
        elif not found["space"]:
            yield found[0]


def _filled(text: str, place: int, verbatim: bool) -> int:
    """Return where an interpolated string ends that begins before `place`."""
    while place < len(text):
        sign = text[place]
        twice = text[place : place + 2]
        if twice in ("{{", "}}") or (twice == '""' and verbatim) or (sign == "\\" and not verbatim):
            place += 2
        elif sign == '"':
            return place + 1
        elif sign == "{":
            place = _hole(text, place + 1)
        else:
            place += 1
    raise Unread("a string has no end")


def _hole(text: str, place: int) -> int:
    depth = 1
    while depth:
        found = _TOKEN.match(text, place)
        if found is None:
            raise Unread("an interpolated string is not read here")
        place = found.end()
        if found["filled"]:
            place = _filled(text, place, "@" in found[0])
        depth += (found[0] == "{") - (found[0] == "}")
    return place
