"""Interactive problems: the answer talks to the task's interactor, each in a sandbox of its own, two pipes between them.

The interactor is started as those of testlib are, `interactor input output answer`, and its exit code is read as a checker's.
Input and answer are in its own sandbox only.
"""

from dataclasses import replace

from syncode.sandbox import Result, Sandbox
from syncode.sandbox.built import Allowed, Built, converse
from syncode.stages.execute.checkers import ANSWER_FILE, INPUT_FILE, OUTPUT_FILE, read, started_with, stumbled
from syncode.text.cases import Checker


class Partner:
    """One interactor, compiled once for all tests of a program."""

    def __init__(self, interactor: Checker, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._built = started_with(interactor, [INPUT_FILE, OUTPUT_FILE, ANSWER_FILE], sandbox)

    def talk(self, built: Built, texts: tuple[str, str], allowed: Allowed, seed: int) -> Result:
        """Return what came of a conversation about `texts` (input, answer).

        That the answer is wrong counts before what its process says of itself: one that is refused in the middle of the
        conversation may well end badly.
        """
        if isinstance(self._built, Result):
            return Result("infra", f"the interactor does not compile: {self._built.reason}")
        given = {INPUT_FILE: texts[0], ANSWER_FILE: texts[1]}
        partner = replace(self._built, files={**self._built.files, **given})
        said, ended = converse(self._sandbox, partner, built, allowed, seed)
        if "infra" in (said.state, ended.state):
            return said if said.state == "infra" else ended
        state, why = read(said, "testlib")
        if state == "fail":
            return replace(ended, state="fail", reason=why)
        if state is None and said.state == "error" and not stumbled(said):
            return Result("infra", f"the interactor failed: {why}")
        if ended.state != "pass":
            return ended
        if state is None:
            return replace(ended, state="fail", reason=f"the interactor stumbled: {why}")
        return ended
