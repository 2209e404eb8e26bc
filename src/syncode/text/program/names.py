"""Which names a program in any language defines and uses, told by its lines: no parser, the forms of signatures."""

import re
from functools import cache
from itertools import islice

from syncode.text import python
from syncode.text.braces import HASHED, HASHES, SLASHES, balance, depths
from syncode.text.python import Unit

_NO_TYPES = (
    r"return|else|throw|yield|await|case|assert|print|echo|not|in|if|while|and|or|puts|my|expr|new|delete|goto|import|use"
    r"|call|require|die|unless|until|when|do|then|begin|exit"
)
BRACED = frozenset(
    (
        "c",
        "cpp",
        "csharp",
        "java",
        "javascript",
        "typescript",
        "go",
        "rust",
        "php",
        "kotlin",
        "scala",
        "swift",
        "dart",
        "d",
        "groovy",
    )
)
"""Languages whose blocks stand in braces: a program closes all that it opens."""
_WORD = re.compile(r"(?<![\w$@.])[A-Za-z_]\w*|(?<=->)[A-Za-z_]\w*")
_IMPORT = re.compile(
    r"^[ \t]*(?:import\b|from\b.*\bimport\b|#[ \t]*include\b|using\b|use\b|require\b|require_once\b|package\b|open\b"
    r"|library\s*\(|(?:const|let|var)\b.*\brequire\s*\(|extern crate\b|source\b|load\b)"
)


@cache
def definition(name: str) -> re.Pattern[str]:
    """Return what a definition of a name looks like: behind a keyword or a type, or with a value given to it."""
    escaped = re.escape(name) or "(?!)"
    word = r"(?=\S*\w)(?!\S*(?<!:):[ \t])[\w<>\[\],.:&*?~]+[ \t]+"  # of a type, with a letter in it, no label
    behind_words = rf"^[ \t]*(?!(?:{_NO_TYPES})\b)(?:{word})+[*&]*[ \t]*(?:\w+::)?{escaped}\b[ \t]*(?:[({{=:<;\n]|$)"
    given_value = rf"^[ \t]*(?:(?:module\.)?exports\.)?{escaped}[ \t]*(?:=(?!=)|<-|:=|\([ \t]*\)[ \t]*\{{)"
    behind_receiver = rf"^[ \t]*func[ \t]*\([^)\n]*\)[ \t]*{escaped}\b"
    methods = rf"{behind_receiver}|^[ \t]*(?:(?:async|static|get|set)[ \t]+)*{escaped}[ \t]*\([^()\n]*\)[ \t]*\{{"
    macro = rf"^[ \t]*#[ \t]*define[ \t]+{escaped}\b"
    return re.compile(f"{behind_words}|{given_value}|{methods}|{macro}", re.MULTILINE)


def defines(code: str, name: str, language: str) -> bool:
    """Return whether code defines a name: in Python at its top or in a class, elsewhere on any line that reads so."""
    return firmness(code, name, language) > 0


def firmness(code: str, name: str, language: str) -> int:
    """Return how code defines a name: 3 with a body at its top, 2 as a member or a value, 1 declared or brought in, 0 not."""
    if not name or name not in code:
        return 0
    if language == "python" and (tree := python.parsed(code)) is not None:
        return python.bound(tree).get(name, 0) or 2 * _in_class(code, name)
    levels = depths(code) if language in BRACED else None
    best = 0
    for found in islice(definition(name).finditer(code), _MOST_PLACES):
        place = found.start() + found[0].rindex(name)
        best = max(best, _firm(code, place, name, 0 if levels is None else levels[place], language))
        if best == 3:
            break
    return best


_MOST_PLACES = 50  # places of a name that are looked at; chosen here
_ELSEWHERE = re.compile(r"\b(?:declare|extern|import|from|use|mod|using|alias|require)\b")
_VALUE = re.compile(r"[ \t]*(?::[^=\n{;(]*)?(?:=(?![=>])|<-|:=)[ \t]*([^\n]*)")
_FUNCTION = re.compile(r"=>|->|\bfunction\b|\bfunc\b|\blambda\b|\\\(|\{")
_BROUGHT = re.compile(r"\b(?:require|require_relative|import|mock|jest)\b")
_NO_BODY = re.compile(r"\s*(?:<[^<>;{}]*>)?\s*(?:\((?:[^(){};]|\([^(){};]*\))*\)[^;{}=]*)?;")
_BODILESS = re.compile(r"\b(?:struct|record|enum|typedef|union|const|let|var|val)\b")


