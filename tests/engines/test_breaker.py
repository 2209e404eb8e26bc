"""The breaker: half of the last hundred requests, and never a verdict on fewer than fifty."""

import pytest

from syncode.engines.pacing.breaker import Breaker


def stops_at(kinds: list[str]) -> int | None:
    """Return the number of the request at which the run stops."""
    breaker = Breaker()
    return next((number for number, kind in enumerate(kinds, 1) if breaker.add(kind)), None)


@pytest.mark.parametrize(
    ("kinds", "number"),
    [
        (["HTTP 400"] * 60, 50),
        (["HTTP 400"] * 49, None),
        (["", "HTTP 400"] * 40, 50),
        (["", "", "HTTP 400"] * 100, None),
        ([""] * 100 + ["HTTP 400"] * 49, None),
        (["HTTP 400"] * 49 + [""] * 60 + ["HTTP 400"] * 9, None),  # those that left the window count no longer
        ([""] * 100 + ["HTTP 400"] * 50, 150),
        (["HTTP 400", "HTTP 422", "", ""] * 50, None),  # a quarter each: no kind has half
    ],
)
def test_half_of_the_requests_that_fail_for_one_reason_stop_the_run(kinds: list[str], number: int | None) -> None:
    assert stops_at(kinds) == number
