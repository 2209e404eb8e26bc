"""Chooses the isolation by trying it: a set-up counts only when a known-good program passes in it here and now."""

import shlex
from collections.abc import Iterator
from dataclasses import replace

from syncode.errors import EngineError, UsageError, install
from syncode.sandbox import backends, shown
from syncode.sandbox.cell import cgroup
from syncode.sandbox.isolation import Isolation
from syncode.sandbox.languages import LANGUAGES, Source
from syncode.sandbox.languages.assemble import python
from syncode.sandbox.languages.toolchains import MOVABLE, Toolchain, toolchain
from syncode.sandbox.limits import MEBIBYTE, Limits
from syncode.sandbox.scarce import scarce
from syncode.sandbox.session import Session

TOKEN = "0" * 32
"""The token of the trial program, which no one has reason to fake."""
ROOMY = 64 * MEBIBYTE
"""Memory with which a program starts wherever it can at all (chosen here: five times what it takes)."""


def choose(limits: Limits, unsafe: bool = False) -> Isolation:
    """Return the best isolation that works here; EngineError says for each why it does not, and what to install.

    Raises UsageError for a limit on memory in which no program starts.
    """
    if unsafe:
        return Isolation("none", None, limits, view())
    refusals: list[str] = []
    for isolation in candidates(limits):
        why = trial(isolation)
        if why is None:
            return replace(isolation, refused=tuple(refusals))
        _refuse_too_little(isolation)
        refusals.append(f"  {isolation.name}: {why}")
    raise EngineError(
        "no sandbox works here, so nothing is run:\n" + "\n".join([*refusals, *_closed(), *_scarce()]) + "\n"
        f"Install bubblewrap (apt-get install bubblewrap) or sandlock ({install('sandbox')}), "
        "or pass --unsafe-no-sandbox to run programs as yourself."
    )


def _refuse_too_little(isolation: Isolation) -> None:
    """Raise UsageError where a set-up works with more memory only: a small limit must not buy a weaker isolation."""
    limits = isolation.limits
    if limits.memory < ROOMY and trial(replace(isolation, limits=replace(limits, memory=ROOMY))) is None:
        raise UsageError(f"--memory: no program starts in so little of it here: {ROOMY // MEBIBYTE}M is enough")


def _closed() -> list[str]:
    """Say what root has to open where it cannot lend a closed interpreter to the user of the sandbox (overlayfs, old kernels)."""
    closed = [bind.source for bind in shown.python() if shown.drops_root() and (bind.shut or not shown.reached(bind))]
    names = " ".join(map(shlex.quote, closed))
    why = (
        "the Python of syncode can be read by its owner alone, and here root cannot lend it to the user of the sandbox"
    )
    return [f"  {why}: chmod -R go+rX {names}; chmod go+x the folders above"] if closed else []


def _scarce() -> list[str]:
    return [f"  {little}: lift that limit first"] if (little := scarce()) else []


def candidates(limits: Limits) -> Iterator[Isolation]:
    """Yield the set-ups from the best to the last one that is still safe."""
    binds = view()
    groups = cgroup.find()
    for parents in (groups, None) if groups else (None,):
        for backend in ("cell", "bwrap"):
            yield Isolation(backend, parents, limits, binds)
    if backends.sandlock():
        yield Isolation("sandlock", groups, limits, binds)


def trial(isolation: Isolation) -> str | None:
    """Run a known-good program; return what went wrong, or None."""
    program = python(Source("one = 1", "assert one == 1", TOKEN), isolation.limits, {"python3": ""})
    with Session(isolation) as session:
        outcome = session.run(program)
    if outcome.problem:
        return outcome.problem
    if not outcome.finished:
        said = outcome.steps[-1].stderr[-300:] if outcome.steps else outcome.killed
        return f"a correct program did not pass: {said or 'it ended silently'}"
    return None


def view() -> tuple[shown.Bind, ...]:
    """Return what programs see of this machine."""
    places: list[tuple[str, bool]] = []
    prepared = []
    for language in LANGUAGES.values():
        found = toolchain(language.commands)
        if isinstance(found, Toolchain):
            places += [(folder, not MOVABLE.issuperset(language.commands)) for folder in found.folders]
            folder = language.shown() if language.shown else None
            prepared += [shown.prepared(folder, language.name)] if folder else []
    binds = (*shown.system(), *shown.python(), *shown.packages(), *shown.tools(places), *prepared, shown.accounts())
    return tuple(bind for bind in binds if shown.reached(bind))  # one that is not costs a language, not the sandbox
