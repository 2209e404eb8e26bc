"""Chooses the isolation by trying it: a set-up counts only when a known-good program passes in it here and now."""

from collections.abc import Iterator

from syncode.errors import EngineError
from syncode.sandbox import backends
from syncode.sandbox.cell import cgroup
from syncode.sandbox.languages import LANGUAGES, Source
from syncode.sandbox.limits import Limits
from syncode.sandbox.session import Isolation, Session

TOKEN = "0" * 32
"""The token of the trial program, which nobody has reason to fake."""


def choose(limits: Limits, unsafe: bool = False) -> Isolation:
    """Return the best isolation that works here; EngineError says for each why it does not, and what to install."""
    if unsafe:
        return Isolation("none", None, limits, ())
    refusals = []
    for isolation in candidates(limits):
        why = trial(isolation)
        if why is None:
            return isolation
        refusals.append(f"  {isolation.name}: {why}")
    raise EngineError(
        "no sandbox works here, so nothing is run:\n" + "\n".join(refusals) + "\n"
        "Install bubblewrap (apt-get install bubblewrap), or pass --unsafe-no-sandbox to run programs as yourself."
    )


def candidates(limits: Limits) -> Iterator[Isolation]:
    """Yield the set-ups from the best to the last one that is still safe."""
    binds = (*backends.system_binds(), *backends.python_binds())
    groups = cgroup.find()
    for parents in (groups, None) if groups else (None,):
        yield Isolation("cell", parents, limits, binds)


def trial(isolation: Isolation) -> str | None:
    """Run a known-good program; return what went wrong, or None."""
    program = LANGUAGES["python"].assemble(Source("one = 1", "assert one == 1", TOKEN), isolation.limits)
    with Session(isolation) as session:
        outcome = session.run(program)
    if outcome.problem:
        return outcome.problem
    if not outcome.finished:
        return f"a correct program did not pass: {outcome.steps[-1].stderr[-300:] if outcome.steps else outcome.killed}"
    return None
