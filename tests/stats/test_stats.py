import json
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncode.errors import DataError
from syncode.reports.card import MOST_IDS, Facts, as_markdown
from syncode.schemas.records import Row
from syncode.stages.stats import (
    MOST_VALUES,
    as_rows,
    drop_reasons,
    facts_of,
)
from syncode.statistics.histogram import Histogram


def sample(name: str = "s1", **fields: Any) -> Row:
    row = {
        "id": name,
        "messages": [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "Sort a list."},
            {"role": "assistant", "content": "```python\nsorted(x)\n```"},
        ],
        "language": "python",
        "labels": {"category": "dev", "difficulty": "easy"},
        "lineage": [
            {"op": "crawl", "version": 1},
            {"op": "synth", "version": 2, "model": "m", "prompt": "synth.v2"},
            {"op": "synth", "version": 2, "model": "m", "prompt": "synth.v2"},
        ],
        "source": {"kind": "path", "path": "a.py", "license": "MIT"},
    }
    return {**row, **fields}


def table(rows: list[Row], section: str) -> dict[str | None, int]:
    return {row["value"]: row["rows"] for row in as_rows(facts_of(rows)) if row["section"] == section}


def test_a_value_is_found_at_the_top_in_labels_or_in_the_source() -> None:
    rows = [sample(), sample("s2", difficulty="hard", license="Apache-2.0"), sample("s3", source={}, labels={})]
    assert table(rows, "difficulty") == {"easy": 1, "hard": 1, None: 1}
    assert table(rows, "license") == {"Apache-2.0": 1, "MIT": 1, None: 1}
    assert table(rows, "source") == {"path": 2, None: 1}


def test_a_missing_licence_is_shown_and_other_missing_values_are_not() -> None:
    rows = [{"id": "t", "messages": []}]
    assert table(rows, "license") == {None: 1}
    assert table(rows, "difficulty") == {} and table(rows, "model") == {}
    assert "*not given*" in as_markdown(facts_of(rows), "Card", 5)


def test_a_step_counts_once_a_row_and_a_model_too() -> None:
    rows = [sample(), sample("s2")]
    assert table(rows, "lineage") == {"crawl 1": 2, "synth 2 (synth.v2)": 2}
    assert table(rows, "lineage_model") == {"m": 2}


def test_lengths_of_question_answer_and_text() -> None:
    rows = [
        sample(),
        {"id": "d", "text": "12345678", "source": {"kind": "path"}},
        {"id": "a", "task_id": "t", "model": "m", "text": "abcd"},
    ]
    lengths = {row["value"]: row for row in as_rows(facts_of(rows)) if row["section"] == "length"}
    assert lengths["question"]["characters"] == len("Be short.\nSort a list.")
    assert lengths["text"] == {
        **{"section": "length", "value": "text", "rows": 1, "characters": 8, "tokens_estimated": 2, "mean": 8.0},
        **dict.fromkeys(("min", "p10", "p25", "p50", "p75", "p90", "p99", "max"), 8),
    }
    assert lengths["answer"]["rows"] == 2 and lengths["answer"]["min"] == 4


def test_code_is_a_fence_or_a_source_file() -> None:
    rows = [
        sample(),
        {"id": "1", "text": "x = 1", "source": {"kind": "path"}, "language": "python"},
        {"id": "2", "text": "words", "source": {"kind": "path"}, "language": "markdown"},
        {"id": "3", "messages": [{"role": "user", "content": "What is ``` for?"}]},
        {"id": "4", "task_id": "t", "model": "m", "text": "```\ncode\n```"},
    ]
    facts = facts_of(rows)
    assert (facts.with_code, facts.content) == (2, 4)


def test_ids_that_come_twice_are_counted() -> None:
    assert facts_of([sample("a"), sample("b"), sample("a"), sample("a")]).repeated_ids == 2
    assert facts_of([{}, {}]).repeated_ids == 0
    assert facts_of([{"id": 1}, {"id": "1"}]).repeated_ids == 1


def test_memory_is_bounded() -> None:
    facts = facts_of(sample(str(number), language=f"l{number}") for number in range(MOST_VALUES + 100))
    assert len(facts.facets["language"]) == MOST_VALUES + 1 and facts.facets["language"]["(other)"] == 100
    full = Facts(ids=set(range(MOST_IDS)))
    assert "only the first 1,000,000 ids were compared" in as_markdown(full, "Card", 5)
    wide = Histogram()
    for length in range(0, 1_000_000, 7):
        wide.add(length)
    assert len(wide.buckets) < 1000


