"""bash: tests and answer in two shells; a function of the answer is called in the other one, output and status come back."""

import re

from syncode.sandbox.languages import scripted
from syncode.sandbox.languages.apart import Half, pair
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.limits import Limits

REACHING = re.compile(
    r"(?<![\w./-])(?:source|trap|alias|unalias|eval|exec|export|cd|pushd|mktemp|touch|mkdir|rm|cp|mv|tee|wait|jobs|coproc|declare\s+-f|typeset"
    r"|type|unset\s+-f|shopt|mapfile|readarray|umask|ulimit|hash|command_not_found_handle|timeout|xargs|env|bash|sh|time)(?![\w./=-])"
    r"|(?:^|[;&|]\s*)\.\s|<\(|>\(|(?<![&|>])&\s*(?:$|\w)|\bIFS=|\$\{?(?:BASH\w*|FUNCNAME|LINENO|SECONDS|RANDOM|SHLVL|PPID|PIPESTATUS)|\$\$",
    re.MULTILINE,
)
"""What reaches into a shell, its files or its processes."""
_FILES = re.compile(r"(?<![0-9&<>-])[12]?>{1,2}\s*(?!&|/dev/null\b)|\bset\s+[-+]\w*[uxnvf]")
_BY_NAME = re.compile(
    r"\b(?:declare|local|typeset)\s+-\w*n|\bprintf\s+-v\b|\bread\b[^\n|;]*\$|\beval\b|\bunset\s+[\"']?\$"
)
_ASSIGNED = re.compile(
    r"(?<![\w$])(?:(?:local|declare|readonly|for|read\s+(?:-\w+\s+)*)\s+)?([A-Za-z_]\w*)(?:\[[^\]\n]*\])?(?:\+?=|(?=\s+in\b))"
)
_LOCAL = re.compile(r"\b(?:local|for|read(?:\s+-\w+)*|declare)\s+(?:-\w+\s+)*((?:[A-Za-z_]\w*(?:=\S*)?[^\S\n]*)+)")
_COMMENT = re.compile(r"(?:(?<=^)|(?<=\s))#[^\n]*", re.MULTILINE)
_QUOTED = re.compile(r"'[^']*'")


def bash(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`bash apart_tests.sh tests.sh LEAST` and `bash apart_answer.sh main.sh`."""
    code, tests = split(source.code, source.tests, HASHES)
    if why := needs_one(_COMMENT.sub("", code), _QUOTED.sub("''", _COMMENT.sub("", tests))):
        return why

    def half(role: str, name: str, text: str, *words: str) -> Half:
        driver_name = f"apart_{role}.sh"
        files = {name: f"{text}\n", driver_name: driver(driver_name)}
        return files, (run_step((commands["bash"], driver_name, name, *words), limits, space=True),)

    return pair(
        source,
        limits,
        half("tests", "tests.sh", scripted.bash_tests(tests), str(source.least("bash"))),
        half("answer", "main.sh", code),
    )


def needs_one(code: str, tests: str) -> str:
    """Return what in these texts, comments left out, needs answer and tests in one process; an empty string if nothing does."""
    if found := REACHING.search(tests) or _FILES.search(tests):
        return f"the tests use {found[0].strip()}"
    if found := _BY_NAME.search(code):
        return f"the answer uses {found[0].strip()}"
    own = {name for pair_of in scripted.BASH_FUNCTION.findall(code) for name in pair_of if name}
    fed = "|".join(map(re.escape, sorted(own))) or "(?!)"
    if re.search(rf"\|&?\s*(?:{fed})(?![\w-])|(?<![\w-])(?:{fed})(?![\w-])[^\n;|&)]*<", tests):
        return "the tests feed a function of the answer"
    there, here = set(_ASSIGNED.findall(code)), set(_ASSIGNED.findall(tests))
    local = {name.partition("=")[0] for text in _LOCAL.findall(code) for name in text.split()}
    for name in sorted(there - here):
        if re.search(rf"\$\{{?[#!]?{name}\b", tests):
            return f"the tests read {name}"
    for name in sorted(here - local):
        if re.search(rf"\$\{{?[#!]?{name}\b|\b{name}\[", code) and name not in there - local:
            return f"the tests set {name}"
    shared = sorted((here - local) & (there - local))
    return f"the tests and the answer set {shared[0]}" if shared else ""
