"""Thoughts stand apart from answers, whatever marks them, and marks in code are code."""

import pytest

from syncode.text.thoughts import separated, split


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("no thoughts", "", "no thoughts"),
        ("<think>a</think>b", "a", "b"),
        ("<think>\n\n</think>\n\nb", "", "b"),
        ("a\n</think>\n\nb", "a", "b"),
        ("<think>cut off", "cut off", ""),
        ("<thinking>a</thinking>b", "a", "b"),
        ("<reasoning>a</reasoning>\nb", "a", "b"),
        ("<thought>a</thought>b", "a", "b"),
        ("<seed:think>a</seed:think>b", "a", "b"),
        ("[THINK]a[/THINK]b", "a", "b"),
        ("◁think▷a◁/think▷b", "a", "b"),
        ("<|begin_of_thought|>a<|end_of_thought|>\n<|begin_of_solution|>b<|end_of_solution|>", "a", "b"),
        ("<|START_THINKING|>a<|END_THINKING|>b", "a", "b"),
        ("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>", "a", "b"),
        ("analysisThe user wants.assistantfinalb", "The user wants.", "b"),
        ("<think>a</think>b\n<think>c</think>d", "a\n\nc", "b\nd"),
        ("<think>```py\nx\n</think>```py\ny\n```", "```py\nx", "```py\ny\n```"),
        ("<think>say `</think>` when done</think>b", "say `</think>` when done", "b"),
        ("draft\n```py\nx\n</think>\n```py\ny\n```", "draft\n```py\nx", "```py\ny\n```"),
        ("```html\n<think>\nx\n</think>\n```\nend", "", "```html\n<think>\nx\n</think>\n```\nend"),
        ("ends.<think>or not", "or not", "ends."),
        ("Write `<think>` first.", "", "Write `<think>` first."),
        ("The tag <think> opens, </think> closes.", "", "The tag <think> opens, </think> closes."),
        ("x\n\nThis drops everything before </think> in it.", "", "x\n\nThis drops everything before </think> in it."),
        ("x\n\n* handles </think>\n* handles <think>\n", "", "x\n\n* handles </think>\n* handles <think>\n"),
        ("x\n\n</reasoning> is dropped.", "", "x\n\n</reasoning> is dropped."),
        ("On second </thoughts> nothing.", "", "On second </thoughts> nothing."),
        ("That works.</think>Done.", "That works.", "Done."),
        ("That works. </think>\nDone.", "That works.", "Done."),
        (
            'def f():\n    """Take\n    </think>\n    out."""\n',
            "",
            'def f():\n    """Take\n    </think>\n    out."""\n',
        ),
        ("```py\ns = '<|channel|>final<|message|>'\n```", "", "```py\ns = '<|channel|>final<|message|>'\n```"),
        ("Say `<|channel|>final<|message|>` first.", "", "Say `<|channel|>final<|message|>` first."),
        ("As XML: <answer><reasoning>x</reasoning></answer>", "", "As XML: <answer><reasoning>x</reasoning></answer>"),
    ],
)
def test_split(text: str, reasoning: str, answer: str) -> None:
    assert tuple(split(text)) == (reasoning, answer)


def test_a_turn_keeps_its_thoughts_as_a_part() -> None:
    turn = {"role": "assistant", "content": "<think>a</think>b", "reasoning": "before"}
    assert separated(turn) == {"role": "assistant", "content": "b", "reasoning": "before\n\na"}  # type: ignore[arg-type]
    asked = {"role": "user", "content": "<think>a</think>b"}
    assert separated(asked) is asked  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "piece", ["<think>", "</think>", "`<think>`", "\n</think>\n```py\n", "```\n<think>\n", "<think "]
)
def test_marks_without_end_take_linear_time(piece: str) -> None:
    text = piece * 40_000
    assert sum(map(len, split(text))) <= len(text)
