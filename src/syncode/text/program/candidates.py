"""The pieces of an answer that may be its program: fenced, in HTML, in one line, or standing in the prose."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from syncode.text import damage, python
from syncode.text.braces import HASHED
from syncode.text.fences import parts, without_tokens
from syncode.text.languages import canonical, comment_marks, tag_of
from syncode.text.program.names import is_import, readable
from syncode.text.program.turns import from_json

Rank = Literal[0, 1, 2, 3]
"""0: tagged with the language, 1: without a tag, 2: tagged with another language, 3: in the prose."""


@dataclass(frozen=True)
class Candidate:
    """A piece of code with the words around it; `code` is mended where that could be done, `closed`: its fence was."""

    code: str
    rank: Rank
    before: str = ""
    after: str = ""
    closed: bool = True


_NEAR = {
    "c": ("cpp",),
    "cpp": ("c",),
    "javascript": ("typescript",),
    "typescript": ("javascript",),
}
"""Languages in which a tag of another one may be meant."""
_PRE = re.compile(r"<pre\b[^>]{0,200}>\s{0,20}(?:<code\b(?P<inner>[^>]{0,200})>)?", re.IGNORECASE)
_TAGS = "answer|code|solution|python|program|response|output|final|final_answer|file|javascript|java|cpp|script"
_BRACKETS = "PYTHON|CODE|ANSWER|SOLUTION|INST|TESTS"
_WRAPPER = re.compile(
    rf"^[ \t]*(?:(?:</?(?:{_TAGS})(?:\s[^<>\n]{{0,200}})?>|<!\[CDATA\[)+|\[/?(?:{_BRACKETS})\]|(?:BEGIN|END) (?:SOLUTION|CODE))"
    rf"|(?:\]\]>)?(?:</(?:{_TAGS})>|\[/(?:{_BRACKETS})\])[ \t]*$|^\]\]>[ \t]*$"
    r"|^[ \t]*\[/?(?:BEGIN|DONE|END|EOS|gMASK)\][ \t]*$|^\{(?:code|noformat)(?::[^}\n]*)?\}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
"""Tags that prompts ask models to put around code."""
_LED = re.compile(
    r"^([*#]*[^\W\d_a-z][^\n:`'\"=(){}]{0,80}[:：]\**)[ \t]*"
    r"(?=(?:async |export |public |static |local |pub )*(?:def|fn|func|fun|function|sub|class)\s+\w+\s*[<(:{])",
    re.MULTILINE,
)
"""Words in front of code on its first line (`The answer: def add(a, b):`)."""
_INLINE = re.compile(r"(`{1,3})(?!`)([^`\n]+)\1(?!`)")


def fenced(answer: str, language: str) -> list[Candidate]:
    """Return the blocks of code that an answer sets apart, in order."""
    found: list[Candidate] = []
    before = ""
    pieces = list(parts(answer))
    for number, part in enumerate(pieces):
        if part.block is None:
            found += _html(part.text, language)
            before = part.text
            continue
        after = pieces[number + 1].text if number + 1 < len(pieces) and pieces[number + 1].block is None else ""
        tag, code = part.block.tag, without_tokens(part.block.code)
        if (
            canonical(tag) in (None, "markdown")
            and ("```" in code or "~~~" in code)
            and (inner := fenced(code, language))
        ):
            found += inner
            before = ""
            continue
        if (
            tag.lower() in ("json", "jsonc")
            and language != "json"
            and (inside := from_json(code.strip())) != code.strip()
        ):
            found += fenced(inside, language) or [Candidate(_mended(inside, language), 2, before, after)]
            before = ""
            continue
        if tag.lower() in ("diff", "patch"):
            code = damage.patched(code)
        first, _, rest = code.lstrip("\n").partition("\n")
        if not tag and rest.strip() and canonical(first) == language:
            tag, code = first, rest
        code = code.lstrip("\n") if code[:1] == "\n" else code
        if not part.closed and language != "python":
            code = trimmed(code, language)
        found.append(Candidate(_mended(code, language), _rank(tag, language), before, after, part.closed))
        before = ""
    return [each for each in found if each.code.strip()]


def _rank(tag: str, language: str) -> Rank:
    if not tag:
        return 1
    name = canonical(tag)
    return 0 if (name or tag.lower()) == language else 1 if name in _NEAR.get(language, ()) else 2


def _mended(code: str, language: str) -> str:
    """Return code as it was meant; what cannot be parsed here is changed only where it can be nothing else."""
    code = code if code.endswith("\n") or not code else f"{code}\n"
    if language == "python":
        return python.repaired(code) or code
    return damage.unescaped(damage.with_plain_spaces(damage.unnumbered(code), language), language)


def trimmed(code: str, language: str) -> str:
    """Return code without the sentences behind it; all of it where nothing else is there."""
    lines = code.split("\n")
    while lines and (not lines[-1].strip() or not (lines[-1][0].isspace() or _reads_like_code(lines[-1], language))):
        lines.pop()
    kept = "\n".join(lines)
    return f"{kept}\n" if kept and kept != code.rstrip() else code


def _html(text: str, language: str) -> Iterator[Candidate]:
    """Yield what stands in `<pre>`."""
    at = 0
    while opened := _PRE.search(text, at):
        ended = _PRE_END.search(text, opened.end())
        body = text[opened.end() : ended.start() if ended else len(text)]
        body = re.sub(r"<br\s{0,5}/?>", "\n", body, flags=re.IGNORECASE)
        body = re.sub(r"</?(?:code|span|b|i|em|strong|font)\b[^>]{0,200}>", "", body, flags=re.IGNORECASE)
        classes = re.search(r"(?:language|lang)-([\w+#-]+)", opened[0])
        tag = tag_of(classes[1]) if classes else ""
        yield Candidate(
            _mended(html.unescape(body), language),
            _rank(tag, language),
            text[max(0, opened.start() - 500) : opened.start()],
        )
        if ended is None:
            return
        at = ended.end()


_PRE_END = re.compile("</pre>", re.IGNORECASE)


def in_prose(answer: str, language: str) -> list[Candidate]:
    """Return the code that stands in the prose of an answer, in order; in Python what parses, elsewhere what reads like it."""
    found: list[Candidate] = []
    for part in parts(answer):
        if part.block is not None:
            continue
        text = _LED.sub(r"\1\n", _untitled(_WRAPPER.sub("\n", part.text), language))
        text = damage.unescaped(text, language)
        if language == "python":
            found += [Candidate(run, 3) for run in python.runs(text)]
            if ">>>" in text and python.parses(typed := python.transcript(text)):
                found.append(Candidate(typed, 3))
        else:
            found += [Candidate(run, 3) for run in _runs(damage.with_plain_spaces(text, language), language)]
        found += [Candidate(_inline(match[2], language), 3) for match in _INLINE.finditer(text)]
    return [each for each in found if each.code.strip()]


def _untitled(text: str, language: str) -> str:
    """Return a text without a first line that is the name of the language alone, as copied from a page."""
    first, _, rest = text.lstrip("\n").partition("\n")
    return rest if canonical(first.strip().removesuffix(":")) == language else text


def _inline(code: str, language: str) -> str:
    word, _, rest = code.strip().partition(" ")
    return f"{rest if canonical(word) == language and rest else code.strip()}\n"


_SENTENCE = re.compile(r"[\"'“(*_>~-]*[^\W\d_a-z]")
"""How words of prose begin: with a capital, or in a script that has none."""
_ENDS = (".", ":", "!", "?", "…", "。", "：", "！", "？")
_SIGNS = re.compile(r"[;{}]|=>|->|::|\w\([^()]*\)|^\s*(?:#|//|--|/\*|\*)|[=<>]=|<-|:=|\bend$|\$\w|^\s*@\w|<\?|\?>")
_STARTS = re.compile(
    r"^(?:#!|<\?php|use\b.*;|package\b|import\b|#\s*include|using\b.*;|require\b|(?:pub\s+|export\s+|async\s+|static\s+|public\s+|private\s+|local\s+)*"
    r"(?:fn|func|function|def|sub|proc|class|struct|enum|interface|trait|impl|const|let|var|module|namespace|template)\b)"
)


def _runs(text: str, language: str) -> list[str]:
    """Return the stretches of lines that are not sentences, where a language has no parser here."""
    found: list[list[str]] = [[]]
    depth = 0
    commented = _commented(text, language)
    for number, line in enumerate(text.split("\n")):
        stripped = line.strip()
        is_code = (
            depth > 0 or number in commented or not stripped or line[:1].isspace() or _reads_like_code(line, language)
        )
        if is_code:
            found[-1].append(line)
            depth = max(0, depth + stripped.count("{") - stripped.count("}"))
        elif found[-1]:
            found.append([])
            depth = 0
    runs = ["\n".join(lines).strip("\n") + "\n" for lines in found if any(line.strip() for line in lines)]
    return [run for run in runs if readable(run, language)] or runs


def _commented(text: str, language: str) -> set[int]:
    """Return the numbers of the lines that a comment between block marks stands on."""
    _, block = comment_marks(language)
    found: set[int] = set()
    at, number = 0, 0
    while (
        block and (start := text.find(block[0], at)) >= 0 and (end := text.find(block[1], start + len(block[0]))) >= 0
    ):
        number += text.count("\n", at, start)
        last = number + text.count("\n", start, end)
        found.update(range(number, last + 1))
        at, number = end + len(block[1]), last
    return found


_WORDS = re.compile(
    r"(\*\*?|__)[^\s*_][^*\n]*\1(?:[\s.,:]|$)"  # emphasis
    r"|(?:\d+[.)]|[-*+>•·–—])\s"  # an item of a list, a quote
    r"|[^\W\d_a-z][^:;{}=<>\n]{0,60}:\s(?!.*[;{}]\s*$)"  # `Time: O(1)`
    r"|(?=[^;{}]*$)(?=.*[.!?:…]\s*$)[^\W\d_a-z]\S*\s|[A-Z][a-z']* [a-z']+ .*[.!?]\s*$"  # a sentence
)
"""Lines at the left border that are words, whatever signs of code they hold."""


def _reads_like_code(line: str, language: str) -> bool:
    if _WORDS.match(line):
        return False
    if (
        _STARTS.match(line)
        or is_import(line)
        or re.match(r"(?:end|done|fi|esac|else|then|do|begin|rescue)\b\S*\s*$", line)
    ):
        return not (line.rstrip().endswith((".", ":")) and not _SIGNS.search(line))
    if (
        line.startswith("#")
        and language not in HASHED
        and not re.match(r"#\s*(?:include|define|pragma|if|end|undef|!|\[)", line)
    ):
        return False
    if not _SIGNS.search(line):
        return not (_SENTENCE.match(line) or line.rstrip().endswith(_ENDS) or len(line.split()) > 5)
    words = re.findall(r"[A-Za-z']{2,}", line)
    ends = line.rstrip().endswith((";", "{", "}", ")", ",", "(", "end", "do"))
    return ends or len(words) < 6 or not re.match(r"[A-Z][a-z]* [a-z]+ [a-z]+", line)
