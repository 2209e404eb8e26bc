"""Puts code in front of a program without pushing away what has to stand first in it."""

import re

from syncode.text import python

_BLANK = r"[ \t]*\n|"
_SLASHES = r"[ \t]*//[^\n]*\n|[ \t]*/\*(?s:.*?)\*/[ \t]*\n|"
_HASH = r"[ \t]*#[^\n]*\n|"
_FIRST = {
    **dict.fromkeys(("javascript", "typescript"), rf"#!|{_SLASHES}['\"]use \w+['\"];?[ \t]*\n"),
    **dict.fromkeys(("java", "kotlin", "scala", "groovy", "d", "go"), rf"#!|{_SLASHES}(?:@file:|package\b|module\b)[^\n]*\n"),
    **dict.fromkeys(("c", "cpp", "objective-c"), rf"{_SLASHES}[ \t]*#[ \t]*(?:define|undef|include|pragma)\b(?:[^\n]*\\\n)*[^\n]*\n"),
    "csharp": rf"{_SLASHES}[ \t]*#(?:define|undef|nullable)\b[^\n]*\n|(?:extern|using)\b[^\n(]*;[ \t]*\n",
    "rust": rf"#!/|{_SLASHES}#!\[[^\n]*\]\n",
    "php": rf"#!|{_SLASHES}{_HASH}<\?(?:php\b|=)?[ \t]*\n?|declare\s*\([^\n]*\)\s*;\n|namespace\b[^\n]*;\n",
    **dict.fromkeys(("ruby", "bash", "perl", "lua", "tcl", "r", "awk", "elixir", "julia", "powershell"), r"#!|[ \t]*#[^\n]*coding[^\n]*\n|[ \t]*# *frozen_string_literal[^\n]*\n"),
    "haskell": r"#!|\{-#(?s:.*?)#-\}[ \t]*\n|module\b(?s:.*?)\bwhere[ \t]*\n|[ \t]*--[^\n]*\n",
    "erlang": r"#!|-module\([^\n]*\n|%[^\n]*\n",
}  # fmt: skip
"""What must stand first, at the start of a program, one thing after the other; `#!` means the whole line."""


def put_before(head: str, code: str, language: str) -> str:
    """Return a program behind a head of ours: imports, helpers, a task's setup.

    What loses its meaning behind other code stays first: `#!`, encodings, `from __future__` and the docstring above it, `package`,
    `'use strict'`, `<?php`, `#define` in front of an `#include`, attributes of a crate.
    """
    if not head.strip() or not code.strip():
        return code if not head.strip() else head
    if language == "python":
        return _python(head, code)
    end = _end(code, language)
    first, rest = code[:end], code[end:]
    return f"{first}{'' if not first or first.endswith(chr(10)) else chr(10)}{head}{'' if head.endswith(chr(10)) else chr(10)}{rest}"


def _end(code: str, language: str) -> int:
    pattern = _FIRST.get(language)
    if pattern is None:
        return 0
    step = re.compile(_BLANK + pattern.replace("#!|", r"#![^\[\n][^\n]*\n|"))
    end = said = 0
    while match := step.match(code, end):
        if match.end() == end:
            break
        end = match.end()
        if match[0].strip() and not re.match(
            r"\s*(?://|/\*|#(?!!|\s*(?:define|undef|include|pragma|nullable))|--|%)", match[0]
        ):
            said = end
        elif re.match(r"\s*#!|\s*#.*(?:coding|frozen_string)|#!\[", match[0]):
            said = end
    return said


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
