"""Contamination: what shares ten words with a benchmark is caught, what does not is not, and a dead check is an error."""

import gzip
import os
from pathlib import Path

import orjson
import pytest

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.filter import check, guarded
from syncode.stages.filter.contamination import build
from syncode.stages.filter.view import View
from syncode.stages.tasks.arena import arena

TASKS = Path(__file__).parents[1] / "data" / "benchmarks"
SHARED = Path(__file__).parents[2] / "../shared/data"
TASK = {
    "id": "t1",
    "messages": [
        {
            "role": "system",
            "content": "You are a helpful assistant who answers every question as well as it can be answered.",
        },
        {
            "role": "user",
            "content": "Given a list of river lengths, return the names of the three longest rivers in order.",
        },
    ],
    "tests": "assert longest(RIVERS)[0] == 'Nile' and longest(RIVERS)[1] == 'Amazon' and longest(RIVERS)[2] == 'Yangtze'",
    "references": {"some-model": "return sorted(rivers, key=len)[:3]"},
}
QUESTION = TASK["messages"][1]["content"]  # type: ignore[index]


def chat(question: str, answer: str = "ok") -> Row:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"id": "s", "messages": messages, "language": "python", "labels": {}, "lineage": []}


def mark(row: Row, tasks: list[Row]) -> str | None:
    return check(row, (), guarded({"tasks.jsonl": tasks}))[0].get("drop")


@pytest.mark.parametrize(
    "row",
    [
        chat("Hi! GIVEN a list of  river-lengths; return the names of the three (longest) ones?"),
        chat(
            "x",
            "```python\nassert longest(rivers)[0]=='nile' and longest(rivers)[1]=='amazon' and longest(rivers)\n```",
        ),
        chat("given a list of ri\u00adver len\u200bgths, \uff52\uff45turn the names of the\u00a0three longest"),
        {
            **chat("x"),
            "messages": [{"role": "system", "content": "Given a list of river lengths return the names of the three"}],
        },
        {
            "id": "d",
            "text": "a page\n\nGiven a list of river lengths, return the names of\nthe three tallest",
            "source": {"kind": "warc"},
        },
    ],
)
def test_ten_words_in_common_are_caught_however_they_are_written(row: Row) -> None:
    assert mark(row, [TASK]) == "filter.contaminated: 10-gram of t1"


@pytest.mark.parametrize(
    "row",
    [
        chat("Given a list of river lengths, return the names at once"),  # nine words in common
        chat(
            "You are a helpful assistant who answers every question as well as it can be answered."
        ),  # system prompts are no task
        chat("Please explain return sorted(rivers, key=len)[:3] to me"),  # a short text must be the whole
    ],
)
def test_less_is_not(row: Row) -> None:
    assert mark(row, [TASK]) is None


RIVERS = "给定一个河流长度的列表，请返回最长的三条河流的名称，按长度从大到小排列；如果有两条一样长，按字母顺序排列。"
RIVERS_JA = "川の長さのリストが与えられたとき、最も長い三つの川の名前を長い順に返す関数を書いてください。"


@pytest.mark.parametrize(
    ("question", "caught"),
    [
        ("你好！给定一个河流长度的列表，请返回最长的三条河流的名称。谢谢", "10-gram"),
        ("给定一个 河流长度的列表 请返回 最长的三条 河流的名称", "10-gram"),  # white space and commas do not matter
        ("请返回最长的三条河流的名称，按长度", None),  # 16 characters in common, eight words
        ("川の長さのリストが与えられたとき、最も長い三つの川を返す", "10-gram"),
        ("写一个函数 longest(rivers)，返回最长的三条河流", "short text"),
    ],
)
def test_scripts_without_spaces_are_compared_by_their_characters(question: str, caught: str | None) -> None:
    texts = (RIVERS, RIVERS_JA, "写一个函数 longest(rivers)，返回最长的三条河流")
    found = mark(chat(question), [{"id": f"t{number}", "prompt": text} for number, text in enumerate(texts)])
    assert caught in found if caught and found else found is caught


def test_each_chinese_question_of_the_arena_is_caught_and_takes_no_other_for_itself() -> None:
    questions = list(arena())
    chinese = [
        task for task in questions if any("\u4e00" <= each <= "\u9fff" for each in task["messages"][-1]["content"])
    ]
    assert len(chinese) >= 5
    for task in chinese:
        question = task["messages"][-1]["content"]
        longest = max(question.split("\n"), key=len)
        assert mark(chat(f"请帮帮我。{longest}"), [task]) == f"filter.contaminated: 10-gram of {task['id']}"
        assert mark(chat(question), [other for other in questions if other is not task]) is None


