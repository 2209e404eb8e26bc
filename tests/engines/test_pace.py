"""Adaptive concurrency, quotas and pauses, on a clock that the test moves."""

import random
import time

import pytest

from syncode.engines.pacing.pace import LONGEST_PAUSE, Bucket, Pace, asked_wait, duration, quota_reset, retry_after


def test_a_burst_of_429s_counts_once_and_25_successes_give_one_place_back() -> None:
    pace = Pace(16, None, None)
    tickets = [pace.admit(0.0, 10) for _ in range(16)]
    assert pace.wait(0.0, 10) is None  # every place is taken
    for ticket in tickets:
        pace.failed(1.0, ticket, crowded=True, pause=2.0)
    assert pace.limit == 12  # 0.75 of 16, once
    assert pace.wait(1.0, 10) == 2.0
    again = pace.admit(3.0, 10)
    pace.failed(3.5, again, crowded=True, pause=2.0)
    assert pace.limit == 9  # this one was sent under the new limit
    for _ in range(24):
        pace.succeeded(9.0, pace.admit(9.0, 10), 10)
    assert pace.limit == 9
    pace.succeeded(9.0, pace.admit(9.0, 10), 10)
    assert pace.limit == 10


def test_the_limit_never_falls_below_one_nor_rises_above_the_configured_one() -> None:
    pace = Pace(2, None, None)
    for second in range(9):
        pace.failed(second, pace.admit(second, 1), crowded=True, pause=None)
    assert pace.limit == 1
    for _ in range(200):
        pace.succeeded(99.0, pace.admit(99.0, 1), 1)
    assert pace.limit == 2


def test_an_error_that_is_no_overload_ends_the_streak_but_not_the_limit() -> None:
    pace = Pace(8, None, None)
    pace.failed(0.0, pace.admit(0.0, 1), crowded=False, pause=None)
    assert (pace.limit, pace.in_flight, pace.wait(0.0, 1)) == (8, 0, 0.0)


@pytest.mark.parametrize("per_minute", [1, 7, 60, 600])
def test_no_window_of_a_minute_exceeds_the_quota(per_minute: int) -> None:
    bucket = Bucket(per_minute)
    now, taken = 0.0, []
    while now < 300:
        wait = bucket.wait(now, 1)
        if wait == 0:
            bucket.take(now, 1)
            taken.append(now)
        now += max(wait, 0.01)
    busiest = max(sum(start <= moment < start + 60 for moment in taken) for start in taken)
    assert busiest <= per_minute + 1
    assert len(taken) >= 0.7 * per_minute * 5 * (0.5 if per_minute == 1 else 1)


def test_a_request_larger_than_the_token_quota_goes_when_the_bucket_is_full_and_is_paid_back_in_waiting() -> None:
    pace = Pace(4, None, 600)  # ten tokens a second
    assert pace.wait(0.0, 100) == 0.0
    ticket = pace.admit(0.0, 100)
    assert pace.wait(0.0, 1) == pytest.approx(91 / (590 / 60))
    pace.succeeded(0.0, ticket, 20)  # it used less: the rest goes back
    assert pace.wait(0.0, 1) == pytest.approx(11 / (590 / 60))


def test_what_was_not_sent_goes_back() -> None:
    pace = Pace(4, 60, None)
    ticket = pace.admit(0.0, 5)
    assert pace.wait(0.0, 5) == pytest.approx(1 / (59 / 60))
    pace.withdraw(0.0, ticket)
    assert (pace.wait(0.0, 5), pace.in_flight) == (0.0, 0)


def test_used_up_quotas_in_the_headers_are_waited_for() -> None:
    pace = Pace(4, None, None)
    pace.heed(10.0, {"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "9s"})
    assert pace.wait(10.0, 1) == 0.0
    pace.heed(10.0, {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m0.5s"})
    assert pace.wait(10.0, 1) == 60.0  # the longest pause that is believed


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("6m0s", 360),
        ("250ms", 0.25),
        ("2.5", 2.5),
        ("1h2m", 3720),
        ("soon", None),
        ("1.2.3s", None),
        ("", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert duration(text) == seconds


def test_retry_after_is_a_number_a_date_or_milliseconds() -> None:
    assert retry_after({}) is None
    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after": "7", "retry-after-ms": "1500"}) == 1.5
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert (retry_after({"retry-after": "Fri, 31 Dec 2125 23:59:59 GMT"}) or 0) > 10**9
    assert retry_after({"retry-after": "later"}) is None
    assert retry_after({"retry-after": str(2 * 10**9)}) == pytest.approx(2 * 10**9 - time.time(), abs=60)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s"}, 2.0),
        ({"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "2s"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "3"}, 3.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "4"}, 4.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(10**9 + 1)}, 0.0),  # a time that is past
        (
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(4 * 10**12)},
            LONGEST_PAUSE,
        ),  # one to come, in milliseconds
        ({"x-ratelimit-remaining": "0"}, None),
    ],
)
def test_a_quota_that_is_used_up_says_when_it_is_full_again(headers: dict[str, str], seconds: float | None) -> None:
    assert quota_reset(headers) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Please try again in 1m0.5s. Need more?", 60.5),
        ("Please retry in 1m2.5s.", 62.5),
        ("Retry after 30", 30),
        ("Please wait 20 seconds", 20),
        ("try again in 1 minute and 30 seconds", 90),
        ("retry in 250ms", 0.25),
        ("available again in 2 hours", 7200),
        ("try again in 5 models", None),
        ("try again later", None),
    ],
)
def test_a_wait_in_words(text: str, seconds: float | None) -> None:
    assert asked_wait(text) == seconds


def test_random_histories_keep_the_counts_within_bounds() -> None:
    source = random.Random(1)
    pace, out, now = Pace(16, 6000, 60000), [], 0.0
    for _ in range(5000):
        now += source.random() * 0.1
        if source.random() < 0.6 and pace.wait(now, 50) == 0:
            out.append(pace.admit(now, 50))
        elif out:
            ticket = out.pop(source.randrange(len(out)))
            match source.randrange(3):
                case 0:
                    pace.failed(now, ticket, crowded=source.random() < 0.5, pause=0.2)
                case 1:
                    pace.withdraw(now, ticket)
                case _:
                    pace.succeeded(now, ticket, source.randrange(100))
        assert pace.in_flight == len(out) <= 16
        assert 1 <= pace.limit <= 16
