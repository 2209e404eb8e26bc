"""Answers of a model to a task, with a plain function as the model."""

import asyncio

from syncode.engines import Reply, Request, Sampling
from syncode.schemas.check import checker
from syncode.schemas.records import Answer, Row
from syncode.stages.generate import generate

TASK: Row = {"id": "t1", "messages": [{"role": "user", "content": "Add two numbers."}], "language": "python"}


async def ask(request: Request) -> Reply:
    if request.k == 2:
        return Reply(error="HTTP 500")
    return Reply(f"reply {request.k}", "stop", {"completion_tokens": 3}, "m@1", "key")


def test_each_sample_is_a_row_and_a_failed_one_keeps_its_task() -> None:
    rows = asyncio.run(generate(TASK, ask, sampling=Sampling(), samples=3, name="base"))
    assert [row.get("text") for row in rows[:2]] == ["reply 0", "reply 1"]
    assert all(checker(Answer)(row) is None for row in rows[:2])
    assert rows[0]["id"] != rows[1]["id"]
    assert (rows[0]["model"], rows[0]["task_id"], rows[0]["lineage"][0]["model"]) == ("base", "t1", "m@1")
    assert rows[2]["drop"] == "generate.engine: HTTP 500"
    assert rows[2]["k"] == 2


def test_the_prompt_is_the_task_and_nothing_else() -> None:
    seen: list[Request] = []

    async def look(request: Request) -> Reply:
        seen.append(request)
        return Reply("x", "stop")

    asyncio.run(generate(TASK, look, sampling=Sampling(), samples=1, name="base"))
    assert seen[0].messages == TASK["messages"]


def test_the_parts_of_a_turn_are_kept_in_the_conversation() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}

    async def think(request: Request) -> Reply:
        return Reply("x", "tool_calls", reasoning="hm", tool_calls=(call,))

    (row,) = asyncio.run(generate(TASK, think, sampling=Sampling(), samples=1, name="base"))
    turn = {"role": "assistant", "content": "x", "reasoning": "hm", "tool_calls": [call]}
    assert row["messages"] == [*TASK["messages"], turn]
    assert row["text"] == "x"
    assert checker(Answer)(row) is None


def look_at(task: Row, samples: int = 1) -> tuple[list[Request], list[Row]]:
    seen: list[Request] = []

    async def look(request: Request) -> Reply:
        seen.append(request)
        return Reply("x", "stop")

    return seen, asyncio.run(generate(task, look, sampling=Sampling(top_p=0.5), samples=samples, name="base"))


def test_parameters_that_a_row_holds_take_the_place_of_the_commands() -> None:
    seen, _ = look_at({**TASK, "temperature": 0.7, "max_tokens": 9, "seed": 5, "stop": "END"}, samples=2)
    assert [request.sampling for request in seen] == [Sampling(temperature=0.7, max_tokens=9, top_p=0.5)] * 2
    assert [(request.seed, request.stop) for request in seen] == [(5, ("END",)), (6, ("END",))]
    seen, _ = look_at({**TASK, "temperature": None, "prompt": "def f():", "stop": ["\nclass"]})
    assert seen[0].sampling == Sampling(top_p=0.5)
    assert seen[0].stop == ()  # those of a benchmark end a completion; they would cut a chat's code


def test_parameters_that_are_not_sent_drop_the_row() -> None:
    seen, rows = look_at({**TASK, "tools": [{"type": "function"}], "n": 4, "logprobs": None})
    assert seen == []
    assert rows[0]["drop"].startswith("generate.unsent: tools, n: ")


def test_a_finished_chat_is_answered_anew_and_a_silent_one_is_not_asked() -> None:
    said = [{"role": "user", "content": "Add."}, {"role": "assistant", "content": "1", "weight": 0}]
    seen, _ = look_at({"id": 7, "messages": said})
    assert seen[0].messages == said[:1]
    assert seen[0].record_id == "7"
    seen, rows = look_at({"id": 7, "messages": [{"role": "system", "content": "Be short."}]})
    assert (seen, rows[0]["drop"]) == ([], "generate.no_question: no turn of a user says anything")
