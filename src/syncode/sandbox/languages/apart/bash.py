"""bash: functions of the answer stand for themselves beside the tests; what a call reads, writes and changes crosses as data."""

import re

from syncode.sandbox.languages import apart, bats
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.languages.scripted import BASH_COMMANDS, bash_functions, bash_literal
from syncode.sandbox.limits import Limits

TOGETHER = re.compile(
    r"\bexport\s+-\w*f|\b(?:declare|typeset)\s+-\w*[fF]|\b(?:eval|source|coproc|xargs|enable|shopt|unalias|alias|jobs|history)\b"
    r"|(?:^|[;&|({]\s*)\.\s+\S|\b(?:bash|sh|env|exec|timeout|nohup)\s+(?:-\w+\s+)*[\w./$\"']|main\.sh|tests\.sh|\bPATH=|BASH_SOURCE|FUNCNAME"
    r"|BASH_(?:LINENO|ARGV|SUBSHELL|COMMAND)|\bcaller\b|\$(?:0|\$|!|-)|\bBASHPID\b|\bunset\s+-f|^\s*set\s*(?:$|[|>])|\bset\s+-o\s*(?:$|[;|])"
    r"|\btrap\b|grep\b[^|;&\n]*\$[({\w]|=~\s*\$[({\w]|\bcase\b[^\n]*\bin\b\s*\$|^\s*\$\([^\n]*\)\s*\)",
    re.MULTILINE,
)
"""What tests do that needs the answer in their shell, or that would run or match with what the answer says."""
STAYS = re.compile(
    r"\btrap\b|\bBASH_SOURCE\b|\bFUNCNAME\b|\bcaller\b|\bBASHPID\b|\bPPID\b|\bSHLVL\b|\bBASH_SUBSHELL\b|\benable\b"
)
"""What an answer does that shows or changes the shell it is in."""
ARITHMETIC = re.compile(
    r"\[\[[^\n]*\s-(?:eq|ne|lt|le|gt|ge)\s|\(\((?!\s*\w+\s*(?:\+\+|--|\+=\s*\d+)?\s*\)\))|\blet\s|\b(?:declare|local|typeset)\s+-\w*i"
    r"|\$\{\w+(?:\[[^\]]*\$|:\s*\$)"
)
COUNTING = re.compile(
    r"\(\(\s*(?:\w+\s*(?:\+\+|--|\+=\s*\d+)|\+\+\w+|\w+\s*\+\s*1|\w+\s*=\s*\w+\s*\+\s*\d+)\s*\)\)|\w+=\$\(\(\s*\$?\w+\s*\+\s*1\s*\)\)"
)
PATTERN = re.compile(r"(?<=\s)(?:[!=]=?)\s+\$[({\w]|\bcase\b")
READS = re.compile(r"\b(?:read|mapfile|readarray|select)\b")
SUBSHELL = re.compile(r"(?:^|[;&|]\s*|\b(?:then|do|if|!)\s+)\((?!\()", re.MULTILINE)
ENDLESS = re.compile(r"\bwhile\s+(?:true|:)|\(\(\s*;\s*;|\byes\b")
FILES = re.compile(
    r"(?<![<>&\d$=-])[12]?>{1,2}\s*(?!&|/dev/|\()[\w./\"'${]|\b(?:touch|mkdir|mktemp|cp|mv|cd|pushd|tee|ln)\b"
)
LOOKS = re.compile(r"\b(?:ls|find|stat|du|pwd|PWD|OLDPWD|cd|pushd|glob)\b|(?<=[\s/\"'(])\*(?:\.\w|[\s;)])|/\*")
SHELL = frozenset(
    [
        *("builtin", "exit", "unset", "read", "printf", "local", "declare", "set", "case", "exec", "return", "eval"),
        *("continue", "break", "compgen", "[", ":", ".", "source", "shift"),
    ]
)
"""What both drivers cannot do without."""
NAME = re.compile(r"(?<![\w-])[A-Za-z_]\w*")
SPECIAL = re.compile(
    r"(?:BASH|LC_|COMP_|HIST|READLINE|syncode).*|PATH|IFS|PS[0-4]|LANG|LANGUAGE|RANDOM|SRANDOM|SECONDS|LINENO|EPOCH\w*|UID|EUID|PPID|PWD|OLDPWD"
    r"|HOME|SHELL|SHELLOPTS|SHLVL|TMPDIR|TERM|TZ|USER|LOGNAME|OPTIND|OPTERR|OPTARG|POSIXLY_CORRECT|GLOBIGNORE|FUNCNEST|FUNCNAME|TIMEFORMAT"
    r"|EXECIGNORE|FIGNORE|IGNOREEOF|TMOUT|ENV|DIRSTACK|GROUPS|HOST\w*|MACHTYPE|OSTYPE|PIPESTATUS|MAPFILE|COLUMNS|LINES|COPROC|CDPATH|FCEDIT"
    r"|INPUTRC|MAIL\w*|auto_resume|histchars|LD_\w+"
)
"""Variables with a meaning of their own for the shell or its commands."""