def _firm(code: str, place: int, name: str, level: int, language: str) -> int:
    """Return how a name is defined at a place that reads like a definition, `level` braces deep."""
    head = code[code.rfind("\n", 0, place) + 1 : place]
    tail = code[place + len(name) : place + len(name) + 500]
    if _ELSEWHERE.search(head):
        return 1
    if given := _VALUE.match(tail):
        made_of_itself = re.search(rf"\b{re.escape(name)}\b", given[1]) and not _FUNCTION.search(given[1])
        return 1 if made_of_itself or _BROUGHT.search(given[1]) else 3
    if language in BRACED and _NO_BODY.match(tail) and not _BODILESS.search(head):
        return 1
    packed = language == "perl" and re.search(r"^package (?!main\b)", code[:place], re.MULTILINE)
    inside = level > 0 if language in BRACED else head[:1].isspace()
    return 2 if inside or packed or re.match(r"\s*func\s*\(", head) else 3


def _in_class(code: str, name: str) -> bool:
    return (
        "class " in code
        and re.search(rf"^[ \t]+(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b", code, re.MULTILINE) is not None
    )


def readable(code: str, language: str) -> bool:
    """Return whether code can be a whole program: Python that parses, braces that are closed, anything elsewhere."""
    if language == "python":
        return python.parses(code)
    if language in BRACED:
        return bool(code.strip()) and balance(code) == 0
    return bool(code.strip())


def bare(code: str, language: str) -> str:
    """Return code without comments and literals."""
    return (HASHES if language in HASHED else SLASHES).sub(" ", code)


def used(code: str, language: str) -> set[str]:
    """Return the words of a program."""
    if language == "python":
        return python.lacking(code)
    return set(_WORD.findall(bare(code, language)))


def declared(code: str, name: str) -> bool:
    """Return whether code binds a name anywhere, as a function, a type, a variable or a parameter."""
    escaped = re.escape(name)
    return definition(name).search(code) is not None or (
        re.search(
            rf"\b(?!(?:{_NO_TYPES})\b)[A-Za-z_][\w<>\[\]*&]*[ \t]+[*&$]?{escaped}\b[ \t]*[,;=):\[]|[(,]\s*{escaped}\s*[,)]",
            code,
        )
        is not None
    )


def units(code: str, language: str) -> list[Unit]:
    """Return the pieces at the top of a program with the names that they define."""
    if language == "python":
        return python.units(code)
    found = []
    for text in _pieces(code, language):
        head = bare(text, language)[:4000]
        line = _naming_line(head)
        names = frozenset(name for name in _WORD.findall(line) if definition(name).search(line))
        found.append(Unit(names, text, bool(_IMPORT.match(head.lstrip("\n"))) or bool(_DEFINES.search(head))))
    return found


_KEYWORDS = (
    r"class|struct|enum|interface|trait|impl|union|record|type|typedef|module|function|def|fn|func|fun|sub|proc"
    r"|local function|#define|const|static|template"
)
_DEFINES = re.compile(
    rf"^(?:[\w<>\[\],:&*?@()]+[ \t]+)*(?:{_KEYWORDS})\b|^[\w<>\[\],:&* ]+\([^;]*\)[^;]*\{{|=>|function\s*\(",
    re.MULTILINE,
)


def _naming_line(head: str) -> str:
    """Return the line of a piece that says what it defines: its first one behind attributes, of a `typedef` its last one."""
    lines = [line for line in head.split("\n") if line.strip()]
    if lines and lines[0].startswith("typedef") and lines[-1].startswith("}"):
        return f"typedef {lines[-1].strip('} ')}"
    return next((line[:500] for line in lines if not line.startswith(("@", "#[", "template", "["))), "")


def is_import(line: str) -> bool:
    """Return whether a line brings in what is defined elsewhere."""
    return _IMPORT.match(line) is not None


def _pieces(code: str, language: str) -> list[str]:
    """Return what stands at the left border outside of braces, each with the lines that belong to it."""
    levels = depths(code, HASHES if language in HASHED else SLASHES)
    pieces: list[list[str]] = []
    place, remarks_only = 0, False
    for line in code.split("\n"):
        goes_on = not line.strip() or line[0].isspace() or levels[place] > 0 or _CLOSES.match(line)
        if pieces and (goes_on or remarks_only):
            pieces[-1].append(line)
        else:
            pieces.append([line])
            remarks_only = True
        remarks_only = remarks_only and _REMARK.match(line) is not None
        place += len(line) + 1
    return ["\n".join(piece).rstrip() + "\n" for piece in pieces]


_CLOSES = re.compile(
    r"[})\]]|(?:end|else|elsif|elseif|elif|rescue|ensure|catch|finally|done|fi|esac|then|where|do)\b|\{"
)
_REMARK = re.compile(r"\s*(?://|#(?!\s*(?:include|define|import))|--|/\*|\*|@|template\b|$)")
"""Lines that belong to what follows them: comments, attributes."""
