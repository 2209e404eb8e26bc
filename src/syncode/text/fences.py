"""Fenced code in Markdown: found, taken out, and written so that it comes back byte for byte."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from syncode.text.languages import identify

_OPEN = re.compile(r"^([ \t]*(?:>[ \t]?|(?:[-*+]|\d+[.)])[ \t]+)*)(`{3,}|~{3,})[ \t]*([^\n`]*)$")
_RUN = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.M)


class CodeBlock(NamedTuple):
    """One fenced block: the first word of its info string as written (empty where there is none), and the code."""

    tag: str
    code: str


@dataclass(frozen=True)
class Part:
    """A stretch of a document: prose (`block` is None) or one fenced block; `closed` tells whether its fence was."""

    text: str
    block: CodeBlock | None = None
    closed: bool = True


def fenced(code: str, language: str | None = None) -> str:
    """Return the code as a fenced block whose fence no line of the code can close."""
    longest = max((len(match[1]) for match in _RUN.finditer(code)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language or ''}\n{code}{'' if code.endswith(chr(10)) else chr(10)}{fence}"


def code_blocks(markdown: str) -> list[tuple[str | None, str]]:
    """Return the language and the code of each fenced block, without the last line end.

    The language comes from the tag, or from the content where there is none or nobody knows it; None means no code.
    """
    return [(identify(code, fence=tag).language, code) for tag, code in blocks(markdown)]


def blocks(markdown: str) -> list[CodeBlock]:
    """Return the fenced blocks as they stand, tag and code."""
    return [part.block for part in parts(markdown) if part.block]


def prose(markdown: str) -> str:
    """Return what stands outside the fenced blocks."""
    return "\n".join(part.text for part in parts(markdown) if part.block is None)


def parts(markdown: str) -> Iterator[Part]:
    """Yield prose and fenced blocks in order, as CommonMark 0.31 section 4.5 reads them.

    A fence may stand in a list item or a quote, at any depth: the indent of its opening line is taken off each line of the
    block. A fence that is never closed runs to the end.
    """
    prose_lines: list[str] = []
    lines = iter(markdown.split("\n"))
    for line in lines:
        opened = _OPEN.match(line.rstrip("\r"))
        if not opened:
            prose_lines.append(line)
            continue
        if prose_lines:
            yield Part("\n".join(prose_lines))
            prose_lines = []
        yield _block(opened, lines)
    if prose_lines:
        yield Part("\n".join(prose_lines))


def _block(opened: re.Match[str], lines: Iterator[str]) -> Part:
    prefix, fence, info = opened[1], opened[2], opened[3]
    marks = prefix.count(">")
    closing = re.compile(rf"^[ \t{'>' if marks else ''}]*{fence[0]}{{{len(fence)},}}[ \t]*\r?$")
    indent = len(prefix) if not marks else len(prefix) - prefix.rindex(">") - 2
    body: list[str] = []
    closed = False
    for line in lines:
        if closing.match(line):
            closed = True
            break
        body.append(_without(line, marks, indent))
    tag = info.split()[0] if info.split() else ""
    code = "\n".join(body)
    return Part(code, CodeBlock(tag, code), closed)


def _without(line: str, marks: int, indent: int) -> str:
    """Take up to `marks` quote marks and then up to `indent` columns of white space off the start of a line."""
    for _ in range(marks):
        line = re.sub(r"^[ \t]*>[ \t]?", "", line, count=1)
    blank = len(line) - len(line.lstrip(" \t"))
    return line[min(blank, indent) :]
