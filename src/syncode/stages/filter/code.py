"""Measures of code: comments, generated files, placeholders, whether it parses."""

import ast
import re
import textwrap
import warnings

from syncode.stages.filter.view import View, comments
from syncode.text.languages import canonical, comment_marks

_AUTOGEN = re.compile(
    r"auto-?\s?generated|generated (?:automatically )?by|automatically generated|do not (?:edit|modify)|code generated",
    re.I,
)
_HEAD_LINES = 5  # where a generator says that it was one; chosen here
_PLACEHOLDER = re.compile(
    r"\b(?:your code here|code goes here|(?:add|put|write|insert|place) (?:your|the) (?:\w+ )?(?:code|logic|implementation)"
    r"|rest of (?:the|your) code|implementation (?:here|goes here)|todo|fixme|not implemented|same as (?:before|above))\b",
    re.I,
)
_ASSERT = re.compile(r"^\s*(?:assert\b|assert\w*\(|self\.assert|expect\(|EXPECT_|ASSERT_|assert_)")
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_NOT_IMPLEMENTED = re.compile(r"\braise NotImplementedError\b|\bNotImplementedException\b|\b(?:todo|unimplemented)!\(")
_SESSION = re.compile(r"^[^\S\n]*(?:>>>|In \[\d+\]:|[$%!] )", re.M)  # what was typed at a prompt is not a program
_DOTS = re.compile(r"^\s*(?:\.\.\.|(?:#|//|--)\s*\.\.\.)\s*.{0,60}$")


def frac_chars_comments(view: View) -> float | None:
    """Return the share of characters in comments; None if the language's marks are not known."""
    mark, block = comment_marks(view.language)
    if not view.code or not (mark or block):
        return None
    return min(1.0, sum(map(len, view.comments)) / len(view.code))


def cate_autogen(view: View) -> float:
    """Return 1 where the first lines say that a program wrote the file."""
    head = "\n".join(view.lines[:_HEAD_LINES])
    return float(bool(_AUTOGEN.search("\n".join(comments(head, view.language)))))


def cate_xml_start(view: View) -> float:
    """Return 1 where a file that is not markup starts with an XML declaration."""
    return float("<?xml version=" in view.code[:100])


def frac_lines_prompt_comments(view: View) -> float | None:
    """Return the share of lines with a comment that stands in for code: `TODO`, `your code here`."""
    if not view.lines:
        return None
    text = "\n".join(view.comments)
    return sum(bool(_PLACEHOLDER.search(line)) for line in text.splitlines()) / len(view.lines)


def frac_lines_assert(view: View) -> float | None:
    """Return the share of lines, blank ones left out, that are assertions."""
    lines = [line for line in view.lines if line.strip()]
    return sum(bool(_ASSERT.match(line)) for line in lines) / len(lines) if lines else None


def frac_chars_string_length(view: View) -> float | None:
    """Return the share of characters in quoted strings of one line."""
    return sum(map(len, _STRING.findall(view.code))) / len(view.code) if view.code else None


def num_placeholders(view: View) -> float:
    """Return how many lines of the code stand in for code that is not there."""
    text = "\n".join(view.comments or [view.code])
    marked = sum(bool(_PLACEHOLDER.search(line)) for line in text.splitlines())
    left_out = sum(bool(_DOTS.match(line)) for line in view.code.splitlines())
    return marked + left_out + len(_NOT_IMPLEMENTED.findall(view.code))


def cate_ast(view: View) -> float | None:
    """Return how many pieces of Python, the file or the blocks tagged so, the running interpreter's parser refuses."""
    if view.kind == "code":
        pieces = [view.code] if view.language == "python" else []
    else:
        pieces = [part.block.code for part in view.parts if part.block and canonical(part.block.tag) == "python"]
    pieces = [piece for piece in pieces if not _SESSION.search(piece)]
    return sum(not parses(piece) for piece in pieces) if pieces else None


def parses(code: str) -> bool:
    """Return whether Python's own parser takes the code, indented as a whole or not; it is not run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a file's invalid escapes are not our user's business
            ast.parse(textwrap.dedent(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
