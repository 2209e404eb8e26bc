"""What a row is, told by its keys."""

from typing import Any

import pytest

from syncode.text.kinds import kind_of, made_id, named

ASKED = {"role": "user", "content": "Sort a list."}
REPLIED = {"role": "assistant", "content": "sorted(x)"}


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"id": "s", "messages": [ASKED, REPLIED]}, "sample"),
        ({"id": "t", "messages": [ASKED], "tests": "assert f()"}, "task"),
        ({"id": "t", "messages": []}, "task"),
        ({"messages": "no list"}, "sample"),  # it is a chat, and what is wrong with it is said when it is read
        ({"instruction": "Sort.", "input": "", "output": "x", "text": "Below is an instruction"}, "sample"),
        ({"conversations": [{"from": "human", "value": "Sort."}]}, "task"),
        ({"id": "d", "text": "x", "source": {"kind": "path"}}, "document"),
        ({"id": "d", "text": "x", "question": "Is it one?"}, "document"),
        ({"text": "x"}, "document"),
        ({"id": "a", "task_id": "t", "model": "m", "text": "x"}, "answer"),
        ({"id": "a", "task_id": "t", "model": "m", "messages": [ASKED, REPLIED]}, "answer"),
        ({"task_id": "HumanEval/0", "solution": "def f(): ..."}, "answer"),
        ({"task_id": "HumanEval/0", "completion": "    return 1"}, "answer"),
        (
            {"task_id": "HumanEval/0", "prompt": "def f():", "canonical_solution": "", "test": "", "entry_point": "f"},
            "problem",
        ),
        ({"task_id": 11, "text": "Write a function.", "code": "def f(): ...", "test_list": []}, "problem"),
        ({"task_id": "t", "model_a": "x", "model_b": "y"}, "verdict"),
        ({"id": "e", "of": "a", "state": "pass", "passed": True}, "execution"),
        ({"step": 1, "loss": 0.5, "lr": 1e-4}, "step"),
        ({"prompt": "Sort.", "chosen": "a", "rejected": "b"}, "preference"),
        ({"prompt": "Sort.", "completion": "a", "label": False}, "preference"),
        ({"prompt": "Sort.", "response": "a", "label": True}, "preference"),
        ({"prompt": "Sort.", "completion": "a", "label": 0}, "preference"),
        ({"question": "Sort.", "answer": "a", "label": "False"}, "preference"),  # a table
        ({"question": "Sort.", "answer": "a", "label": 3}, "sample"),  # a class
        ({"question": "Sort.", "answer": "a", "label": "sorting"}, "sample"),
        ({"messages": [ASKED, REPLIED], "label": False}, "preference"),
        ({"messages": [ASKED, REPLIED], "kto_tag": False}, "preference"),
        ({"conversations": [{"human": "Sort.", "assistant": "x"}], "label": False}, "preference"),
        ({"messages": [ASKED, REPLIED], "rejected_response": "x"}, "preference"),
        ({"messages": [ASKED, REPLIED], "rejected_response": None}, "sample"),
        ({"messages": [ASKED], "chosen": REPLIED, "rejected": {**REPLIED, "content": "x"}}, "preference"),
        ({"conversations": [ASKED], "chosen": {"from": "gpt", "value": "x"}}, "preference"),
        ({"task_id": "t", "prompt": "Sort.", "completion": "a", "rejected": "b"}, "preference"),
        (
            {"input": {"messages": [ASKED]}, "preferred_output": [REPLIED], "non_preferred_output": [REPLIED]},
            "preference",
        ),
        ({"prompt": "Sort.", "response_0": "a", "response_1": "b", "better_response_id": 1}, "preference"),
        ({"instruction": "Sort.", "response1": "a", "response2": "b"}, "preference"),
        ({"question": "Sort.", "response_j": "a", "response_k": "b"}, "preference"),
        ({"prompt": "Sort.", "preferred": "a", "dispreferred": "b"}, "preference"),
        ({"query": "Sort.", "positive": "a", "negative": "b"}, "preference"),
        ({"prompt": "Sort.", "positive": "a"}, "task"),
        ({"messages": [ASKED, REPLIED], "is_correct": False}, "preference"),
        ({"messages": [ASKED, REPLIED], "is_correct": True}, "sample"),
        ({"messages": [ASKED, REPLIED], "correct": 0}, "sample"),  # a count
        ({"messages": [ASKED], "label": False}, "task"),  # there is no answer to label
        ({"text": "x", "label": False}, "document"),
        ({"instruction": "Sort.", "responses": ["a", "b"]}, "several"),
        ({"instruction": "Sort.", "output": ["a", "b"]}, "several"),
        ({"problem": "Sort.", "generations": ["a", "b"], "answer": "c"}, "sample"),
        ({"messages": [ASKED], "completions": [{"model": "m", "response": "a"}]}, "several"),
        ({"question": "Sort.", "answers": {"text": ["a"], "answer_start": [1]}}, "several"),
        ({"question": "Sort.", "answer": {"value": "a"}}, "several"),
        ({"question": "Sort.", "answers": []}, "task"),
        ({"messages": [ASKED], "response": "a"}, "sample"),
        ({"messages": [], "instruction": "Sort.", "output": "x"}, "sample"),
        ({"messages": [ASKED, {"role": "assistent", "content": "x"}]}, "sample"),
        ({"text": "x", "question": "Sort.", "answers": ["a"]}, "document"),
        ({"message_id": "m", "role": "prompter", "text": "Sort."}, "message"),
        ({"instruction": "Sort.", "output": "x", "code": "x", "entry_point": "f"}, "sample"),
        ({"instruction": "Sort.", "output": "x", "code": "x", "tests": "f()"}, "program"),
        ({"task_id": None, "of": None, "messages": [ASKED]}, "task"),
        ({"code": "print(1)", "tests": "", "language": "python"}, "program"),
        ({"id": "x"}, "other"),
        ({}, "empty"),
        ({"id": None, "text": None}, "empty"),
    ],
)
def test_the_kind_is_told_by_the_keys(row: dict[str, Any], kind: str) -> None:
    assert kind_of(row) == kind


def test_kinds_are_named_as_people_would() -> None:
    assert named(["verdict"]) == "verdicts"
    assert named(["document", "answer", "verdict"]) == "documents, answers or verdicts"


def test_a_made_id_is_that_of_what_is_said() -> None:
    chat = {"messages": [ASKED, REPLIED]}
    other = {"instruction": ASKED["content"], "output": REPLIED["content"], "labels": {"category": "algo"}}
    assert made_id(chat, "sample") == made_id(other, "sample")  # also on its way, and in another form
    assert made_id({"messages": [ASKED]}, "task") != made_id(chat, "sample")
    assert made_id({"text": "x", "n": 1}, "document") == made_id({"text": "x"}, "document")
    assert made_id({"task_id": "t", "text": "x"}, "answer") != made_id({"task_id": "u", "text": "x"}, "answer")
