"""Chats in the forms that published sets have, all read as the same turns."""

import json
from typing import Any

import pytest

from syncode.text import chats

Q, A = "Sort a list.", "Use sorted()."
TURNS = [{"role": "user", "content": Q}, {"role": "assistant", "content": A}]
S = {"role": "system", "content": "Be short."}


@pytest.mark.parametrize(
    "row",
    [
        {"messages": TURNS},
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": Q}]},
                {"role": "assistant", "content": [A]},
            ]
        },
        {"messages": json.dumps(TURNS)},  # a column of JSON text
        {"messages": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}]},
        {"conversations": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}]},
        {"conversations": [{"from": "user", "value": Q}, {"from": "chatgpt", "value": A}]},
        {"conversations": [{"role": "Human", "content": Q}, {"role": "Assistant", "content": A}]},
        {"conversation": [{"human": Q, "assistant": A}]},
        {"conversation": [{"input": Q, "output": A}]},
        {"dialogue": [Q, A]},
        {"instruction": Q, "input": "", "output": A},
        {"instruction": Q, "output": A, "text": f"### Instruction: {Q}"},
        {"instruction": Q, "response": A},
        {"prompt": Q, "completion": A},
        {"prompt": [TURNS[0]], "completion": [TURNS[1]]},
        {"prompt": Q, "response": A},
        {"question": Q, "answer": A},
        {"query": Q, "response": A},
        {"problem": Q, "solution": A, "lang": "python"},
        {"input": Q, "output": A},
        {"conversations": [], "instruction": Q, "output": A},
        {"messages": None, "prompt": Q, "completion": A},
    ],
    ids="+".join,
)
def test_every_form_is_the_same_chat(row: dict[str, Any]) -> None:
    assert chats.turns(row) == TURNS
    assert chats.answered(row)
    assert (chats.question(row), chats.answer(row)) == (Q, A)
    assert chats.fault(row) is None


@pytest.mark.parametrize(
    ("row", "turns"),
    [
        ({"system": "Be short.", "instruction": Q, "output": A}, [S, *TURNS]),
        ({"system_prompt": "Be short.", "conversations": [{"from": "human", "value": Q}]}, [S, TURNS[0]]),
        ({"system": "Other.", "messages": [{**S, "from": "x"}, *TURNS]}, [S, *TURNS]),  # the chat has its own
        ({"instruction": "Sort.", "input": "3 1", "output": A}, [{"role": "user", "content": "Sort.\n\n3 1"}, TURNS[1]]),
        ({"instruction": "Sum.", "context": "Long.", "response": A}, [{"role": "user", "content": "Sum.\n\nLong."}, TURNS[1]]),
        ({"instruction": "And then?", "output": "Done.", "history": [[Q, A]]},
         [*TURNS, {"role": "user", "content": "And then?"}, {"role": "assistant", "content": "Done."}]),
        ({"prompt": Q}, [TURNS[0]]),
        ({"prompt": [S, TURNS[0]]}, [S, TURNS[0]]),
        ({"messages": [TURNS[0], {"role": "assistant", "content": None}]}, [TURNS[0], {"role": "assistant", "content": ""}]),
        ({"messages": [{"role": "developer", "content": "Be short."}, TURNS[0]]}, [S, TURNS[0]]),
    ],
)  # fmt: skip
def test_what_belongs_to_a_chat_is_read_with_it(row: dict[str, Any], turns: list[Any]) -> None:
    assert [{key: turn[key] for key in ("role", "content")} for turn in chats.turns(row)] == turns


def test_turns_that_are_in_openais_form_are_not_copied() -> None:
    messages = [*TURNS, {"role": "tool", "content": "3", "tool_call_id": "c1"}]
    assert chats.turns({"messages": messages}) is messages


def test_tools_thoughts_and_names_stay_with_their_turn() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    messages = [
        TURNS[0],
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": [{"type": "text", "text": "3"}], "tool_call_id": "c1", "name": "add"},
        {"role": "assistant", "content": A, "reasoning": "It is three."},
    ]
    read = chats.turns({"messages": messages})
    assert read[1] == {"role": "assistant", "content": "", "tool_calls": [call]}
    assert read[2] == {"role": "tool", "content": "3", "tool_call_id": "c1", "name": "add"}
    assert read[3] == messages[3]
    assert chats.answer({"messages": messages}) == A


def test_a_call_in_sharegpts_form_is_a_call_of_a_tool() -> None:
    turns = [
        {"from": "human", "value": Q},
        {"from": "function_call", "value": '{"name": "add", "arguments": {"a": 1}}'},
        {"from": "observation", "value": "3"},
        {"from": "function_call", "value": "add(1)"},
    ]
    read = chats.turns({"conversations": turns})
    assert [turn["role"] for turn in read] == ["user", "assistant", "tool", "assistant"]
    assert read[1]["tool_calls"] == [{"type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}]
    assert read[3]["content"] == "add(1)"  # what is not a call stays text


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"messages": "Sort."}, "'messages' should be a list of turns {role, content}"),
        ({"messages": {"role": "user"}}, "'messages' should be a list of turns {role, content}"),
        ({"messages": [7]}, "messages[1] should be an object with a role and its content"),
        ({"messages": [TURNS[0], {"content": "x"}]}, "messages[2] has no role (content)"),
        ({"conversations": [{}]}, "conversations[1] has no role (it is empty)"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[1]: its content should be text"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages[1]: a part of its content is not text (image_url)",
        ),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(row: dict[str, Any], why: str) -> None:
    assert chats.has_chat(row)
    assert chats.fault(row) == why


