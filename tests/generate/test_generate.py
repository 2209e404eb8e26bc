"""Answers of a model to a task, with a plain function as the model."""

import asyncio

from syncode.engines import Reply, Request, Sampling
from syncode.schemas.check import checker
from syncode.schemas.records import Answer, Task
from syncode.stages.generate import generate

TASK: Task = {"id": "t1", "messages": [{"role": "user", "content": "Add two numbers."}], "language": "python"}


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
