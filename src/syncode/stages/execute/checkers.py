"""Asks a task's checker about an output: a program of its own in the sandbox, after the answer's has ended.

Two forms. testlib: `checker input output answer`, exit code 0 is right, 1, 2, 4 and 8 are wrong, 7 and 16 and above points, any
other is the checker's own failure. open-r1: `checker.py input correct_output solution_output`, which prints 1 if right, a number
below if not. Many do not expect what a wrong answer prints: one that crashes and takes the right answer has found this one wrong.
"""

import re
from dataclasses import replace

from syncode.sandbox import Result, Sandbox, State, find
from syncode.sandbox.built import Allowed, Built, build, run
from syncode.text.cases import Checker

SECONDS = 15.0
"""CPU seconds that a checker may take (chosen here)."""
OUTPUT = 1 << 16
INPUT_FILE, OUTPUT_FILE, ANSWER_FILE = "input.txt", "output.txt", "answer.txt"
_EXIT = re.compile(r"^exit (\d+)")
_WRONG = (1, 2, 4, 8)
"""testlib's exit codes for a wrong answer, a wrong form, a wrong end and dirt."""
_TRACEBACK = "Traceback (most recent call last)"
_OF_ITSELF = re.compile(r"(?:Syntax|Indentation|Tab|ModuleNotFound|Import|Name|Attribute)Error\b")
"""Exceptions that no input causes (chosen here)."""
_START_PYTHON = """
import runpy, sys
sys.argv = ["checker.py", *{names!r}]
runpy.run_path("checker.py", run_name="__main__")
"""


class Judge:
    """One checker, compiled once for all tests of a program."""

    def __init__(self, checker: Checker, sandbox: Sandbox) -> None:
        self.checker = checker
        self._sandbox = sandbox
        self._built: Built | Result | None = None

    def decide(self, given: str, output: str, answer: str) -> tuple[State, str]:
        """Return `pass`, `fail` or `infra`, with what the checker said."""
        built = self._ready()
        if isinstance(built, Result):
            return "infra", f"the checker does not compile: {built.reason}"
        result = self._asked(built, given, output, answer)
        state, said = read(result, self.checker.style)
        if state is None and result.state == "error" and answer.strip():
            on_answer, _ = read(self._asked(built, given, answer, answer), self.checker.style)
            if on_answer == "pass":  # it works, and stumbled over this output
                return "fail", f"the checker stumbled: {said}"
        return ("infra", f"the checker failed: {said}") if state is None else (state, said)

    def _ready(self) -> Built | Result:
        if self._built is None:
            self._built = started_with(self.checker, self._names(), self._sandbox)
        return self._built

    def _names(self) -> list[str]:
        last = [OUTPUT_FILE, ANSWER_FILE] if self.checker.style == "testlib" else [ANSWER_FILE, OUTPUT_FILE]
        return [INPUT_FILE, *last]

    def _asked(self, built: Built, given: str, output: str, answer: str) -> Result:
        texts = {INPUT_FILE: given, OUTPUT_FILE: output, ANSWER_FILE: answer}
        with_them = replace(built, files={**built.files, **texts})
        return run(self._sandbox, with_them, b"", Allowed(SECONDS, 4 * SECONDS, output=OUTPUT), half="tests")


def started_with(checker: Checker, names: list[str], sandbox: Sandbox) -> Built | Result:
    """Return a task's own program, compiled, as it is started with these arguments; or what went wrong."""
    language = find(checker.language)
    if language is not None and language.name == "python":
        beside = {**checker.files, "checker.py": checker.code}
        return build(sandbox, "python", _START_PYTHON.format(names=names), beside)
    built = build(sandbox, checker.language, checker.code, checker.files)
    if isinstance(built, Result):
        return built
    return replace(built, step=replace(built.step, argv=(*built.step.argv, *names)))


def read(result: Result, style: str) -> tuple[State | None, str]:
    """Return `pass` or `fail`, None for a checker that failed, with what it said."""
    written = result.stderr.strip() or result.stdout.strip() or result.reason
    said = written.splitlines()[-1][:300] if written else ""
    if style == "open-r1":
        if result.state != "pass":
            return None, result.reason
        words = result.stdout.split()
        try:
            points = float(words[-1]) if words else None
        except ValueError:
            points = None
        if points is None:
            return None, f"it printed {result.stdout.strip()[:80]!r}, no number"
        return ("pass", "") if points >= 1 else ("fail", f"the checker gave {words[-1]}")
    if result.state == "pass":
        return "pass", ""
    code = int(match[1]) if (match := _EXIT.match(result.reason)) else -1
    if result.state == "error" and _TRACEBACK not in result.stderr and (code in _WRONG or code == 7 or code >= 16):
        return "fail", said
    return None, result.reason or said


def stumbled(result: Result) -> bool:
    """Return whether a program of the task in Python ended with an exception that what it was given may have caused."""
    last = result.stderr.strip().rpartition("\n")[2]
    return _TRACEBACK in result.stderr and not _OF_ITSELF.match(last)
