"""The paper's own tables (arXiv 2412.05210): every defect that is known of Table 3 is found, from its numbers alone."""

import csv
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[2] / "../shared/data"
PRINTED, TRUE = DATA / "codearena_table3_printed.csv", DATA / "codearena_table3_realigned.csv"
TABLE_1 = "ui=45,dev=131,spec=91,tools=62,emerging=39,misc=7,db=22"

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def truth() -> dict[int, dict[str, str]]:
    with TRUE.open(encoding="utf-8") as file:
        return {int(line["row"]): line for line in csv.DictReader(file)}


@pytest.mark.shared
@pytest.mark.parametrize(
    "flags", [(), ("--sizes", TABLE_1, "--n", "397")], ids=["no hint", "with the claims of Table 1"]
)
def test_all_42_rows_of_table_3_are_realigned(
    flags: tuple[str, ...], truth: dict[int, dict[str, str]], syncode: Any
) -> None:
    found = syncode.run("leaderboard verify", str(PRINTED), *flags, code=3)
    rows = [row for row in found if row["kind"] == "row"]
    for row in rows:
        line = truth[row["row"]]
        assert row["order"] == line["printed_column_order"], row["model"]
        assert [row["n"], row["wins"], row["ties"], row["losses"]] == [
            int(line[key]) for key in ("n", "wins", "ties", "losses")
        ]
        for group, cell in row["cells"].items():
            assert [cell["n"], cell["wins"], cell["ties"]] == [
                int(line[f"{group}_{key}"]) for key in ("n", "wins", "ties")
            ]
        assert row["explanations"] == 1
    totals: Rows = [row for row in found if row["kind"] == "sizes" and row["rows"]]
    assert sorted((row["n"], row["rows"], row["sizes"]["dev"]) for row in totals) == [(390, 22, 130), (392, 20, 132)]


@pytest.mark.shared
def test_every_known_defect_is_named(truth: dict[int, dict[str, str]], syncode: Any) -> None:
    found = syncode.run("leaderboard verify", str(PRINTED), "--sizes", TABLE_1, "--n", "397", code=3)
    rows = {row["row"]: row for row in found if row["kind"] == "row"}

    def having(defect: str) -> set[str]:
        return {row["model"] for row in rows.values() if defect in row["defects"]}

    assert len(having("permuted columns")) == 27
    assert {"Qwen2.5-SynCoder", "Qwen2.5-72B-Instruct", "o1-mini", "o1-preview"} <= having("permuted columns")
    assert having("average is score/win") == {
        "Yi-Coder-1.5B-Chat", "OpenCoder-1.5B-Instruct", "Llama3.1-8B-Instruct", "CodeLlama-13B-Instruct",
        "CodeLlama-70B-Instruct", "Qwen2.5-Coder-14B-Instruct",
    }  # fmt: skip
    assert len(having("average truncated")) == 3
    assert having("average misprinted") == {"CodeStral-22B-v0.1"}
    assert rows[31]["repair"] == {"column": "total_tie", "implied": 15.1}
    assert having("cell misprinted") == {"DS-Coder-1.3B-Instruct"}
    assert rows[13]["repair"] == {"column": "ui_win", "implied": 6.7}
    runs = [row for row in found if row["kind"] == "sizes"]
    assert ("no row fits the claimed sizes" in runs[0]["defects"], runs[0]["n"]) == (True, 397)
    assert all("wrong n" in row["defects"] for row in runs[1:])


@pytest.mark.shared
def test_a_table_without_a_defect_is_accepted(truth: dict[int, dict[str, str]], syncode: Any) -> None:
    groups = ("ui", "dev", "spec", "tools", "emerging", "misc", "db")
    head = ["model", *(f"{group}_{kind}" for group in groups for kind in ("win", "tie")), "avg_win", "avg_tie"]
    lines = [
        [line["model"], *(line[name] for name in head[1:-2]), line["win"], line["tie"]]
        for line in truth.values()
        if line["n"] == "392"
    ]
    sheet = syncode.sheet("right.csv", head, lines)
    sizes = "ui=45,dev=132,spec=89,tools=59,emerging=38,misc=7,db=22"
    found = syncode.run("leaderboard verify", sheet, "--sizes", sizes, "--n", "392")
    assert [row["rows"] for row in found if row["kind"] == "sizes"] == [20]


def test_single_rates_are_checked_against_their_sizes(syncode: Any) -> None:
    lines = [["a", "92.1", "86.6"], ["b", "89.0", "81.1"], ["c", "50.1", "79.3"]]
    sheet = syncode.sheet("rates.csv", ["model", "humaneval", "humaneval_plus"], lines)
    found = syncode.run("leaderboard verify", sheet, "--sizes", "humaneval=164,humaneval_plus=164", code=3)
    assert [row["defects"] for row in found if row["kind"] == "row"][:2] == [[], []]
    assert "impossible cell" in found[-1]["defects"]
