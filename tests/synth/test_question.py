"""The gates that a generated question must pass."""

import pytest

from syncode.schemas.records import Document
from syncode.stages.synth.question import head, read

DOCUMENT: Document = {
    "id": "d1",
    "text": "The heap keeps the smallest item at index zero and every parent is less than or equal to its two children.",
    "source": {"kind": "path", "path": "heap.py"},
    "language": "python",
}
GOOD = "A print shop queues jobs with a deadline each. Write `next_job(jobs)`, which returns the name of the most urgent one."


def rule(reply: str, human_language: str = "en") -> str | None:
    wrong = read(reply, DOCUMENT, human_language)[1]
    return wrong[0] if wrong else None


def test_the_question_is_read_from_json_and_from_bare_text() -> None:
    assert read(f'{{"question": "{GOOD}"}}', DOCUMENT, "en") == (GOOD, None)
    assert read(GOOD, DOCUMENT, "en") == (GOOD, None)
    assert read(f"**QUESTION:** {GOOD}", DOCUMENT, "en") == (GOOD, None)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("", "short_question"),
        ("Write a heap.", "short_question"),
        ('{"question": "UNSUITABLE, this is a cooking recipe"}', "unsuitable"),
        ('{"question": "A print shop queues jobs and', "unreadable"),
        (GOOD + " Use the code above as a start.", "not_self_contained"),
        ("Explain in your own words what the material says about heaps and their order of items.", "not_self_contained"),
        ("Why is every parent is less than or equal to its two children. Smallest item at index zero and every parent is "
         "less than or equal to its two children?", "copied"),
        ("写一个函数 next_job(jobs)，返回最紧急的打印任务的名称，任务有截止时间和优先级。", "human_language"),
    ],
)  # fmt: skip
def test_a_reply_of_no_use_names_its_rule(reply: str, expected: str) -> None:
    assert rule(reply) == expected


def test_a_chinese_question_passes_where_chinese_was_asked_for() -> None:
    chinese = "写一个函数 next_job(jobs)，返回最紧急的打印任务的名称，任务有截止时间和优先级。"
    assert rule(chinese, "zh") is None
    assert rule(GOOD, "zh") == "human_language"
    assert rule("写一个函数。", "zh") == "short_question"
    assert rule("请根据上述材料写一个函数，返回最紧急的打印任务的名称。", "zh") == "not_self_contained"


@pytest.mark.parametrize(("limit", "expected"), [(100, "ab\ncd\nef"), (5, "ab\ncd"), (4, "ab"), (1, "a"), (2, "ab")])
def test_head_ends_at_a_whole_line(limit: int, expected: str) -> None:
    assert head("ab\ncd\nef", limit) == expected