BLOCK = "Like this:\n```\nreturn sorted(rivers, key=len)[:3]\n```\nDone."


@pytest.mark.parametrize("answer", ["Return sorted(rivers, key = len)[:3]", BLOCK])
def test_a_short_text_is_caught_where_it_is_the_whole_of_a_turn_a_paragraph_or_a_block(answer: str) -> None:
    assert mark(chat("x", answer), [TASK]) == "filter.contaminated: the short text of t1"


def test_a_file_without_text_protects_from_nothing_and_is_an_error() -> None:
    with pytest.raises(DataError, match=r"empty.jsonl: no task in it has a text of 3 words"):
        guarded({"tasks.jsonl": [TASK], "empty.jsonl": [{"id": "x", "messages": [], "prompt": "two words"}]})
    with pytest.raises(DataError, match=r"none.jsonl"):
        guarded({"none.jsonl": []})
    assert guarded({}) is None


def test_tasks_without_an_id_are_named_by_their_line() -> None:
    index = build({"a.jsonl": [{"prompt": "one two three"}, {"prompt": "four five six"}]})
    assert index.match(View(chat("four five six"), "sample")) == "the short text of a.jsonl:2"


def test_every_task_of_a_benchmark_is_caught_with_its_solution_and_without() -> None:
    rows = [orjson.loads(line) for line in (TASKS / "humaneval.jsonl").read_bytes().splitlines()]
    index = guarded({"own": rows})
    for row in rows:
        for answer in ("```python\n" + row["canonical_solution"] + "```", "I do not know."):
            asked = chat("Complete this function.\n\n```python\n" + row["prompt"] + "```", answer)
            assert "drop" in check(asked, (), index)[0], row["task_id"]


def test_the_standard_library_is_not_taken_for_a_benchmark() -> None:
    index = guarded(
        {
            "own": [
                orjson.loads(line)
                for name in ("humaneval", "mbpp")
                for line in (TASKS / f"{name}.jsonl").read_bytes().splitlines()
            ]
        }
    )
    library = sorted(Path(os.__file__).parent.glob("*/*.py"))[:200]
    texts = {path: path.read_text("utf-8", "replace") for path in library}
    assert len(texts) > 100
    assert [path for path, text in texts.items() if "drop" in check({"id": "", "text": text}, (), index)[0]] == []


def tasks(name: str) -> list[Row]:
    path = SHARED / name
    data = path.read_bytes()
    return [orjson.loads(line) for line in (gzip.decompress(data) if name.endswith(".gz") else data).splitlines()]


@pytest.mark.shared
def test_every_task_of_humaneval_is_caught_and_the_standard_library_is_not() -> None:
    rows = tasks("bench/humaneval/HumanEval.jsonl.gz")
    index = guarded({"HumanEval": rows})
    for row in rows:
        asked = chat(
            "Complete this function.\n\n```python\n" + row["prompt"] + "```",
            "```python\n" + row["canonical_solution"] + "```",
        )
        assert "drop" in check(asked, (), index)[0], row["task_id"]
    library = sorted(Path(os.__file__).parent.glob("*/*.py"))[:200]
    hits = [
        path
        for path in library
        if "drop" in check({"id": "", "text": path.read_text("utf-8", "replace")}, (), index)[0]
    ]
    assert len(hits) <= 2, hits


@pytest.mark.shared
def test_rephrased_tasks_are_mostly_not_caught_by_this_rule() -> None:
    """Says what the rule cannot do: these are HumanEval tasks reworded by a model (llm-decontaminator)."""
    rows = tasks("contam/llm-decontaminator/rephrase/humaneval_js.jsonl")
    index = guarded({"HumanEval": tasks("bench/humaneval/HumanEval.jsonl.gz")})
    caught = sum("drop" in check({"id": "", "text": row["text"]}, (), index)[0] for row in rows)
    assert caught / len(rows) < 0.5


@pytest.mark.parametrize(
    "row",
    [
        {"instruction": QUESTION, "output": "x"},
        {"conversations": [{"from": "human", "value": QUESTION}, {"from": "gpt", "value": "x"}]},
        {"task_id": "t", "text": QUESTION},
    ],
)
def test_rows_and_tasks_of_other_forms_are_compared_too(row: Row) -> None:
    assert mark(row, [TASK]) == "filter.contaminated: 10-gram of t1"
    asked = {"id": "c", "conversations": [{"from": "human", "value": QUESTION}]}
    assert mark(row, [asked]) == "filter.contaminated: 10-gram of c"
