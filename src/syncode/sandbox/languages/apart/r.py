"""R: tests and answer in two interpreters; functions and environments of the one have stand-ins in the other."""

import re

from syncode.sandbox.languages.apart import Half, pair
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.limits import Limits

REACHING = re.compile(
    r"(?<![\w.$@])(?:capture\.output|sink|textConnection|source|sys\.\w+|parent\.frame|environment|globalenv|formals|body|args|deparse"
    r"|substitute|match\.call|set\.seed|options|get|mget|exists|assign|rm|ls|eapply|eval|evalq|Sys\.(?:setenv|getenv|setlocale)|setwd"
    r"|file|readLines|writeLines|readRDS|saveRDS|write|read\.\w+|write\.\w+|unlink|tempfile|readline|scan|stdin|trace|untrace|attach"
    r"|detach|unlockBinding|makeActiveBinding|assignInNamespace|setClass|setMethod|setGeneric|setRefClass|isVirtualClass|slot|tracemem"
    r"|commandArgs|system2?|serialize|unserialize|dput|mockery|local_mocked_bindings|new\.env)\s*\("
    r"|\.GlobalEnv\b|\blibrary\s*\(\s*['\"]?(?:testthat|R6|mockery)|:::|(?<=\w)@\w"
)
"""What reaches into a process, its files, its output, its variables, or asks how something is written."""
REACHED = re.compile(
    r"(?<![\w.$@])(?:set(?:Class|Generic|Method|Validity)|substitute|match\.call|parent\.frame|options(?!\s*\(\s*(?:error|warn|width|expressions)\s*=)|eval\.parent|attach"
    r"|Sys\.setlocale|Sys\.setenv|bquote|parent\.env)\s*\("
)
"""What an answer does with the call, the process or the settings of those who ask it."""
COMMENTS = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|#[^\n]*", re.DOTALL)


def r(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`Rscript --vanilla apart.R tests tests.R LEAST` and `Rscript --vanilla apart.R answer main.R`."""
    code, tests = split(source.code, source.tests, HASHES)
    if why := needs_one(code, tests):
        return why

    def half(role: str, name: str, text: str, *words: str) -> Half:
        files = {name: f"{text}\n", "apart.R": driver("apart.R")}
        return files, (run_step((commands["Rscript"], "--vanilla", "apart.R", role, name, *words), limits),)

    return pair(
        source,
        limits,
        half("tests", "tests.R", tests, str(source.least("r"))),
        half("answer", "main.R", code),
    )


def needs_one(code: str, tests: str) -> str:
    """Return what in these texts, literals left out, needs answer and tests in one process; an empty string if nothing does."""
    if found := REACHING.search(COMMENTS.sub("''", tests)):
        return f"the tests use {found[0].strip()}"
    if found := REACHED.search(COMMENTS.sub("''", code)):
        return f"the answer uses {found[0].strip()}"
    return ""
