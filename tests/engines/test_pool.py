"""The servers of one model: who is asked next, and who is left alone for a while."""

import asyncio
from typing import Any

import pytest

from syncode.engines.pacing.pace import Pace
from syncode.engines.pacing.pool import Lane, NoServer, Pool


def lane(name: str = "one", most: int = 10) -> Lane:
    transport: Any = None  # nothing is sent here
    return Lane(transport, name, f"http://{name}/v1", Pace(most, None, None))


def test_a_server_that_never_answered_may_be_starting_and_is_looked_at_more_and_more_seldom() -> None:
    server = lane()
    for now, rest in (
        (0.0, 0.0),
        (0.0, 0.0),
        (0.0, 1.0),
        (1.0, 1.5),
        (2.5, 2.25),
        (9.0, 3.375),
        (20.0, 5.0),
        (30.0, 5.0),
    ):
        server.refused(now)
        assert server.wait(now, 1) == rest


def test_three_refusals_rest_a_server_and_each_rest_is_twice_as_long() -> None:
    server = lane()
    server.reached()
    server.refused(100.0)
    server.refused(101.0)
    assert server.wait(101.0, 1) == 0.0
    server.refused(102.0)
    assert server.wait(102.0, 1) == 5.0
    server.refused(103.0)  # went out together with the others: it does not lengthen the rest
    assert server.wait(103.0, 1) == 4.0
    server.refused(107.0)
    assert server.wait(107.0, 1) == 10.0
    for now, rest in ((117.0, 20.0), (137.0, 40.0), (177.0, 60.0), (237.0, 60.0)):
        server.refused(now)
        assert server.wait(now, 1) == rest


def test_after_its_rest_one_attempt_finds_out_and_a_response_ends_the_rest() -> None:
    server = lane()
    server.reached()
    for _ in range(3):
        server.refused(0.0)
    assert server.wait(4.0, 1) == 1.0
    assert server.wait(5.0, 1) == 0.0
    server.pace.admit(5.0, 1)
    assert server.wait(5.0, 1) is None
    server.reached()
    assert server.wait(5.0, 1) == 0.0
    server.refused(6.0)
    assert server.wait(6.0, 1) == 0.0  # counted from none again


def test_a_server_is_gone_when_it_has_refused_for_longer_than_the_patience() -> None:
    server = lane()
    for now in (100.0, 104.0):
        server.refused(now)
        assert not server.gone(999.0, 10.0)  # two refusals are an accident
    server.refused(106.0)
    assert not server.gone(109.9, 10.0)  # the patience counts from the first refusal
    assert server.gone(110.0, 10.0)


def test_one_plain_5xx_is_an_accident_and_the_second_is_load() -> None:
    server = lane()
    assert [server.crowded_by_error() for _ in range(3)] == [False, True, True]


async def enter(pool: Pool, avoid: Lane | None = None) -> str:
    server, _ = await pool.enter(1, None, avoid)
    return server.name


def test_the_least_loaded_server_gets_the_next_attempt_by_its_own_limit() -> None:
    async def main() -> list[str]:
        pool = Pool([lane("large", most=8), lane("small", most=2)], 10.0)
        return [await enter(pool) for _ in range(10)]

    order = asyncio.run(main())
    assert order[:6] == ["large", "small", "large", "large", "large", "large"]  # of equals the first one
    assert sorted(order) == ["large"] * 8 + ["small"] * 2


def test_another_attempt_goes_elsewhere_if_there_is_an_elsewhere() -> None:
    async def main() -> tuple[str, str]:
        first, second = lane("first"), lane("second")
        pool = Pool([first, second], 10.0)
        elsewhere = await enter(pool, avoid=first)
        alone = await enter(Pool([first], 10.0), avoid=first)
        return elsewhere, alone

    assert asyncio.run(main()) == ("second", "first")


def test_leave_that_nobody_uses_goes_back() -> None:
    async def main() -> int:
        pool = Pool([lane(most=1)], 10.0)
        server, ticket = await pool.enter(1, None, None)
        waiting = asyncio.ensure_future(pool.enter(1, None, None))
        await asyncio.sleep(0)
        pool.succeeded(server, ticket, 1)  # gives leave to the one that waits, which has not run since
        assert pool.in_the_air == 1
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return pool.in_the_air

    assert asyncio.run(main()) == 0


def test_who_waits_is_turned_away_when_every_server_pauses_for_longer_than_there_is() -> None:
    async def main() -> None:
        server = lane()
        pool = Pool([server], 10.0)
        server.pace.failed(asyncio.get_running_loop().time(), server.pace.admit(0.0, 1), crowded=False, pause=100.0)
        with pytest.raises(NoServer, match="takes requests for another 100 s"):
            await pool.enter(1, None, None)
        waiting = asyncio.ensure_future(pool.enter(1, asyncio.get_running_loop().time() + 200.0, None))
        await asyncio.sleep(0)
        pool.turn_away()
        with pytest.raises(NoServer, match="the run stops"):
            await waiting
        pool.close()

    asyncio.run(main())
