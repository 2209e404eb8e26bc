"""Keeps what a Rust answer declares from changing what tests beside it mean: macros of the language, `==`, imports."""

import re
from collections.abc import Iterator
from itertools import pairwise

from syncode.sandbox.languages.apart.rust_names import MACROS
from syncode.sandbox.languages.apart.rust_tokens import BRACKETS, Token, Tokens, Unclear, scan

_COMPARES = re.compile(r"\bPartialEq\b[^;{]*\bfor\b")
_UNREAD = frozenset(("match", "if", "let", "loop", "while", "for", "unsafe", "|", "=", "..", "..="))
"""What conditions are not read with (chosen here)."""
_PRIMITIVE = (
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "f32",
    "f64",
    "bool",
    "char",
    "str",
)
_TYPES = dict.fromkeys(_PRIMITIVE, "::std::primitive::") | {
    "String": "::std::string::", "Vec": "::std::vec::", "Box": "::std::boxed::", "Some": "::std::option::Option::",
    "None": "::std::option::Option::", "Ok": "::std::result::Result::", "Err": "::std::result::Result::",
}  # fmt: skip
"""Types and variants that are there without an import, and where they are; `Result` is often an alias of the answer's."""

Edit = tuple[int, int, str]


def compares(code: str) -> bool:
    """Return whether an answer says itself what its objects are equal to."""
    return _COMPARES.search(code) is not None


def guarded(code: str, tests: str) -> str:
    """Return tests that have the language's macros beside an answer, and comparisons that ask objects about other values, too."""
    try:
        words, own = scan(tests), scan(code)
    except Unclear:
        return tests
    edits = [*_macros(words, code), *_imports(words, own), *_types(words, code)]
    if compares(code):
        edits += _comparisons(words, tests)
    for begin, end, new in sorted(edits, reverse=True):
        tests = tests[:begin] + new + tests[end:]
    return tests


def _macros(words: Tokens, code: str) -> Iterator[Edit]:
    """Yield the macros of the language by names that the answer cannot declare."""
    texts = ["", *(token.text for token in words), ""]
    own = {
        name
        for first, sign, name in zip(texts, texts[1:], texts[2:], strict=False)
        if (first, sign) == ("macro_rules", "!")
    }
    doubting = compares(code)
    for before, token, after in zip(texts, words, texts[2:], strict=False):
        name = token.text
        if after != "!" or name not in MACROS or name in own or before == "::":
            continue
        if name == "assert_eq" and doubting:
            yield token.place, token.end, "syncode_assert_eq"
        elif re.search(rf"\bmacro_rules!\s*{name}\b|\b(?:use|as)\b[^;]*\b{name}\b", code):
            yield token.place, token.place, "::std::"


def _types(words: Tokens, code: str) -> Iterator[Edit]:
    """Yield the types of the language by names that the answer cannot declare."""
    for before, token in zip(["", *(each.text for each in words)], words, strict=False):
        path = _TYPES.get(token.text)
        declared = rf"\b(?:type|struct|enum|trait|mod|as|fn|const)\s+{token.text}\b"
        if (
            path
            and before not in ("::", ".", "struct", "enum", "type", "mod", "as", "fn")
            and re.search(declared, code)
        ):
            yield token.place, token.place, path


def _comparisons(words: Tokens, tests: str) -> Iterator[Edit]:
    """Yield `==` and `!=` in `assert!(...)` and in the conditions of `if` as a macro that asks."""
    for place, token in enumerate(words):
        following = [each.text for each in words[place + 1 : place + 3]]
        if token.text == "assert" and following == ["!", "("]:
            yield from _compared(words[place + 3 : _end(words, place + 3, (")", ","))], tests)
        elif token.text == "if":
            yield from _compared(words[place + 1 : _end(words, place + 1, ("{",))], tests)


def _end(words: Tokens, at: int, ends: tuple[str, ...]) -> int:
    """Return where one of some signs stands outside of brackets."""
    depth = 0
    while at < len(words):
        text = words[at].text
        if depth == 0 and text in ends:
            return at
        depth += (text in BRACKETS) - (text in BRACKETS.values())
        at += 1
    return at


def _compared(words: Tokens, tests: str) -> Iterator[Edit]:
    """Yield the comparisons of a condition, the parts of which `&&` and `||` join."""
    part: list[Token] = []
    parts = [part]
    depth, skip = 0, False
    for token, after in pairwise([*words, Token("sign", "", -1)]):
        joins = depth == 0 and not skip and token.text == after.text and token.text in "&|" and token.end == after.place
        if skip or joins:
            skip = joins
            if joins:
                part = []
                parts.append(part)
            continue
        depth += (token.text in BRACKETS) - (token.text in BRACKETS.values())
        part.append(token)
    for each in parts:
        yield from _asked(each, tests)


def _asked(part: list[Token], tests: str) -> Iterator[Edit]:
    depth, signs = 0, []
    for place, (token, after) in enumerate(pairwise(part)):
        depth += (token.text in BRACKETS) - (token.text in BRACKETS.values())
        if depth == 0 and token.text in "!=" and after.text == "=" and token.end == after.place:
            signs.append(place)
    if len(signs) != 1 or not 0 < signs[0] < len(part) - 2:
        return
    left, right = part[: signs[0]], part[signs[0] + 2 :]
    if _UNREAD & {token.text for token in (*left, *right)}:
        return
    before = "!" if part[signs[0]].text == "!" else ""
    texts = (tests[each[0].place : each[-1].end] for each in (left, right))
    first, second = texts
    yield part[0].place, part[-1].end, f"{before}syncode_same!(({first}), ({second}))"


def _imports(words: Tokens, own: Tokens) -> Iterator[Edit]:
    """Yield imports of the tests without the names that the answer has imported already."""
    known = {name: path for _, _, leaves in _uses(own) for name, path in leaves}
    for begin, end, leaves in _uses(words):
        if any(known.get(name) == path for name, path in leaves):
            left = [
                f"use {path}{f' as {name}' if path.rpartition('::')[2] != name else ''};"
                for name, path in leaves
                if known.get(name) != path
            ]
            yield begin, end, " ".join(left)


def _uses(words: Tokens) -> Iterator[tuple[int, int, list[tuple[str, str]]]]:
    """Yield where each import outside of all braces begins and ends, and what it brings: name and path."""
    depth, at = 0, 0
    while at < len(words):
        text = words[at].text
        if depth == 0 and text == "use" and (at == 0 or words[at - 1].text in (";", "}", "]")):
            end = _end(words, at, (";",))
            if end < len(words):
                yield words[at].place, words[end].end, list(_leaves([each.text for each in words[at + 1 : end]], ""))
            at = end
        depth += (text in BRACKETS) - (text in BRACKETS.values())
        at += 1


def _leaves(texts: list[str], path: str) -> Iterator[tuple[str, str]]:
    """Yield name and path of everything that the tree of an import brings."""
    if "{" in texts:
        at = texts.index("{")
        inner, depth, part = texts[at + 1 : -1], 0, list[str]()
        for text in [*inner, ","]:
            depth += (text == "{") - (text == "}")
            if text == "," and depth == 0:
                if part:
                    yield from _leaves(part, path + "".join(texts[:at]))
                part = []
            else:
                part.append(text)
        return
    name = texts[-1]
    whole = path + "".join(texts[: texts.index("as")] if "as" in texts else texts)
    if name == "self":
        whole = whole.removesuffix("::self")
        name = whole.rpartition("::")[2]
    yield name, whole
