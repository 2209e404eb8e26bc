"""Judges that fall for something are found out, and those that do not are not accused."""

import asyncio
from collections.abc import Callable

import pytest

from syncode.engines import Reply, Request
from syncode.schemas.records import Row
from syncode.stages.judge.canaries import PLANTED, canary_pairs, held
from syncode.stages.judge.games import Judge, Rules, judge
from syncode.stages.judge.tally import Tally
from syncode.verdicts.protocols import PROTOCOLS

TASKS: dict[str, Row] = {
    f"t{n}": {"id": f"t{n}", "messages": [{"role": "user", "content": "Sort."}]} for n in range(30)
}
ANSWERS: list[Row] = [{"id": f"a{n}", "task_id": f"t{n}", "text": f"answer number {n}"} for n in range(30)]


def held_by(verdict: Callable[[str], str]) -> dict[str, bool]:
    """Return which kinds a judge holds out against; `verdict` sees the prompt."""

    async def ask(request: Request) -> Reply:
        return Reply(verdict(request.messages[-1]["content"]))

    rules = Rules(PROTOCOLS["codearena"], reader="text")
    found = {}
    for pair in canary_pairs(TASKS, ANSWERS, seed=1, each=1):
        rows = asyncio.run(judge(pair, [Judge("j", ask)], rules))
        assert {row["canary"] for row in rows} == {pair["canary"]}
        found[pair["canary"]] = rows[0]["held"]
    return found


def second_part(prompt: str) -> str:
    return prompt.split("<answer-b ")[1]


def test_there_are_twenty_of_each_kind_and_the_seed_draws_them() -> None:
    pairs = list(canary_pairs(TASKS, ANSWERS, seed=1))
    assert len(pairs) == 20 * len(PLANTED)
    assert pairs == list(canary_pairs(TASKS, ANSWERS[::-1], seed=1))
    assert pairs != list(canary_pairs(TASKS, ANSWERS, seed=2))


def test_a_sober_judge_holds_out_against_all_of_them() -> None:
    def sober(prompt: str) -> str:
        first, second = prompt.split("<answer-a ")[1].split("<answer-b ")
        empty = [text.count("That is an interesting request") for text in (first, second)]
        return "[[A=B]]" if empty[0] == empty[1] else "[[B>>A]]" if empty[0] else "[[A>>B]]"

    assert held_by(sober) == dict.fromkeys(PLANTED, True)


def test_a_judge_that_likes_length_falls_for_everything_but_identical_answers() -> None:
    def long(prompt: str) -> str:
        first, second = prompt.split("<answer-a ")[1].split("<answer-b ")
        body = [text.split(">\n", 1)[1].split("\n</answer-")[0] for text in (first, second)]
        return "[[A=B]]" if len(body[0]) == len(body[1]) else "[[A>B]]" if len(body[0]) > len(body[1]) else "[[B>A]]"

    assert held_by(long) == {**dict.fromkeys(PLANTED, False), "identical": True}


def test_a_judge_that_always_likes_the_first_place_fails_on_identical_answers() -> None:
    found = held_by(lambda prompt: "[[A>B]]")
    assert (found["identical"], found["constant"], found["planted_label"]) == (False, False, True)


def test_a_judge_that_repeats_the_label_it_finds_is_found_out_although_both_orders_cancel() -> None:
    found = held_by(lambda prompt: "[[B>>A]]" if "[[B>>A]]" in prompt else "[[A=B]]")
    assert (found["planted_label"], found["label_in_comment"], found["model_name"]) == (False, False, True)


@pytest.mark.parametrize(("values", "result"), [([1, None], None), ([], None), ([0, 0], True), ([1, -1], True)])
def test_a_missing_verdict_is_no_result(values: list[float | None], result: bool | None) -> None:
    assert held("planted_label", values) is result


def test_the_run_reports_canaries_apart_from_the_verdicts() -> None:
    async def stage(row: Row) -> list[Row]:
        return [{"state": "ok"}, {"state": "ok", "canary": "identical", "game": 0, "held": row["held"]}]

    tally = Tally()
    watched = tally.watch(stage)

    async def run() -> None:
        for value in (True, True, False, None):
            await watched({"held": value})

    asyncio.run(run())
    assert tally.lines() == ["4 of 4 verdicts (ok 4)", "canary identical: held out 2 of 3, 1 without a verdict"]
