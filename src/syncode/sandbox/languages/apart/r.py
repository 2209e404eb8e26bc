"""R: functions of the answer stand for themselves beside the tests; vectors, lists and their attributes cross as data."""

import re

from syncode.sandbox.languages import apart
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.limits import Limits

TOGETHER = re.compile(
    r"(?<![\w.])(?:formals|body|environment|deparse|arity|args|sink|capture\.output|expect_output|source|sys\.source|globalenv|attach|mock\w*"
    r"|local_mock\w*|with_mock\w*|assignInNamespace|trace|untrace|file|readLines|writeLines|readRDS|saveRDS|read\.\w+|write\.\w+|setwd|unlink"
    r"|tempfile|file\.\w+|Vectorize|parse|eval|evalq|set\.seed|Sys\.\w+|options|new|setClass|setMethod|setRefClass|is|isVirtualClass|validObject"
    r"|sys\.\w+|match\.call|UseMethod|NextMethod|system|Rprof|tracemem|UseMethod|rm|delayedAssign|makeActiveBinding|on\.exit|sessionInfo)\s*\(|\.GlobalEnv\b|@\w|<<-"
)
"""What tests do that needs the answer in their process."""
STAYS = re.compile(
    r"(?<![\w.])(?:substitute|match\.call|sys\.\w+|parent\.frame|eval\.parent|bquote|invokeRestart|withRestarts|nargs|setwd|readline|set\.seed"
    r"|options|attach|setClass|setRefClass|setMethod|setGeneric)\s*\("
)
"""What an answer does that shows or changes the process that it is in."""


def pair(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """The R of the tests, and the one of the answer."""
    code, tests = split(source.code, source.tests, HASHES)
    if found := TOGETHER.search(tests):
        return f"the tests use {found[0]!r}"
    if found := STAYS.search(code):
        return f"the answer uses {found[0]!r}"
    command = commands["Rscript"]
    asks = run_step((command, "--vanilla", "apart_asks.R", "tests.R", str(source.least("r"))), limits)
    serves = run_step((command, "--vanilla", "apart_serves.R", "main.R"), limits)
    crossing = {"crossing.R": driver("crossing.R")}
    return apart.pair(
        source,
        limits,
        ({"tests.R": f"{tests}\n", "apart_asks.R": driver("apart_asks.R"), **crossing}, (asks,)),
        ({"main.R": f"{code}\n", "apart_serves.R": driver("apart_serves.R"), **crossing}, (serves,)),
    )