@pytest.mark.parametrize(
    "row",
    [
        {"messages": "text", "lineage": "text", "labels": [], "source": "text", "id": None},
        {"messages": [1, {"role": "user"}, {"content": ["part"]}], "id": 3, "lineage": [{}, 1, {"model": 7}]},
        {"text": 5, "language": 7, "difficulty": {"a": 1}, "labels": None},
    ],
)
def test_foreign_rows_are_counted_as_they_are(row: Row) -> None:
    facts = facts_of([row])
    assert facts.rows == 1 and list(as_rows(facts)) and as_markdown(facts, "Card", 5)


@given(
    st.lists(st.integers(min_value=0, max_value=5_000_000), min_size=1, max_size=60), st.sampled_from([1, 25, 50, 99])
)
def test_a_percentile_is_within_one_percent_of_the_nearest_rank(lengths: list[int], percent: int) -> None:
    histogram = Histogram()
    for length in lengths:
        histogram.add(length)
    exact = sorted(lengths)[max(0, -(-len(lengths) * percent // 100) - 1)]
    assert abs(histogram.percentile(percent) - exact) <= exact / 100
    assert (histogram.smallest, histogram.largest) == (min(lengths), max(lengths))
    assert histogram.total == sum(lengths)


def test_the_order_of_rows_changes_nothing() -> None:
    rows = [sample(str(number), language="abc"[number % 3]) for number in range(20)]
    assert as_markdown(facts_of(rows), "Card", 5) == as_markdown(facts_of(reversed(rows)), "Card", 5)


def test_no_rows_make_a_card_too() -> None:
    assert (
        as_markdown(facts_of([]), "Empty", 5) == "# Empty\n\n- Rows: 0\n- Rows whose id stands in an earlier row: 0\n"
    )
    assert next(as_rows(facts_of([]))) == {"section": "rows", "value": "all", "rows": 0, "share": 0.0}


def test_a_table_shows_its_top_and_says_what_is_left() -> None:
    rows = [sample(str(number), language=f"l{number % 6}") for number in range(7)]
    card = as_markdown(facts_of(rows), "Card", 2)
    assert "| l0 | 2 | 28.6 % |\n| l1 | 1 | 14.3 % |\n| 4 more | 4 | 57.1 % |" in card


def test_a_value_cannot_break_the_table() -> None:
    card = as_markdown(facts_of([sample(language="a|b\nc"), sample("s2", language=" ")]), "Card", 5)
    assert "| a\\|b c | 1 |" in card and "| *empty* | 1 |" in card


def test_shares_of_a_table_add_up() -> None:
    rows = [sample(str(number), difficulty=["easy", "hard", None][number % 3]) for number in range(9)]
    parts = [row for row in as_rows(facts_of(rows)) if row["section"] == "difficulty"]
    assert sum(row["rows"] for row in parts) == 9
    assert sum(row["share"] for row in parts) == pytest.approx(1, abs=0.001)


def test_rejects_are_counted_by_rule(tmp_path: Path) -> None:
    file = tmp_path / "rejects.jsonl"
    reasons = ["filter.code.lines: 3 < 10", "filter.code.lines: 1 < 10", "dedup.near: twin of x"]
    file.write_text("".join(json.dumps({"id": "x", "drop": reason}) + "\n" for reason in chain(reasons, reasons)))
    assert drop_reasons([str(file)]) == Counter({"filter.code.lines": 4, "dedup.near": 2})
    file.write_text('{"drop": "a.b: c"}\n\n{"id": "x"}\n')
    with pytest.raises(DataError, match=r"rejects\.jsonl:3: no 'drop'"):
        drop_reasons([str(file)])
    odd: list[Row] = [
        {"id": "x", "drop": mark} for mark in ({"why": "x"}, True, 7)
    ]  # `--rejects` keeps them as they came
    file.write_text("".join(json.dumps(row) + "\n" for row in odd))
    assert drop_reasons([str(file)]) == Counter({"input.marked": 3}) == facts_of(odd).dropped
    file.write_text("nonsense\n")
    with pytest.raises(DataError, match=r"rejects\.jsonl:1: not JSON"):
        drop_reasons([str(file)])
