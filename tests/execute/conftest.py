"""One sandbox for all tests of a module: opening it takes longer than a program."""

from collections.abc import Iterator

import pytest

from syncode.errors import EngineError
from syncode.sandbox import Isolation, Limits, Sandbox, choose

LIMITS = Limits(seconds=10, compile_seconds=60)


@pytest.fixture(scope="session")
def isolation() -> Isolation:
    """The best isolation of this machine; without one the tests that need it are skipped by name."""
    try:
        return choose(LIMITS)
    except EngineError as error:
        pytest.skip(f"no sandbox on this machine: {error}")


@pytest.fixture(scope="session")
def sandbox(isolation: Isolation) -> Iterator[Sandbox]:
    """An open sandbox with the limits of the product."""
    with Sandbox(isolation) as opened:
        yield opened
