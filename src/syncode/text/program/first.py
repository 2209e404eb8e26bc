"""Puts code in front of a program without pushing away what has to stand first in it."""

import re

from syncode.text import python

_SHEBANG = r"#![^\[\n][^\n]*\n"
_FIRST = {
    **dict.fromkeys(("javascript", "typescript"), r"['\"]use \w+['\"];?[ \t]*\n"),
    **dict.fromkeys(("java", "kotlin", "scala", "groovy", "d", "go"), r"(?:@file:|package\b|module\b)[^\n]*\n"),
    **dict.fromkeys(
        ("c", "cpp", "objective-c"), r"[ \t]*#[ \t]*(?:define|undef|include|pragma)\b(?:[^\n]*\\\n)*[^\n]*\n"
    ),
    "csharp": r"[ \t]*#(?:define|undef|nullable)\b[^\n]*\n|(?:extern|using)\b[^\n(]*;[ \t]*\n",
    "rust": r"#!\[[^\n]*\]\n",
    "php": r"<\?(?:php\b|=)?[ \t]*\n?|declare\s*\([^\n]*\)\s*;\n|namespace\b[^\n]*;\n",
    "ruby": r"[ \t]*#[^\n]*(?:coding|frozen_string_literal)[^\n]*\n",
    "haskell": r"\{-#(?s:.*?)#-\}[ \t]*\n|module\b(?s:.*?)\bwhere[ \t]*\n",
    "erlang": r"-module\([^\n]*\n",
}
"""What must stand first in a program, one after the other, comments and blank lines between them."""
_BESIDES = (
    r"[ \t]*\n|[ \t]*(?://|--|%)[^\n]*\n|[ \t]*#(?!!\[|[ \t]*(?:define|undef|include|pragma|nullable))[^\n]*\n"
    r"|[ \t]*/\*(?s:.*?)\*/[ \t]*\n"
)
"""Blank lines and comments."""


def put_before(head: str, code: str, language: str) -> str:
    """Return a program behind a head: imports, helpers, a task's setup.

    What loses its meaning behind other code stays first: `#!`, encodings, imports from `__future__` and the docstring above them,
    `package`, `'use strict'`, `<?php`, `#define` in front of an `#include`, attributes of a crate.
    """
    if not head.strip() or not code.strip():
        return code if not head.strip() else head
    if language == "python":
        return _python(head, code)
    end = _end(code, language)
    return "".join(map(_line, [code[:end], head])) + code[end:]


def _end(code: str, language: str) -> int:
    """Return where what must stand first ends."""
    must, besides = re.compile(f"{_SHEBANG}|{_FIRST.get(language, '(?!)')}"), re.compile(_BESIDES)
    end = at = 0
    while match := must.match(code, at) or besides.match(code, at):
        if must.match(code, at):
            end = match.end()
        at = match.end()
    return end


def _python(head: str, code: str) -> str:
    """The program's docstring stays its docstring; imports from `__future__` of both come first."""
    lines = code.splitlines(keepends=True)
    count = python.after_first(code)
    first, rest = "".join(lines[:count]), "".join(lines[count:])
    coming = [unit.text for unit in python.units(head) if unit.text.startswith("from __future__")]
    for text in coming if count else []:
        head = head.replace(text.rstrip("\n"), "", 1)
    return "".join(map(_line, [first, *(coming if count else []), head])) + rest


def _line(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