@pytest.mark.parametrize(
    "row",
    [{}, {"text": "x"}, {"text": "x", "question": "?"}, {"input": "x"}, {"prompt": ""}, {"code": "x", "prompt": "y"}],
)
def test_what_is_no_chat(row: dict[str, Any]) -> None:
    assert not chats.has_chat(row)
    assert chats.said(row, "user") == []
    assert chats.answer(row) == ""


@pytest.mark.parametrize(
    "row",
    [
        {"data": [Q, A]},
        {"conversations": {"from": ["human", "gpt"], "value": [Q, A]}},  # columns, as `datasets` gives lists of objects
        {"chat": f"USER: {Q}\n\n\nASSISTANT: {A} <|endoftext|>\n\n\n"},
        {"input": Q, "target": A},
        {"user": Q, "assistant": A},
        {
            "messages": [
                {"role": "user", "content": Q, "tool_calls": None},
                {"role": "model", "content": {"parts": [A]}},
            ]
        },
        {"problem": Q, "answer": "42", "solution": A},
    ],
)
def test_rarer_forms_are_the_same_chat_too(row: dict[str, Any]) -> None:
    assert chats.turns(row) == TURNS


@pytest.mark.parametrize(
    "row",
    [
        {"text": "x", "data": ["a", "b"]},
        {"data": [1, 2]},
        {"user": "ann", "output": "x"},
        {"chat": "not marked"},
        {"inputs": "x"},
    ],
)
def test_what_only_looks_like_a_rarer_form(row: dict[str, Any]) -> None:
    assert not chats.has_chat(row)


def test_parts_of_turns_come_under_one_name() -> None:
    use = {"type": "tool_use", "id": "t", "name": "add", "input": {"a": 1}}
    turns = [
        {"role": "user", "content": Q},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": A}, use]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "2"}]},
        {
            "role": "assistant",
            "content": A,
            "reasoning_content": "Two.",
            "function_call": {"name": "f", "arguments": "{}"},
        },
        {"role": "assistant", "content": A, "tool_calls": [], "reasoning": "", "weight": 0},
    ]
    assert chats.turns({"messages": turns}) == [
        TURNS[0],
        {**TURNS[1], "reasoning": "Hm.", "tool_calls": [
            {"id": "t", "type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}]},
        {"role": "tool", "content": "2", "tool_call_id": "t"},
        {**TURNS[1], "reasoning": "Two.", "tool_calls": [
            {"type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {**TURNS[1], "weight": 0},
    ]  # fmt: skip


def test_tools_are_read_in_every_form() -> None:
    tool = {"name": "add", "parameters": {}}
    whole = [{"type": "function", "function": tool}]
    for given in ({"tools": [tool]}, {"functions": [tool]}, {"tools": json.dumps(whole)}):
        assert chats.tools(given) == whole
    assert chats.tools({"tools": None, "functions": []}) == chats.tools({"tools": ""}) == []
    with pytest.raises(chats.Unreadable, match="'tools' should be a list of tools"):
        chats.tools({"tools": "a hammer"})
    calls = chats.turns({"query": Q, "answers": '[{"name": "add", "arguments": {"a": 1}}]', "tools": [tool]})[1]
    assert calls["tool_calls"] == [{"type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}]


@pytest.mark.parametrize(
    "text",
    [
        *("", " \n\t", "\u200b", "\ufeff\u2060", "\xa0\u3164", "\u2800", "\ufe0f"),
        *("<|im_end|>", "</s>", "<s></s>", "</s>" * 300, "<|endoftext|>\u200b<|im_end|>"),
        *("```python\n```", "~~~\n\n~~~", "```", "\u200b```js\n\u200b\n```\n<|im_end|>", "> ```\n> ```"),
    ],
)
def test_a_text_of_which_nothing_can_be_seen_is_blank(text: str) -> None:
    assert chats.is_blank(text)
    assert not chats.says({"role": "assistant", "content": text})
    assert chats.says({"role": "assistant", "content": text, "reasoning": "Hm"})
    assert chats.says({"role": "assistant", "content": text, "tool_calls": [{"type": "function"}]})


@pytest.mark.parametrize(
    "text",
    ["-", "...", "0", "[]", "<br>", "你", "👍", "`x`", "```\n0\n```", "```\n```\nb", "a</s>", "<s>a", "<|im_end|> b"],
)
def test_whatever_can_be_seen_is_said(text: str) -> None:
    assert not chats.is_blank(text)