def pair(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """The shell of the tests, and the one of the answer."""
    code, tests = split(source.code, source.tests, HASHES)
    tests = bats.plain(tests)
    if found := TOGETHER.search(tests):
        return f"the tests use {found[0].strip()!r}"
    if found := STAYS.search(code):
        return f"the answer uses {found[0]!r}"
    own, theirs = set(bash_functions(code)), set(bash_functions(tests))
    for name in sorted(theirs):
        if _word(name, code):
            return f"both have {name}"
    if hidden := sorted(own & SHELL):
        return f"the answer replaces {hidden[0]}"
    if ENDLESS.search(code) and re.search(r"\|\s*head\b", tests):
        return "the answer may write without end"
    if shared := _files(code, tests):
        return shared
    called = sorted(name for name in own if _word(name, tests) and re.fullmatch(r"[\w:.+@%,-]+", name))
    names = sorted(
        name
        for name in set(NAME.findall(code)) & set(NAME.findall(tests))
        if not SPECIAL.fullmatch(name)
        and name not in own
        and name not in theirs
        and _variable(name, code + "\n" + tests)
    )
    least = str(source.least("bash"))
    modes = "".join(
        letter
        for letter, found in (
            ("a", ARITHMETIC.search(COUNTING.sub("", tests))),
            ("p", PATTERN.search(bash_literal(tests))),
            ("t", re.search(r"(?:(?<!\[)\[|\btest)\s(?:[^\n]*\s)?\$[({\w]", tests)),
            ("r", READS.search(tests)),
            ("s", SUBSHELL.search(tests)),
        )
        if found
    )
    marked = [f"{name}{'=' if _assigned(name, tests) else ''}" for name in names]
    asks = run_step(
        (
            commands["bash"],
            "apart_asks.sh",
            "tests.sh",
            least,
            f"-{modes}",
            " ".join(called),
            " ".join(BASH_COMMANDS),
            *marked,
        ),
        limits,
        space=True,
    )
    serves = run_step((commands["bash"], "apart_serves.sh", "main.sh", *names), limits, space=True)
    return apart.pair(
        source,
        limits,
        ({"tests.sh": f"{bash_literal(tests)}\n", "apart_asks.sh": driver("apart_asks.sh")}, (asks,)),
        ({"main.sh": f"{code}\n", "apart_serves.sh": driver("apart_serves.sh")}, (serves,)),
    )


def _word(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def _variable(name: str, text: str) -> bool:
    """Return whether this is used as a variable anywhere, not only as a word."""
    return re.search(rf"\$\{{?[#!]?{name}\b|(?<![\w-]){name}(?:\[[^\]]*\])?\+?=", text) is not None or _assigned(
        name, text
    )


def _assigned(name: str, text: str) -> bool:
    """Return whether a text gives a value to a variable, or has a default for it: then it is not the answer's to set."""
    return (
        re.search(
            rf"(?<![\w$-]){name}(?:\[[^\]\n]*\])?\+?=|\b(?:read|local|declare|typeset|readonly|export|mapfile|readarray|getopts|for|select|unset)"
            rf"\b[^\n;|&]*(?<![\w$]){name}\b|printf\s+-v\s*{name}\b|\(\([^\n]*\b{name}\s*(?:\+\+|--|[-+*/%]?=(?!=))|(?:\+\+|--){name}\b"
            rf"|\$\{{{name}(?:\[[^\]]*\])?:?[-=?+]",
            text,
        )
        is not None
    )


def _files(code: str, tests: str) -> str:
    """Return what says that the one reads files that the other one writes."""
    if (made := FILES.search(tests)) and LOOKS.search(code):
        return f"files: the tests have {made[0].strip()!r}"
    kinds = r"(?<![\w$])(?:[\w.-]*/)*[\w-]+\.[a-z]{1,5}\b"
    for name in sorted(set(re.findall(kinds, code)) & set(re.findall(kinds, tests))):
        return f"files: both have {name}"
    targets = re.findall(r"(?:(?<![<$=-])>{1,2}|\btee|\btouch|\bmkdir(?:\s+-p)?)\s*[\"']?([\w./-]+)", code)
    wrote = re.findall(r"(?:(?<![<$=-])>{1,2}|\btee|\btouch|\bmkdir(?:\s+-p)?)\s*[\"']?([\w./-]+)", tests)
    for name in sorted({*targets, *wrote} - {"/dev/null", "/dev/stderr", "/dev/stdout"}):
        if not name.isdigit() and _word(name, code) and _word(name, tests):
            return f"files: both have {name}"
    return ""
