"""Says whether tests could fail at all: tests that assert nothing decide nothing."""

import re

_WORDS = {
    "javascript": r"throw|reject|exit|exitCode|abort|done",
    "java": r"throw|assert\w*|exit|halt|fail\w*|require\w*|check\w*|verify\w*|expect\w*|Assert\w*",
    "c": r"assert\w*|abort|exit|_exit|_Exit|quick_exit|raise|kill|return\s+[^0\s;]|[A-Z]*ASSERT\w*|CHECK\w*|REQUIRE\w*|EXPECT\w*",
    "csharp": r"throw|Assert\w*|Exit|Fail\w*|FailFast|return\s+[^0\s;]",
    "go": r"panic|Exit|Fatal\w*|Error\w*|Fail\w*|assert\w*|require\w*|Panic\w*",
    "rust": r"\w*assert\w*!|panic!|unreachable!|unwrap\w*|expect\w*|exit|abort|Err|todo!|unimplemented!",
    "php": r"throw|exit|die|trigger_error|fail\w*|TestCase",
    "ruby": r"raise|fail|abort|exit!?|throw|assert\w*|refute\w*|expect\w*|must_\w+|wont_\w+|flunk|should\w*",
    "bash": r"exit|return|false|test|diff|cmp|comm|grep|expr|awk|jq|kill"
    r"|python3?|run\w*|check\w*|verify\w*|expect\w*|assert\w*|\[\[?|\(\(|set\s+-\w*e\w*|:\?|fail\w*|die",
    "perl": r"die|croak|confess|exit|ok|is\w*|like|unlike|cmp_\w+|fail|BAIL_OUT|kill|assert\w*|throws_ok|dies_ok|lives_ok",
    "lua": r"error|exit|fail\w*",
    "r": r"stop\w*|quit|q|expect_\w+|warning|abort|check\w*|assert\w*|match\.arg",
    "elixir": r"raise|throw|exit|halt|assert\w*|refute\w*|=|flunk",
    "haskell": r"error|throw\w*|exit\w*|fail\w*|assert\w*|undefined|ioError|shouldBe",
    "kotlin": r"throw|assert\w*|check\w*|require\w*|error|exitProcess|exit|TODO|fail\w*|!!",
    "scala": r"throw|assert\w*|assume|require\w*|error|exit|fail\w*|should\w*|\?\?\?",
    "tcl": r"error|exit|throw|return\s+-code|test|assert\w*|fail\w*",
}
_WORDS |= {"typescript": _WORDS["javascript"], "cpp": f"{_WORDS['c']}|throw|terminate"}
_COMMENTS = {
    "#": re.compile(r"(?:(?<=^)|(?<=\s))#[^\n]*", re.MULTILINE),
    "--": re.compile(r"--[^\n]*"),
    "//": re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL),
}
_TEXTS = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|(?<!\w)'(?:\\.|[^'\\\n])*'")
"""Literals of one line."""
_COMMANDS = re.compile(r"\"[^$`\[]*[$`\[]")
"""A literal in which bash and Tcl run commands."""
_MARKS = {"ruby": "#", "bash": "#", "perl": "#", "r": "#", "tcl": "#", "lua": "--", "elixir": "#", "haskell": "--"}


COUNTED = {
    "java": r"\bassert\b",
    "c": r"\bassert(?=\s*\()|#\s*include[^\n]*",
    "csharp": r"\b(?:Debug|Trace)\s*\.\s*Assert\b",
    "rust": r"\b(?:debug_)?assert(?:_eq|_ne)?!",
}
"""Assertions that are counted as they run, where the tests run apart from the answer."""
_KEPT = frozenset(("assert", "error", "exit", "abort", "raise", "panic"))
_KEPT_BY = {"kotlin": {"check", "require"}, "scala": {"require", "assume"}}
"""Names that answers declare in vain: the tests have those of their language (see `native`, `golang`, `jvm`)."""
_NAMED = r"(?:assert|fail|require|check|verify|expect|should|assume)\w*|[A-Z]+(?:_[A-Z]+)*|Assert\w*"
_HEADS = (
    r"#[^\S\n]*define[^\S\n]+|\b(?:class|struct|interface|record|object|trait|macro_rules!|func|fn|fun|def|var|val|static|void|bool"
    r"|boolean|int|long|double|auto)\s+"
)


def _borrowed(language: str, code: str, tests: str) -> list[str]:
    """Return the names with which tests judge though only the answer has them."""
    if language not in ("java", "c", "cpp", "csharp", "go", "rust", "kotlin", "scala", "haskell"):
        return []  # the drivers of the others look after that
    names = {*re.findall(rf"(?<![\w#])(?:{_NAMED})(?!\w)", tests)} - _KEPT - _KEPT_BY.get(language, set())
    declares = r"(?:{head}{name}\b|^{name}\s*::|[\w>\])]\s+{name}\s*\([^;{{}}()]*\)\s*\{{)"
    return [
        name
        for name in sorted(names)
        if re.search(made := declares.format(head=f"(?:{_HEADS})", name=name), code, re.MULTILINE)
        and not re.search(made, tests, re.MULTILINE)
    ]


def fallible(language: str, tests: str, code: str = "", counted: str = r"(?!)") -> bool:
    """Return whether tests hold a statement of their own that ends them badly.

    Of what drivers count themselves (assertions in JavaScript, PHP, Lua, what `counted` finds) nothing is said here; comments and
    literals do not count, nor does what tests judge with, but the answer's `code` declares. Of a language that is not known here,
    anything could.
    """
    words = _WORDS.get(language)
    if words is None:
        return bool(tests.strip())
    running = language in ("bash", "tcl")
    literals = _TEXTS.sub(lambda match: match[0] if running and _COMMANDS.match(match[0]) else '""', tests)
    bare = _COMMENTS[_MARKS.get(language, "//")].sub("", literals)
    bare = re.sub(counted, "", bare)
    for name in _borrowed(language, code, bare):
        bare = re.sub(rf"\b{name}\b", "0", bare)
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", bare) is not None
