"""Keeps what C and C++ answers declare from changing what their tests mean: macros, functions of the C library, `==`."""

import re
from collections.abc import Iterator

CONTROL = (
    "if", "else", "for", "while", "do", "switch", "case", "default", "break", "continue", "return", "goto",
    "sizeof", "throw", "try", "catch", "static_assert", "assert", "abort", "exit", "main", "true", "false", "NULL", "nullptr",
)  # fmt: skip
"""Words that no macro may change in the tests."""
TYPES = (
    "int", "long", "short", "char", "float", "double", "signed", "unsigned", "auto", "bool", "void", "const", "struct", "class",
    "size_t", "int64_t", "uint64_t", "int32_t", "uint32_t", "std", "string", "vector", "pair", "tuple", "array", "map", "set",
    "unordered_map", "unordered_set", "deque", "list", "optional",
)  # fmt: skip
"""Types, which macros may change only so that they hold more."""
_WIDER = re.compile(
    r"(?:signed\s+|unsigned\s+)?(?:long\s+long(?:\s+int)?|int64_t|__int128(?:_t)?|long\s+double|double)\s*\Z"
)
LIBRARY = (
    "memcmp", "strcmp", "strncmp", "strcasecmp", "strncasecmp", "bcmp", "abs", "labs", "llabs", "fabs", "fabsf",
    "fabsl", "strlen", "printf", "puts", "fprintf", "raise", "longjmp", "isnan", "isinf", "round", "roundf",
    "floor", "ceil", "sqrt", "pow", "fmod", "fmin", "fmax", "strstr", "strchr", "memcpy", "wcscmp", "wcsncmp", "wcslen",
    "wmemcmp", "strcoll", "strtol", "strtoll", "strtoul", "strtoull", "strtod", "strtof", "atoi", "atol", "atoll", "atof",
    "sprintf", "snprintf", "sscanf", "strspn", "strcspn", "strpbrk", "strrchr", "memchr", "memmove", "memset", "strcpy",
    "strncpy", "strcat", "putchar", "fputs", "trunc", "lround", "llround", "rint", "qsort", "bsearch", "tolower", "toupper",
    "isdigit", "isalpha", "isspace",
)  # fmt: skip
"""Functions of the C library that tests compare with (chosen here)."""
ENDING = (
    "abort", "exit", "_exit", "_Exit", "quick_exit", "__assert_fail", "__assert", "__libc_start_main", "atexit",
    "signal", "sigaction",
)  # fmt: skip
"""Functions that no answer has a reason to define: the tests end with them."""
IMPLICIT = ("memcmp", "bcmp", "memchr", "strlen", "memcpy", "memmove", "memset", "wmemcmp")
"""Functions of the C library with which the libraries of C++ and Rust compare, whatever the tests call."""
NO_FUNCTIONS = ["isnan", "isinf", "assert"]
"""Of the above, what is a macro in C alone: taking it away would leave nothing."""

_DEFINED = r"^(?!\s*return\b)(?:[\w:<>,*&]+[\s*&]+)+{}\s*\([^;{{}}]*\)[^;{{}}]*\{{"
_MACRO = re.compile(r"^[^\S\n]*(?:#|%:|\?\?=)[^\S\n]*(?:\\\n)?\s*define[^\S\n]+(?:\\\n)?\s*(\w+)([^\n]*)", re.MULTILINE)
_DECLARES = (
    r"(?:^|[;{{}}(])\s*(?!(?:return|throw|case|else|goto|delete|using|typedef|new)\b)"
    r"(?:const\s+)?[A-Za-z_][\w:<>,\s]*[\s*&]{}\s*(?:=(?!=)|;|\[|\(|:)"
)
_FUNCTION = re.compile(_DEFINED.format(r"(\w+)"), re.MULTILINE)


def guarded(code: str, tests: str) -> str:
    """Return an answer whose functions do not take the place of the C library's that the tests call.

    Macros end with it that would change words of the tests: those of the language, and what the tests declare themselves.
    """
    for name in hidden(code, tests):
        if re.search(_DEFINED.format(name), code, re.MULTILINE):
            code = re.sub(rf"(?<![\w.\"]){name}\b(?=\s*\()", f"{name}_of_the_answer", code)
    macros = dict(_MACRO.findall(code))
    gone = [
        name
        for name, body in macros.items()
        if ((name in CONTROL or name in LIBRARY) and name not in NO_FUNCTIONS)
        or (name in TYPES and not (_WIDER.match(body.strip()) and not re.search(rf"\b{name}\s+main\b", tests)))
        or re.search(_DECLARES.format(name), tests, re.MULTILINE)
    ]
    return "\n".join([code, *(f"#undef {name}" for name in gone)]) + "\n"


def hidden(code: str, tests: str) -> list[str]:
    """Return the functions of the C library that have to be its own: those that end, and those that the tests call.

    One that is all that the tests call of the answer is what they are about.
    """
    called = {name for name in _FUNCTION.findall(code) if re.search(rf"\b{name}\b", tests)}
    tested = called if called and called <= set(LIBRARY) else set()
    return [*ENDING, *(name for name in LIBRARY if name not in tested and re.search(rf"\b{name}\s*\(", tests))]


def compared(tests: str) -> str:
    """Return C++ tests that compare by `syncode::same`, which knows no operator of the answer, in `assert` and `if`."""
    made, at = [], 0
    for match in re.finditer(r"\b(?:assert|if)\s*\(", tests):
        if match.start() < at:
            continue
        end = _closing(tests, match.end())
        if end is None:
            break
        inner = "".join(_conditions(tests[match.end() : end]))
        made += [tests[at : match.end()], inner]
        at = end
    return "".join([*made, tests[at:]])


def _conditions(text: str) -> Iterator[str]:
    """Yield the parts of a condition, comparisons rewritten, with the `&&` and `||` between them."""
    begin = 0
    for place, word in _top(text, ("&&", "||")):
        yield _comparison(text[begin:place]) + word
        begin = place + len(word)
    yield _comparison(text[begin:])


def _comparison(text: str) -> str:
    operators = list(_top(text, ("==", "!=", "<=", ">=", "?", ",", "<<", ">>", "=")))
    if len(operators) != 1 or operators[0][1] not in ("==", "!="):
        return text
    place, word = operators[0]
    left, right = text[:place].strip(), text[place + 2 :].strip()
    if (
        not left
        or not right
        or any(re.fullmatch(r"\(*(?:NULL|nullptr|0[uUlL]*|\{.*)\)*", side) for side in (left, right))
    ):
        return text
    sign = "!" if word == "!=" else ""
    return f" {sign}::syncode::same(({left}), ({right})) "


def _top(text: str, words: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield (place, word) of operators outside of brackets, texts and template arguments with brackets."""
    depth, at = 0, 0
    while at < len(text):
        if text[at] in "\"'":
            at = _text_end(text, at)
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        word = next((each for each in words if text.startswith(each, at)), None) if depth == 0 else None
        if word:
            yield at, word
            at += len(word)
        else:
            at += 1


def _text_end(text: str, at: int) -> int:
    """Return the place behind a literal that begins here."""
    match = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'").match(text, at)
    return match.end() if match else at + 1


def _closing(text: str, at: int) -> int | None:
    """Return the place of the bracket that closes the one in front of `at`."""
    depth = 1
    while at < len(text):
        if text[at] in "\"'":
            at = _text_end(text, at)
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            return at
        at += 1
    return None
