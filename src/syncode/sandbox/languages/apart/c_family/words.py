"""Reads the text of C and C++ as words and directives; nothing is run or included."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_SKIPPED = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_WORD = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<directive>(?m:^)[ \t]*\#(?://[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"|[^\n/]|/)*)
    |(?P<raw>(?:u8|[uUL])?R"(?P<edge>[^\s()\\]{0,16})\(.*?\)(?P=edge)")
    |(?P<text>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
    |(?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
    |(?P<operator>\boperator\s*(?:\(\s*\)|\[\s*\]|[-+*/%^&|~!=<>,]+))
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<number>\.?\d(?:[eEpP][+-]|'[\w]|[\w.])*)
    |(?P<sign>::|->|\.\.\.|&&|.)
    """,
    re.DOTALL | re.VERBOSE,
)
_DEFINE = re.compile(r"define\s+(\w+)(\()?(.*)\Z", re.DOTALL)
_STRANGE = re.compile(r"%:|\?\?[=/'()!<>-]|<%|<:(?!:)")
LONGEST = 200_000
"""Words of a program, macros replaced (chosen here)."""
RAW = 200
"""Raw literals that a program may have (chosen here)."""
NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")


@dataclass
class Text:
    """Words without directives, headers in their order, macros: name to words of its body, None for one with arguments.

    `inside`: the words of all bodies.
    """

    words: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    macros: dict[str, list[str] | None] = field(default_factory=dict)


def read(text: str) -> Text:
    """Return what a text consists of. Conditions of the preprocessor are not looked at: both of their branches are read."""
    made = Text()
    for word in _words(re.sub(r"\\\r?\n", "", text)):
        if word.lstrip().startswith("#") and len(word.strip()) > 1:
            _directive(_SKIPPED.sub(" ", word).strip().removeprefix("#").strip(), made)
        else:
            made.words.append(word)
    return made


def strange(text: str) -> bool:
    """Return whether a text has other spellings of signs (`<%`, `??=`) outside of its literals: such a one is not read.

    Nor is one with many raw literals: each that has no end costs a look at all that follows.
    """
    if text.count('R"') > RAW:
        return True
    kept = (
        match[0] if match["text"] is None and match["raw"] is None and match["space"] is None else " "
        for match in _WORD.finditer(text)
    )
    return _STRANGE.search("".join(kept)) is not None


def _words(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        if match.lastgroup != "space" and match["space"] is None:
            yield match[0]


def _directive(text: str, made: Text) -> None:
    if found := re.match(r"include(?:_next)?\s*(<[^>]*>|\"[^\"]*\")", text):
        made.headers.append(found[1])
    elif found := _DEFINE.match(text):
        body = list(_words(found[3]))
        made.macros[found[1]] = None if found[2] else body
        made.inside += body


def expanded(
    words: Sequence[str], macros: dict[str, list[str] | None], hidden: frozenset[str] = frozenset()
) -> list[str]:
    """Return words with macros that have no arguments replaced; RecursionError if there is no end of it."""
    made: list[str] = []
    for word in words:
        body = macros.get(word) if word not in hidden else None
        made += [word] if body is None else expanded(body, macros, hidden | {word})
        if len(made) > LONGEST:
            raise RecursionError
    return made


def closing(words: Sequence[str], at: int) -> int:
    """Return the place of the bracket that closes the one at `at`, or the last place of all."""
    depth = 0
    for place in range(at, len(words)):
        depth += (words[place] in ("(", "[", "{")) - (words[place] in (")", "]", "}"))
        if depth == 0:
            return place
    return len(words) - 1


def angle(words: Sequence[str], at: int) -> int:
    """Return the place of the `>` that closes the `<` at `at`, or the last place of all."""
    depth = 0
    place = at
    while place < len(words):
        if words[place] in ("(", "[", "{"):
            place = closing(words, place)
        depth += (words[place] == "<") - (words[place] == ">")
        if depth == 0:
            return place
        place += 1
    return len(words) - 1


def split(words: Sequence[str], sign: str = ",", angles: bool = True) -> list[list[str]]:
    """Return the parts of words between signs that stand outside of brackets; none if there are no words."""
    parts: list[list[str]] = [[]]
    at = 0
    while at < len(words):
        end = at
        if words[at] in ("(", "[", "{"):
            end = closing(words, at)
        elif words[at] == "<" and angles:
            end = angle(words, at)
        if end == at and words[at] == sign:
            parts.append([])
        else:
            parts[-1] += words[at : end + 1]
        at = end + 1
    return parts if parts != [[]] else []


_NO_CALL = frozenset({"return", "else", "do", "case", "and", "or", "not", "goto", "throw"})
_DECLARES = frozenset(
    {
        "void",
        "const",
        "char",
        "int",
        "long",
        "short",
        "float",
        "double",
        "unsigned",
        "signed",
        "struct",
        "enum",
        "bool",
        "size_t",
    }
)


def marked(text: str, places: Mapping[str, Sequence[int]], mark: str) -> str:
    """Return C tests in which these arguments of functions stand in the macro `mark`; what is NULL, and declarations, do not."""
    found = [(match.start(), match.end(), match[0]) for match in _WORD.finditer(text) if match["space"] is None]
    words = [each[2] for each in found]
    edits: list[tuple[int, str]] = []
    for at, (start, end, word) in enumerate(found):
        if word.lstrip().startswith("#") and (define := re.match(r"\s*#\s*define\s+\w+(?:\([^)]*\))?", word)):
            edits.append((start, f"\0{end}\0{define[0]}{marked(word[define.end() :], places, mark)}"))
        if word not in places or words[at + 1 : at + 2] != ["("]:
            continue
        close = closing(words, at + 1)
        arguments = split(words[at + 2 : close], angles=False)
        if (at and NAME.match(words[at - 1]) and words[at - 1] not in _NO_CALL) or any(
            each[:1] and each[0] in _DECLARES for each in arguments
        ):
            continue
        begin = at + 2
        for place, argument in enumerate(arguments):
            last = begin + len(argument) - 1
            if place in places[word] and argument and argument not in (["NULL"], ["0"]):
                edits += [(found[begin][0], f"{mark}("), (found[last][1], ")")]
            begin = last + 2
    made, at = [], 0
    for where, what in sorted(edits, key=lambda each: each[0]):
        made.append(text[at:where])
        at = where
        if what.startswith("\0"):
            _, over, what = what.split("\0", 2)
            at = int(over)
        made.append(what)
    return "".join([*made, text[at:]])
