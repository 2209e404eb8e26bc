"""Rust tests as a program of their own: what `rustc --test` does with their attributes is done here to their text."""

from syncode.sandbox.languages.apart.rust_text import Reader
from syncode.sandbox.languages.apart.rust_tokens import Tokens, Unclear, written

_ASSERTIONS = frozenset(f"{debug}assert{kind}" for debug in ("", "debug_") for kind in ("", "_eq", "_ne"))
"""Macros that the crate beside the tests counts."""
Test = tuple[str, str, str]
"""Name and path of a test function, and what it shall panic with, as an expression."""


def edited(tests: str, words: Tokens) -> tuple[str, list[Test]]:
    """Return tests without what only `rustc --test` knows, and their functions."""
    editing = _Editing(words)
    while editing.at < len(words):
        editing.step()
    for begin, end, new in sorted(editing.edits, reverse=True):
        tests = tests[:begin] + new + tests[end:]
    return tests, editing.tests


def types_named(words: Tokens) -> set[str]:
    """Return the types that tests name as such, and neither declare nor import: what they say of one, they are about."""
    named: set[str] = set()
    others: set[str] = set()
    imported = False
    texts = ["", "", *(token.text for token in words), ""]
    for place, (earlier, before, name, after) in enumerate(zip(texts, texts[1:], texts[2:], texts[3:], strict=False)):
        imported = name == "use" or (imported and name != ";")
        if words[place].kind != "word":
            continue
        if imported or before in ("const", "static", "struct", "enum", "type", "fn", "trait", "mod", "let", "mut"):
            others.add(name)
        compared = before in ("<", ">", "+", "-", "*", "/", "!", "::", ".") or (
            before == "=" and earlier in ("=", "<", ">", "!")
        )
        kind = before in (":", "->") or (before == "<" and after == ">")
        if name[0].isupper() and (kind or (after in ("::", "(", "{") and not compared)):
            named.add(name)
    return named - others


class _Editing:
    """Goes through the tokens of tests. `modules`: those that it is in, with the depth of braces inside of them."""

    def __init__(self, words: Tokens) -> None:
        self.words, self.at, self.depth = words, 0, 0
        self.edits: list[tuple[int, int, str]] = []
        self.tests: list[Test] = []
        self.modules: list[tuple[str, int]] = []
        self.marks: dict[str, Tokens] = {}

    def step(self) -> None:
        token = self.words[self.at]
        if token.text == "#" and self._next(1) == "[":
            self._attribute()
            return
        if token.kind == "sign":
            self.depth += (token.text == "{") - (token.text == "}")
            while self.modules and self.depth < self.modules[-1][1]:
                self.modules.pop()
        elif token.text == "mod" and self._next(2) == "{":
            self.modules.append((self._next(1), self.depth + 1))
            self._opened()
        elif token.text in _ASSERTIONS and self._next(1) == "!" and self._before() != "::":
            self.edits.append((token.place, token.place, "::syncode::"))
        elif token.text == "fn":
            self._function(self._next(1))
        self.at += 1

    def _next(self, far: int) -> str:
        return self.words[self.at + far].text if self.at + far < len(self.words) else ""

    def _before(self) -> str:
        return self.words[self.at - 1].text if self.at else ""

    def _opened(self) -> None:
        """Let the whole program see what is declared here."""
        if self.at == 0 or self.words[self.at - 1].text not in ("pub", ")"):
            self.edits.append((self.words[self.at].place, self.words[self.at].place, "pub(crate) "))

    def _attribute(self) -> None:
        """Take an attribute, away if it is for `rustc --test` alone."""
        begin, reader = self.words[self.at].place, Reader(self.words)
        reader.at = self.at + 1
        inside = reader.enclosed()
        name = inside[0].text if inside else ""
        if name in ("test", "should_panic", "ignore") or written(inside) == "cfg ( test )":
            self.edits.append((begin, self.words[reader.at - 1].end, ""))
            self.marks[name] = inside
        elif name in ("cfg", "cfg_attr", "tokio", "rstest", "test_case", "bench"):
            raise Unclear(f"the attribute {name}")
        self.at = reader.at

    def _function(self, name: str) -> None:
        if "test" in self.marks:
            self._opened()
            path = "::".join([*(module for module, _ in self.modules), name])
            if "ignore" not in self.marks:
                self.tests.append((path, path, _panics(self.marks.get("should_panic"))))
        elif name == "main" and self.depth == 0:
            token = self.words[self.at + 1]
            self.edits.append((token.place, token.end, "main_of_the_tests"))
        self.marks = {}


def _panics(mark: Tokens | None) -> str:
    if mark is None:
        return "None"
    return f"Some({next((token.text for token in mark if token.kind == 'text'), chr(34) * 2)})"
