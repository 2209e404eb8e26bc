"""Fenced code in Markdown: found, taken out, and written so that it comes back byte for byte."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from syncode.text import python
from syncode.text.braces import balance
from syncode.text.languages import canonical, comment_marks, identify, tag_of
from syncode.text.literals import open_until

_OPEN = re.compile(r"^([ \t]*(?:>[ \t]*|(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(`{3,}|~{3,})[ \t]*(.*)$", re.DOTALL)
_RUN = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.M)
_TOKENS = re.compile(
    r"(?:\s*(?:<\|/?[\w/ .-]{1,40}\|?>|<｜[^｜\n]{1,40}｜>|<(?:turn|channel)\|>|</s>|<(?:end_of_turn|end_of_utterance|eos|bos|s"
    r"|pad|unk|eot|EOT|0x0A|extra_id_\d+|fim_\w+|filename|file_sep|reponame|gh_stars|empty_output|issue_\w+|jupyter_\w+)>"
    r"|\[/INST\]|\[end of text\]|(?:\n|\A)[ \t]*\[(?:EOS|END|DONE|gMASK)\])(?:assistant\Z)?)+\s*$"
)
"""Tokens that end a turn, left in the text by servers that do not take them out; names in brackets on a line of their own."""
_LONG = ('"""', "'''", "/*")
_MOST_INSIDE = 20  # fences inside the texts of one block that are looked at; chosen here
_BEGUN = re.compile(
    r"^\S+[ \t]+(?=(?:async |export |public |static |pub )*(?:def|class|fn|func|fun|function|sub)[ \t]+\w+[ \t]*[<(:{]"
    r"|import \w+[\w., ]*;?$|from \w[\w.]* import |#include ?[<\"]"
    r"|[\w:<>*&$ ]+\([^\n]*\)[^\n]*[{:;]\s*$|\w+ <- )"
)
"""An info string that goes on with the first line of the code."""
_FAR = 500  # lines in which a text or comment that holds a fence has to end; chosen here
_TAIL = 1000  # characters at the end of a text in which tokens are looked for; chosen here
_TAILS = 20  # and how often that is repeated (chosen here)
_HOLDS_MARKDOWN = ("markdown", "rst")


class CodeBlock(NamedTuple):
    """One fenced block: the word of its info string that names a language, as written (else empty), and the code."""

    tag: str
    code: str


@dataclass(frozen=True)
class Part:
    """A stretch of a document: prose (`block` is None) or one fenced block; `closed`: whether its fence was."""

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

    The language comes from the tag, or from the content if there is none or no one knows it; None means no code.
    """
    return [(identify(code, fence=tag).language, code) for tag, code in blocks(markdown)]


def blocks(markdown: str) -> list[CodeBlock]:
    """Return the fenced blocks as they stand, tag and code."""
    return [part.block for part in parts(markdown) if part.block]


def has_block(markdown: str) -> bool:
    """Return whether there is a fenced block; stops at the first one."""
    return any(part.block for part in parts(markdown))


def prose(markdown: str) -> str:
    """Return what stands outside the fenced blocks."""
    return "\n".join(part.text for part in parts(markdown) if part.block is None)


def parts(markdown: str) -> Iterator[Part]:
    """Yield prose and fenced blocks in order, as CommonMark 0.31 section 4.5 reads them, damaged ones as they were meant.

    A fence may stand in a list item or a quote, at any depth, or behind words (`Here it is: ```python`): the indent of its
    opening line is taken off each line of the block. A block whose opening fence is followed by another one was left open and
    ends there; a bare fence followed by a named one closed a block that was never opened, and is prose. A fence that is never
    closed ends at a shorter or deeper one, else it runs to the end. Fences of Markdown inside Markdown are counted.
    """
    if "```" not in markdown and "~~~" not in markdown:
        yield Part(markdown)
        return
    prose_lines: list[str] = []
    lines = markdown.split("\n")
    at = 0
    while at < len(lines):
        opened = _opened(lines[at], first=at == 0)
        if opened is None:
            prose_lines.append(lines[at])
            at += 1
            continue
        block = _read(lines, at, opened)
        if block is None:
            prose_lines.append("")
            at += 1
            continue
        if opened.before:
            prose_lines.append(opened.before)
        if prose_lines:
            yield Part("\n".join(prose_lines))
        prose_lines = [block.behind] if block.behind else []
        yield block.part
        at = block.after
    if prose_lines:
        yield Part("\n".join(prose_lines))


def without_tokens(text: str) -> str:
    """Return a text without the tokens at its end that end a turn (`<|im_end|>`, `</s>`)."""
    for _ in range(_TAILS):
        if text.rstrip()[-1:] not in (">", "]", "t"):
            break
        found = _TOKENS.search(text, max(0, len(text) - _TAIL))
        if found is None:
            break
        text = text[: found.start()]
    return text


@dataclass(frozen=True)
class _Opened:
    """An opening fence: what stands in front of it, the fence, its info string, words before it on its line."""

    prefix: str
    fence: str
    info: str
    before: str
    returns: bool  # its line ends with CR LF

    @property
    def marks(self) -> int:
        return self.prefix.count(">")

    @property
    def indent(self) -> int:
        """Columns to take off each line, behind the marks of quotes."""
        return len(self.prefix) - self.prefix.rindex(">") - 1 if self.marks else len(self.prefix)


@dataclass(frozen=True)
class _Read:
    part: Part
    after: int
    behind: str = ""


def _opened(line: str, first: bool = False) -> _Opened | None:
    if "```" not in line and "~~~" not in line:
        return None
    bare = line.removesuffix("\r")
    if first:
        bare = bare.lstrip("\ufeff\u200b")
    match = _OPEN.match(bare)
    if match:
        info = without_tokens(match[3])
        if match[2][0] == "`" and "`" in info:
            return None
        return _Opened(match[1], match[2], info, "", bare != line)
    at = bare.rfind("```")
    start = len(bare[:at].rstrip("`"))
    before, tag = bare[:start], bare[at + 3 :].strip()
    if before.strip() and "```" not in before and "`" not in before and tag and canonical(tag):
        return _Opened("", bare[start : at + 3], tag, before.rstrip(), bare != line)
    return None


def _read(lines: list[str], start: int, opened: _Opened) -> _Read | None:
    """Return the block that begins in a line; None if the fence has closed a block that was never opened.

    A fence in a text or a comment of the code, as in a docstring with an example, ends nothing if a later one ends a program.
    """
    first = found = _ended(lines, start, opened, start + 1)
    for _ in range(_MOST_INSIDE):
        closing = _open_until(found.part.block) if found and found.part.block else None
        if (
            found is None
            or closing is None
            or not any(closing in line for line in lines[found.after : found.after + _FAR])
        ):
            break
        found = _ended(lines, start, opened, found.after + (not found.part.closed))
    return found if found is first or (found and found.part.block and _is_whole(found.part.block)) else first


def _open_until(block: CodeBlock) -> str | None:
    """Return what closes the text or comment in which the code of a block ends, None if it does not end in one."""
    language = canonical(block.tag) if block.tag else "python"
    if language != "python" and (comment_marks(language)[1] or ("",))[0] != "/*":
        return None
    return open_until(block.code, language or "") if any(mark in block.code for mark in _LONG) else None


def _is_whole(block: CodeBlock) -> bool:
    is_python = not block.tag or canonical(block.tag) == "python"
    return _open_until(block) is None and (python.parses(block.code) if is_python else balance(block.code) == 0)


def _ended(lines: list[str], start: int, opened: _Opened, since: int) -> _Read | None:
    """Return the block that begins in a line and ends at a fence on a line from `since` on, as far as fences alone say."""
    tag = tag_of(opened.info)
    inner = (canonical(tag) or tag.lower()) in _HOLDS_MARKDOWN
    block = _Block(lines, start, opened, tag)
    mark, size, depth = opened.fence[0], len(opened.fence), 0
    early: tuple[int, str | None] | None = None  # a line that ends the block where nothing better does, and code on it
    for number in range(since, len(lines)):
        line = lines[number]
        if mark * 3 not in line:
            continue
        if opened.marks:
            line = _unquoted(line, opened.marks)
        text = line.strip()
        run = len(text) - len(text.lstrip(mark))
        if run < 3:
            if early is None and mark == "`" and not inner and _ends_block(text):
                early = number, lines[number].rstrip().rstrip("`")
            continue
        rest = without_tokens(text[run:]).strip()
        near = run >= size and len(line) - len(line.lstrip()) <= opened.indent + 3
        if not rest or _is_prose(rest):
            if near and not depth:
                return block.up_to(number, behind=rest)
            depth = max(0, depth - near)
            early = early or (number, None)
        elif near and mark not in rest:
            if inner:
                depth += 1
            elif not tag:
                return None
            elif early is None:
                return block.left_open(number)
            else:
                return block.up_to(*early)
    return block.left_open(len(lines)) if early is None else block.up_to(*early)


@dataclass(frozen=True)
class _Block:
    """A block whose first line is known."""

    lines: list[str]
    start: int
    opened: _Opened
    tag: str

    def up_to(self, end: int, last: str | None = None, behind: str = "") -> _Read:
        """Return the block that the fence on line `end` closes; `last` is code on that line, `behind` words."""
        body = self.lines[self.start + 1 : end] + ([last] if last is not None else [])
        return _Read(self._part(body, closed=True), end + 1, behind)

    def left_open(self, end: int) -> _Read:
        """Return the block that ends in front of line `end` without a fence."""
        return _Read(self._part(self.lines[self.start + 1 : end], closed=False), end)

    def _part(self, body: list[str], closed: bool) -> Part:
        if begun := _BEGUN.search(self.opened.info):
            body = [self.opened.info[begun.end() :], *body]
        if self.opened.returns:
            body = [line.removesuffix("\r") for line in body]
        if self.opened.marks:
            body = [_unquoted(line, self.opened.marks) for line in body]
        if indent := self.opened.indent:
            first = next((line for line in body if line.strip()), "")
            if _blank(first) < indent:  # the block stands further left than its fence
                indent = min((_blank(line) for line in body if line.strip()), default=0)
            body = [line[min(_blank(line), indent) :] for line in body]
        code = "\n".join(body)
        return Part(code, CodeBlock(self.tag, code), closed)


def _is_prose(rest: str) -> bool:
    """Return whether words behind a fence are a sentence and not an info string."""
    words = rest.split()
    return (
        len(words) > 1 and canonical(words[0].rstrip(",;")) is None and not words[0].startswith("{") and "=" not in rest
    )


def _ends_block(text: str) -> bool:
    """Return whether a line of code ends with the fence that closes its block."""
    bare = without_tokens(text)
    return bare.endswith("```") and bare.count("```") == 1 and not bare.endswith("````")


def _unquoted(line: str, marks: int) -> str:
    """Take up to `marks` quote marks off the start of a line."""
    found = re.match(rf"(?:[ \t]*>){{0,{min(marks, _DEEPEST)}}}", line)
    return line[found.end() :] if found else line


_DEEPEST = 100  # quotes inside quotes; chosen here


def _blank(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
