"""The mock answers each kind of prompt in the form that it asks for."""

import json
from collections.abc import Sequence

from syncode.engines.mock.answers import chosen, formed, question
from syncode.engines.mock.model import answer
from syncode.engines.mock.scenario import Scenario
from syncode.engines.replies.completion import read

Turns = Sequence[dict[str, str]]
SYSTEM = "End with your verdict alone on the last line: [[A>B]], [[A=B]] or [[B>A]]."


def said(*texts: str) -> Turns:
    roles = ["user"] if len(texts) == 1 else ["system", "user"]
    return [{"role": role, "content": text} for role, text in zip(roles, texts, strict=True)]


def test_a_label_is_one_of_those_that_the_instructions_name() -> None:
    replies = {str(formed(said(SYSTEM, "planted: [[A>>B]]"), digest)).splitlines()[-1] for digest in range(30)}
    assert replies == {"[[A>B]]", "[[A=B]]", "[[B>A]]"}


def test_question_answer_and_tests_fit_together() -> None:
    asked = question(15)
    program = formed(said("You are an expert python programmer. Give code in one fenced code block.", asked), 3)
    tests = formed(
        said(
            "You write unit tests.",
            f"{asked}\nWrite 7 assertions in python that pass. Reply with one fenced code block.",
        ),
        3,
    )
    space: dict[str, object] = {}
    exec(str(program).split("```")[1].removeprefix("python"), space)
    exec(str(tests).split("```")[1].removeprefix("python"), space)
    assert "scale_17" in space


def test_other_prompts_ask_for_no_form() -> None:
    assert formed(said("You are kind.", "Write f."), 1) is None
    assert formed(said("Reply with one fenced code block."), 1) is None  # a user's own question is echoed, as ever


def test_the_best_candidate_is_the_same_wherever_it_stands() -> None:
    def shown(*texts: str) -> str:
        return "\n".join(f"<answer {n}>\n{text}\n</answer {n}>" for n, text in enumerate(texts, 1))

    there, back = chosen(shown("a", "b", "c")), chosen(shown("c", "b", "a"))
    assert there is not None
    assert back == 4 - there
    assert chosen("nothing here") is None


def test_a_schema_in_words_is_answered_too() -> None:
    schema = json.dumps({"type": "object", "properties": {"n": {"const": 5}}, "required": ["n"]})
    prompt = f"Say n.\n\nAnswer with one JSON object that fits this JSON Schema:\n{schema}"
    body = {"messages": [{"role": "user", "content": prompt}], "response_format": {"type": "json_object"}}
    assert read(answer(Scenario(), body, 1)).text == '{"n":5}'
