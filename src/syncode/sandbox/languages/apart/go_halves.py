"""Both programs of a Go pair as text: the tests with stand-ins, the answer with a main that serves it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from syncode.sandbox.languages.apart.go_text import File
from syncode.sandbox.languages.apart.go_tokens import bare, scan, written
from syncode.sandbox.languages.assemble import Source
from syncode.sandbox.languages.golang import HELPED, quoted, used

PACKAGES = frozenset(
    (
        "bytes", "cmp", "container/heap", "container/list", "container/ring", "crypto/md5", "crypto/sha1", "crypto/sha256",
        "encoding/base64", "encoding/hex", "encoding/json", "errors", "fmt", "io", "log", "maps", "math", "math/big", "math/bits",
        "math/cmplx", "math/rand", "os", "reflect", "regexp", "slices", "sort", "strconv", "strings", "sync", "sync/atomic",
        "testing", "time", "unicode", "unicode/utf8", "github.com/stretchr/testify/assert",
    )
)  # fmt: skip
"""Packages with which tests can run apart: nothing that they do in there reaches the answer."""


@dataclass(frozen=True)
class Halves:
    """Declarations: `beside` the tests, and what `serves` the answer, by name. `packages`: those that types need."""

    beside: list[str] = field(default_factory=list)
    serves: dict[str, str] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)


def server(code: str, answer: File, own: File, made: Halves) -> dict[str, str]:
    """Return the answer, and beside it a main that does what it is asked for."""
    mains = [(each.place, each.place + 4, "mainOfTheAnswer") for each in answer.functions if each.name == "main"]
    body = _edited(code, [*((begin, end, "") for begin, end in answer.head), *mains])
    imports = dict.fromkeys(
        (*answer.imports, *(each for each in own.imports if each not in answer.imports and not each[0]))
    )
    if not re.search(r"^package\s", code, re.MULTILINE):
        _help(imports, body)
    types = ", ".join(f'"{name}": (*{name})(nil)' for name in _registered(answer, made))
    opaque = "".join(f', "{name}"' for name in _registered(answer, made) if _opaque(name, made))
    serves = ", ".join(f'"{name}": {function}' for name, function in made.serves.items())
    main = (
        f"func main() {{ syncodeCross.Types(map[string]interface{{}}{{{types}}}{opaque})\n"
        f"syncodeCross.Serve(map[string]interface{{}}{{{serves}}}) }}\n"
    )
    serve = {("syncodeCross", "syncode/cross"): None, **dict.fromkeys(answer.imports)}
    return {"main.go": _file(imports, body, ""), "syncode_serve.go": _file(serve, "", main)}


def _registered(answer: File, made: Halves) -> Iterator[str]:
    """Yield the types that an interface may hold: those that stand on both sides."""
    for name, each in answer.types.items():
        beside = any(line.startswith(f"type {name} ") for line in made.beside)
        if beside and not each.generic and not each.alias and not re.search(r"[|~]|\bcomparable\b", written(each.kind)):
            yield name


def _opaque(name: str, made: Halves) -> bool:
    return f"type {name} struct {{ syncodeOpaque syncodeCross.Opaque }}" in made.beside


def examiner(source: Source, tests: str, own: File, answer: File, made: Halves) -> str:
    """Return the tests with all that stands for the answer, and a main that runs them."""
    functions = [each for each in own.functions if not each.receiver]
    edits = [(begin, end, "") for begin, end in own.head]
    edits += [(each.place, each.place + 4, "mainOfTheTests") for each in functions if each.name == "main"]
    words = scan(tests)
    for first, dot, last in zip(words, words[1:], words[2:], strict=False):
        if (first.text, dot.text, last.text) == ("os", ".", "Exit"):
            edits.append((first.place, last.place + 4, "syncodeCross.Exit"))
    body = _edited(tests, edits)
    names = list(
        dict.fromkeys(
            each.name for each in functions
            if re.match(r"Test(?![a-z])", each.name) and [written(one.kind) for one in each.parameters] == ["* testing.T"]
        )
    )  # fmt: skip
    imports = dict.fromkeys(
        (*own.imports, ("syncodeCross", "syncode/cross"), *(("", path) for path in sorted(made.packages)))
    )
    for alias, path in answer.imports:
        if not alias and path in PACKAGES and re.search(rf"\b{path.rpartition('/')[2]}\.", body):
            imports.setdefault(("", path))
    _help(imports, body)
    least, waits = source.least("go"), "true" if re.search(r"\bgo\s+(?:func\b|\w+[.(])", body) else "false"
    types = ", ".join(f'"{name}": (*{name})(nil)' for name in _registered(answer, made))
    if names:
        imports |= {("", "testing"): None, ("syncodeExamine", "syncode/examine"): None}
        listed = ", ".join(f'{{Name: "{name}", F: {name}}}' for name in names)
        run = f"syncodeExamine.Run([]testing.InternalTest{{{listed}}}, {least}, {waits})"
    else:
        begin = "mainOfTheTests" if any(each.name == "main" for each in functions) else "func() {}"
        run = f"syncodeCross.Run({least}, {waits}, {begin})"
    ready = f"var _ = syncodeCross.Ready(map[string]interface{{}}{{{types}}})\n"
    return _file(imports, f"{ready}{body}", "\n".join([*made.beside, f"func main() {{ {run} }}", ""]))


def _help(imports: dict[tuple[str, str], None], body: str) -> None:
    """Add the packages that a text uses without an import, as the harnesses of published tests do."""
    brought = {path for _, path in imports} | {alias for alias, _ in imports}
    names = {path.rpartition("/")[2] for path in brought}
    for path in HELPED:
        name = path.rpartition("/")[2]
        if path not in brought and name not in names and re.search(rf"\b{name}\.", body):
            imports["", path] = None


def _file(imports: dict[tuple[str, str], None], body: str, end: str) -> str:
    said = bare(f"{body}\n{end}")
    lines = "".join(f"import {alias} {quoted(path)}\n" for alias, path in imports if used(alias, path, said))
    return f"package main\n{lines}\n{body}\n{end}"


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    for begin, end, words in sorted(edits, reverse=True):
        text = text[:begin] + words + text[end:]
    return text
