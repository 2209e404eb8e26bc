"""Chats in the forms that published sets have, all read as the same turns."""

import json
from typing import Any

import pytest

from syncode.text import chats

Q, A = "Sort a list.", "Use sorted()."
TURNS = [{"role": "user", "content": Q}, {"role": "assistant", "content": A}]
CALLS = "messages[1]: its tool_calls should be a list of calls"
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
    "row",
    [
        {"messages": [TURNS[0]], "response": A},
        {"messages": [TURNS[0]], "completion": [TURNS[1]]},
        {"conversations": [TURNS[0]], "answer": A},
        {"messages": TURNS, "response": "Something else."},  # the chat has its answer
        {"messages": [], "instruction": Q, "output": A},
        {"prompt": [TURNS[0]], "completion": TURNS[1]},
        {"prompt": TURNS[0], "completion": A},
        {"prompt": Q, "generation": A},
        {"prompt": Q, "choices": [{"index": 0, "message": TURNS[1]}]},
        {"messages": [TURNS[0]], "response": {"id": "r", "choices": [{"message": TURNS[1], "finish_reason": "stop"}]}},
        {"instruction": Q, "output": [A]},
        {"instruction": Q, "responses": [A]},
        {"problem": Q, "generations": [A]},
        {"problem": Q, "solutions": json.dumps([A])},
        {"human": Q, "bot": A},
    ],
)
def test_an_answer_beside_its_question_is_its_last_turn(row: dict[str, Any]) -> None:
    read = [{"role": turn["role"], "content": turn["content"]} for turn in chats.turns(row)]
    assert (read, chats.asked(row)) == (TURNS, TURNS[:1])


def test_a_number_is_an_answer_as_it_is_written() -> None:
    assert chats.answer({"question": "1+3?", "answer": 4}) == "4"
    assert chats.answer({"question": "Is it?", "answer": True}) == "true"


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
            {"messages": [TURNS[0], {"role": "assistent", "content": A}]},
            "messages[2]: no role is called 'assistent' (did you mean assistant?)",
        ),
        (
            {"messages": [{"role": "Alice", "content": A}]},
            "messages[1]: no role is called 'Alice' (known are user, assistant, system, tool and their usual names)",
        ),
        ({"messages": [{"role": "user", "words": Q}]}, "messages[1] has no content (words)"),
        ({"messages": [{"role": "user", "content": None, "segments": [Q]}]}, "messages[1] has no content (segments)"),
        ({"messages": [{"role": "assistant", "content": "", "tool_calls": [None]}]}, CALLS),
        ({"messages": [{"role": "assistant", "content": "", "tool_calls": [5]}]}, CALLS),
        ({"messages": [{"role": "assistant", "content": "", "tool_calls": [[1]]}]}, CALLS),
        ({"messages": [{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": 5}}]}]}, CALLS),
        ({"messages": [{"role": "assistant", "content": "", "tool_calls": [{}]}]}, CALLS),
        ({"messages": [{"role": "assistant", "content": "", "tool_calls": "add(1)"}]}, CALLS),
        ({"messages": [{"role": "assistant", "content": "", "function_call": "add"}]}, CALLS),
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


@pytest.mark.parametrize(
    "turns",
    [
        [{"role": "user", "parts": [{"type": "text", "text": Q}]},
         {"role": "assistant", "content": "", "parts": [{"type": "step-start"}, {"type": "text", "text": A}]}],
        [{"role": "user", "message": Q}, {"role": "CHATBOT", "message": A}],
        [{"speaker": "user", "utterance": Q}, {"speaker": "agent", "utterance": A}],
        [{"sender": "human", "text": Q}, {"sender": "assistant", "text": A}],
        [{"type": "human", "content": Q}, {"type": "ai", "content": A}],
        [{"type": "human", "data": {"content": Q}}, {"type": "ai", "data": {"content": A}}],
        [{"message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": [Q]}}},
         {"message": {"author": {"role": "assistant"}, "content": {"content_type": "text", "parts": [A]}}}],
        [{"role": "User:", "content": Q}, {"role": "<|assistant|>", "content": A}],
        [{"from": "human", "value": Q}, {"from": "gpt-4", "value": A}],
        [{"from": "human", "value": Q}, {"from": "gpt-3.5-turbo", "value": A}],
        [TURNS[0], {"role": "assistant", "content": None, "refusal": A}],
        [TURNS[0], {"role": "assistant", "content": [{"type": "refusal", "refusal": A}]}],
        [TURNS[0], {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "x"}, {"type": "text", "text": A}]}],
    ],
)  # fmt: skip
def test_turns_of_other_makers_are_the_same_turns(turns: list[Any]) -> None:
    read = chats.turns({"messages": turns})
    assert [{"role": turn["role"], "content": turn["content"]} for turn in read] == TURNS
    assert chats.answered({"messages": turns})


def test_a_chat_of_geminis_is_one_too() -> None:
    parts = [{"role": "user", "parts": [{"text": Q}]}, {"role": "model", "parts": [{"text": A}]}]
    assert chats.turns({"contents": parts}) == TURNS
    assert chats.turns({"contents": parts, "systemInstruction": {"parts": [{"text": "Be short."}]}}) == [S, *TURNS]
    call = {"role": "model", "parts": [{"functionCall": {"name": "add", "args": {"a": 1}}}]}
    result = {"role": "user", "parts": [{"functionResponse": {"name": "add", "response": {"sum": 2}}}]}
    assert chats.turns({"contents": [parts[0], call, result]})[1:] == [
        {"role": "assistant", "content": "", "tool_calls": [
            {"type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}]},
        {"role": "tool", "content": '{"sum":2}', "name": "add"},
    ]  # fmt: skip
    assert not chats.has_chat({"contents": [{"title": "x"}]})
    assert not chats.has_chat({"turns": [Q]})


@pytest.mark.parametrize(
    "part",
    [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},  # Mistral
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},  # the Responses API
        {"type": "reasoning", "text": "Hm."},
        {"text": "Hm.", "thought": True},  # Gemini
    ],
)
def test_thoughts_in_parts_are_thoughts(part: dict[str, Any]) -> None:
    turn = {"role": "assistant", "content": [part, {"type": "text", "text": A}]}
    assert chats.turns({"messages": [TURNS[0], turn]}) == [TURNS[0], {**TURNS[1], "reasoning": "Hm."}]


@pytest.mark.parametrize("content", [{"sum": 2}, 2, [{"sum": 2}], [1, 2]])
def test_a_tools_result_that_is_no_text_is_its_json(content: Any) -> None:
    (turn,) = chats.turns({"messages": [{"role": "tool", "content": content}]})
    assert json.loads(turn["content"]) == content


def test_tools_are_read_in_every_form() -> None:
    tool = {"name": "add", "parameters": {}}
    whole = [{"type": "function", "function": tool}]
    for given in ({"tools": [tool]}, {"functions": [tool]}, {"tools": json.dumps(whole)}):
        assert chats.tools(given) == whole
    assert chats.tools({"tools": None, "functions": []}) == chats.tools({"tools": ""}) == []
    with pytest.raises(chats.Unreadable, match="'tools' should be a list of tools"):
        chats.tools({"tools": "a hammer"})
    nameless: Any
    for nameless in ({"function": 5}, {"function": {}}, {"type": "web_search"}):
        with pytest.raises(chats.Unreadable, match="each of 'tools' should be a function with a name"):
            chats.tools({"tools": [nameless]})
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
