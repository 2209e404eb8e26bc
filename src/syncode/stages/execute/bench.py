"""Opens what a run of programs needs, and at its end says how many no one could judge."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from syncode.errors import DataError, UsageError
from syncode.sandbox import Cache, Limits, Sandbox, choose, parse_size
from syncode.sandbox.limits import checked
from syncode.sandbox.places import Places
from syncode.sandbox.shown import wheels
from syncode.sandbox.wheelhouse import installed
from syncode.schemas.records import Row
from syncode.stages.execute.settings import ExecuteOptions
from syncode.stages.execute.stage import Bench


def limits_of(options: ExecuteOptions) -> Limits:
    """Return the limits of a program. Raises UsageError for a size that cannot be read or that is too small."""
    try:
        return Limits(seconds=options.timeout, memory=checked(parse_size(options.memory), options.memory))
    except ValueError as error:
        raise UsageError(f"--memory: {error}") from None


@contextmanager
def open_bench(
    options: ExecuteOptions, tasks: Mapping[str, Row], workers: int = 1, say: Callable[[str], object] = lambda _: None
) -> Iterator[Bench]:
    """Yield a bench with the best sandbox of this machine, for so many worker processes; `say` gets a line for people.

    Raises EngineError if there is none, and at the end DataError where programs were `infra`, unless they are allowed.
    """
    if options.stop_early and options.score == "fraction":
        raise UsageError("--score fraction needs all tests, and --stop-early leaves some out: give one of them")
    cache = Cache(None if options.no_cache else options.cache, say)
    isolation = choose(limits_of(options), options.unsafe_no_sandbox)
    if options.wheels:
        place = str(installed(options.wheels))
        isolation = replace(isolation, binds=(wheels(place), *isolation.binds), wheels=place)
    with Sandbox(isolation, cache) as sandbox:
        bench = Bench(
            sandbox,
            tasks,
            options.repeat,
            rerun=not options.no_rerun,
            inline=options.inline,
            accept_doctor=options.accept_doctor,
            places=Places(workers),
            stop_early=options.stop_early,
            fraction=options.score == "fraction",
        )
        if warning := sandbox.isolation.warning:
            say(warning)
        yield bench
    if (count := bench.undecided.count) and not options.allow_infra:
        noun = "program" if count == 1 else "programs"
        raise DataError(f"{count} {noun} could not be judged (state infra); --allow-infra accepts that")
