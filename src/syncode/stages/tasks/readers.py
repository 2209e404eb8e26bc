"""The published formats that `syncode tasks` reads: one row each."""

from collections.abc import Callable
from dataclasses import dataclass

from syncode.schemas.records import Row
from syncode.stages.tasks.bigcodebench import bigcodebench
from syncode.stages.tasks.chat import arena_hard, codearena
from syncode.stages.tasks.contests import apps, codecontests, codeforces, livecodebench
from syncode.stages.tasks.multilingual import humaneval_x, mceval, multipl_e, mxeval
from syncode.stages.tasks.python_sets import humaneval, mbpp

Read = Callable[[Row], Row]
"""Turns one published row into a Task row. Raises DataError, without the place, if it is not in the format."""


@dataclass(frozen=True)
class Reader:
    """One format: its name on the command line, what it is read by, and the files it is published as."""

    name: str
    read: Read
    files: str


READERS: tuple[Reader, ...] = (
    Reader("codearena", codearena, "CodeArena.jsonl (CSJianYang/CodeArena)"),
    Reader("arena-hard", arena_hard, "question.jsonl of Arena-Hard-Auto v0.1 or v2.0"),
    Reader("humaneval", humaneval, "HumanEval.jsonl.gz; HumanEvalPlus.jsonl of EvalPlus"),
    Reader("mbpp", mbpp, "mbpp.jsonl; sanitized-mbpp.json; MbppPlus.jsonl of EvalPlus"),
    Reader("multipl-e", multipl_e, "rows of nuprl/MultiPL-E, one language a file"),
    Reader("mceval", mceval, "generation, explanation or completion rows of McEval"),
    Reader("mxeval", mxeval, "MBXP, Multilingual HumanEval and MathQA-X of amazon-science/mxeval"),
    Reader("humaneval-x", humaneval_x, "humaneval_LANGUAGE.jsonl.gz of CodeGeeX"),
    Reader("bigcodebench", bigcodebench, "rows of bigcode/bigcodebench and bigcodebench-hard"),
    Reader("livecodebench", livecodebench, "test*.jsonl of livecodebench/code_generation and code_generation_lite"),
    Reader("apps", apps, "rows of codeparrot/apps and of BAAI/TACO"),
    Reader("codecontests", codecontests, "rows of deepmind/code_contests"),
    Reader("codeforces", codeforces, "rows of open-r1/codeforces"),
)

ALIASES = {
    "mbxp": "mxeval",
    "humaneval+": "humaneval",
    "mbpp+": "mbpp",
    "taco": "apps",
    "lcb": "livecodebench",
    "code_contests": "codecontests",
}


def find_reader(name: str) -> Reader | None:
    """Return the reader of that name, or of what the name is another word for, or None."""
    wanted = ALIASES.get(name.lower(), name.lower())
    return next((reader for reader in READERS if reader.name == wanted), None)


def listing() -> str:
    """Return what `syncode tasks` knows, for people: one name per line, with the files it reads."""
    lines = [("arena", "40 questions written for syncode, one a subclass of CodeArena's taxonomy; needs no file")]
    for reader in READERS:
        others = "".join(f", also called {alias}" for alias, name in ALIASES.items() if name == reader.name)
        lines.append((reader.name, reader.files + others))
    width = max(len(name) for name, _ in lines) + 2
    return "\n".join(f"{name:<{width}}{text}" for name, text in lines)
