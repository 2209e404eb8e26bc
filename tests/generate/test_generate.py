"""Answers of a model to a task, with a plain function as the model."""

import asyncio

import pytest

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


def test_settings_of_other_makers_servers_are_sent_too() -> None:
    row = {"top_k": 5, "min_p": 0.1, "repetition_penalty": 1.1, "max_new_tokens": 9, "stop_sequences": ["END"]}
    more = {"extra_body": {"top_k": 6, "cache_salt": "x"}, "stream": False, "num_beams": 1, "n": 128}
    seen, _ = look_at({**TASK, **row, **more})
    assert (seen[0].sampling.max_tokens, seen[0].stop, len(seen)) == (9, ("END",), 128)
    assert seen[0].body == {"top_k": 6, "min_p": 0.1, "repetition_penalty": 1.1, "cache_salt": "x"}
    assert len(look_at(TASK, samples=129)[0]) == 129  # what the command line asks for is not a slip in a row


def test_tools_formats_and_numbers_of_answers_are_sent_too() -> None:
    tool = {"name": "add", "parameters": {}}
    seen, _ = look_at({**TASK, "functions": [tool], "n": 3, "logprobs": None, "tool_choice": "auto"}, samples=2)
    assert [request.k for request in seen] == [0, 1, 2]
    assert seen[0].body == {"tools": [{"type": "function", "function": tool}], "tool_choice": "auto"}
    schema = {"type": "object", "properties": {}}
    shaped = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert look_at({**TASK, "response_format": shaped})[0][0].schema == schema
    (loose,), _ = look_at({**TASK, "response_format": {"type": "json_object"}})
    assert (loose.schema, loose.body) == (None, {"response_format": {"type": "json_object"}})


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ({"temperature": "hot"}, "'temperature' should be a number from 0"),
        ({"top_p": 2}, "'top_p' should be a number from 0 to 1"),
        ({"max_tokens": 0}, "'max_tokens' should be a whole number from 1"),
        ({"n": True}, "'n' should be a whole number from 1 to 128"),
        ({"n": 100_000}, "'n' should be a whole number from 1 to 128"),
        ({"max_new_tokens": "many"}, "'max_new_tokens' should be a whole number from 1"),
        ({"stop_sequences": 1}, "'stop_sequences' should be text or a list of text"),
        ({"top_k": "few"}, "'top_k' should be a whole number"),
        ({"min_p": 2}, "'min_p' should be a number from 0 to 1"),
        ({"repetition_penalty": "x"}, "'repetition_penalty' should be a number from 0"),
        ({"extra_body": 5}, "'extra_body' should be an object"),
        ({"extra_body": {"model": "dear"}}, "'model' is not to be set in 'extra_body'"),
        ({"num_beams": 4}, "'num_beams' cannot be asked for in a row"),
        ({"seed": 1.5}, "'seed' should be a whole number"),
        ({"stop": [1]}, "'stop' should be text or a list of text"),
        ({"response_format": "json"}, "'response_format' should be an object with a type"),
        ({"tools": "hammer"}, "'tools' should be a list of tools"),
    ],
)
def test_a_setting_that_no_request_can_be_made_of_drops_its_row(setting: Row, why: str) -> None:
    seen, rows = look_at({**TASK, **setting})
    assert (seen, rows[0]["drop"]) == ([], f"generate.settings: {why}")


def test_turns_are_sent_as_servers_take_them() -> None:
    call = {"function": {"name": "add", "arguments": {"a": 1}}}
    turns = [
        {"role": "user", "content": "1+1?", "date": "2024-01-01"},
        {"role": "assistant", "content": None, "tool_calls": [call], "reasoning_content": "A tool."},
        {"role": "tool", "content": "2"},
    ]
    (request,), _ = look_at({"id": 1, "messages": turns})
    sent = {"id": "call_1_0", "type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}
    assert request.messages == [
        {"role": "user", "content": "1+1?"},
        {"role": "assistant", "content": "", "tool_calls": [sent]},
        {"role": "tool", "content": "2", "tool_call_id": "call_1_0"},
    ]


def test_a_finished_chat_is_answered_anew_and_a_silent_one_is_not_asked() -> None:
    said = [{"role": "user", "content": "Add."}, {"role": "assistant", "content": "1", "weight": 0}]
    seen, _ = look_at({"id": 7, "messages": said})
    assert seen[0].messages == said[:1]
    assert seen[0].record_id == "7"
    for silent in ({"role": "system", "content": "Be short."}, {"role": "user", "content": "\u200b"}):
        seen, rows = look_at({"id": 7, "messages": [silent]})
        assert (seen, rows[0]["drop"]) == ([], "generate.no_question: no turn of a user says anything")
