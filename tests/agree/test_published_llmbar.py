"""LLMBar (arXiv 2310.07641): 40,413 verdicts of six judges in both orders, every number through the command line."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.shared

Table = list[dict[str, str]]
Rows = list[dict[str, Any]]
Chosen = Callable[..., Table]
JUDGES = ("GPT-4", "ChatGPT", "ChatGPT-0301", "LLaMA2", "PaLM2", "Falcon")
ADVERSARIAL = ("GPTInst", "GPTOut", "Manual", "Neighbor")
FIVE_SUBSETS = ("LLMBar/Natural", *(f"LLMBar/Adversarial/{name}" for name in ADVERSARIAL))
ORDERS = (("original", "winner_original"), ("swapped", "winner_swapped"))


def label(winner: str) -> dict[str, Any]:
    name = {"1": "A>B", "2": "B>A"}.get(winner)
    return {"label": name, "state": "ok" if name else "unparsed"}


def verdicts(table: Table, orders: Any = ORDERS, judge: str = "{judge}") -> Rows:
    """Return verdict rows: output 1 is model_a in both orders."""
    return [
        {
            "task_id": f"{line['subset']}/{line['item']}",
            "model_a": "output 1",
            "model_b": "output 2",
            "order": order,
            "judge": judge.format(**line),
            "protocol": line["method"],
            **label(line[column]),
        }
        for line in table
        for order, column in orders
    ]


def gold(table: Table) -> Rows:
    """Return one row an item by a judge called `gold`, who is right."""
    items = {(line["subset"], line["item"]): line["gold"] for line in table}
    return [
        {"task_id": f"{subset}/{item}", "model_a": "output 1", "model_b": "output 2", "judge": "gold", **label(winner)}
        for (subset, item), winner in items.items()
    ]


def accuracy_games(table: Table, orders: Any = ORDERS) -> Rows:
    """Return the same verdicts as games of the better output against the worse one: the score is the accuracy."""
    rows = verdicts(table, orders)
    sides = {"1": ("better", "worse"), "2": ("worse", "better")}
    golds = [line["gold"] for line in table for _ in orders]
    return [
        {**row, "model_a": sides[truth][0], "model_b": sides[truth][1]} for row, truth in zip(rows, golds, strict=True)
    ]


def plain_methods(table: Table) -> Table:
    return [line for line in table if not line["method"].startswith(("Rating", "Swap"))]


def by(rows: Rows, kind: str, key: str = "judge") -> dict[str, Any]:
    return {row[key]: row for row in rows if row["kind"] == kind}


def test_l1_counts(llmbar: Chosen, syncode: Any) -> None:
    table = llmbar()
    rows = syncode.run("agree", syncode.write("all.jsonl", verdicts(table)), "--rounds", "0")
    judges = by(rows, "judge")
    assert judges["*"]["games"] == 2 * 40413
    assert {name: judges[name]["missing"] for name in JUDGES} == {
        "PaLM2": 200, "ChatGPT": 44, "LLaMA2": 41, "GPT-4": 29, "Falcon": 22, "ChatGPT-0301": 12,
    }  # fmt: skip
    assert judges["*"]["missing"] == 348
    runs = syncode.run(
        "agree", syncode.write("runs.jsonl", verdicts(table, judge="{subset} {judge} {method}")), "--rounds", "0"
    )
    each = [row for row in runs if row["kind"] == "judge" and row["judge"] != "*"]
    assert len(each) == 499
    assert sum(1 for row in each if row["missing"]) == 118
    assert Counter(line["gold"] for line in table) == {"1": 19942, "2": 20471}


def test_l1b_the_nine_pairs_of_verdicts(llmbar: Chosen, syncode: Any) -> None:
    sheet = syncode.sheet(
        "orders.csv",
        ["original", "swapped"],
        [[line["winner_original"] or "none", line["winner_swapped"] or "none"] for line in llmbar()],
    )
    row = syncode.run("agree ratings", sheet, "--labels", "1,2,none", "--rounds", "0")[0]
    assert row["confusion"] == [[12881, 10808, 35], [3055, 13442, 18], [13, 40, 121]]


def test_l2_the_published_counts_of_all_499_runs(llmbar: Chosen, published: Any, syncode: Any) -> None:
    name = "{subset} {judge} {method}"
    table = llmbar()
    golden = gold(table)
    accuracy = {}
    for order, column in ORDERS:
        rows = verdicts(table, ((order, column),), name)
        found = syncode.run("agree", syncode.write("o.jsonl", rows + golden), "--gold", "gold", "--rounds", "0")
        accuracy[order] = by(found, "gold")
    doubles = by(syncode.run("agree", syncode.write("d.jsonl", verdicts(table, judge=name)), "--rounds", "0"), "judge")
    games = accuracy_games(table)
    for row, line in zip(games, [line for line in table for _ in ORDERS], strict=True):
        row["judge"] = name.format(**line)
    path = syncode.write("both.jsonl", games)
    board = syncode.run(
        "leaderboard", path, "--score", "pairwise", "--by", "judge", "--allow-missing", "--rounds", "10"
    )
    cells = next(row for row in board if row["model"] == "better")["by"]["judge"]
    unread = Counter(name.format(**line) for line in table if not line["winner_original"] + line["winner_swapped"])
    matching = 0
    for line in published.table("llmbar_published.csv"):
        run = name.format(**line)
        double = doubles[run]
        matching += (
            int(line["n"]),
            int(line["correct_original"]),
            int(line["correct_swapped"]),
            int(line["correct_both"]),
            int(line["equal"]),
        ) == (
            double["double_games"],
            accuracy["original"][run]["agree"],
            accuracy["swapped"][run]["agree"],
            round(cells[run]["win"] * cells[run]["n"]),
            double["consistent"] + unread[run],
        )
    assert matching == published.expected("L2")["runs_matching"] == 499


def test_l3_published_kappas_and_the_right_ones(llmbar: Chosen, published: Any, syncode: Any, tmp_path: Path) -> None:
    runs: dict[tuple[str, str, str], Table] = defaultdict(list)
    for line in llmbar():
        runs[(line["subset"], line["judge"], line["method"])].append(line)
    collapsed, real, gold_first = [], [], []
    for place, lines in enumerate(runs.values()):
        one = [
            [str(int(line[key] == "1")) for key in ("winner_original", "winner_swapped")] + [line["gold"]]
            for line in lines
        ]
        collapsed.append(syncode.sheet(f"c{place}.csv", ["original", "swapped", "gold"], one))
        raw = [[line[key] or "none" for key in ("winner_original", "winner_swapped")] for line in lines]
        real.append(syncode.sheet(f"r{place}.csv", ["original", "swapped"], raw))
        truth = [[line["winner_original"], line["gold"]] for line in lines]
        gold_first.append(syncode.sheet(f"g{place}.csv", ["original", "gold"], truth))

    def kappas(paths: list[str], first: str, second: str) -> list[float | None]:
        rows = syncode.run("agree ratings", *paths, "--rounds", "0")
        return [
            row["kappa"] for row in rows if row["kind"] == "raters" and (row["first"], row["second"]) == (first, second)
        ]

    printed = {
        (line["subset"], line["judge"], line["method"]): line for line in published.table("llmbar_published.csv")
    }
    ordered = [printed[key] for key in runs]

    def matching(values: list[float | None], column: str) -> list[bool]:
        # A kappa of two constant raters is undefined; LLMBar prints it as nan or 0/0.
        return [close(value, number(line[column])) for value, line in zip(values, ordered, strict=True)]

    orders = kappas(collapsed, "original", "swapped")
    assert sum(matching(orders, "kappa_agreement")) == 499
    to_gold = matching(kappas(collapsed, "original", "gold"), "kappa_original")
    to_gold += matching(kappas(collapsed, "swapped", "gold"), "kappa_swapped")
    assert sum(to_gold) == 998
    assert sum(not close(x, y) for x, y in zip(orders, kappas(real, "original", "swapped"), strict=True)) == 117
    assert sum(matching(kappas(gold_first, "original", "gold"), "kappa_original")) == 14


def number(text: str) -> float | None:
    return float(text) if text not in ("", "nan") else None


def close(x: float | None, y: float | None) -> bool:
    return x is None and y is None if x is None or y is None else abs(x - y) < 1e-9


def test_l4_position_of_all_plain_methods(llmbar: Chosen, published: Any, syncode: Any) -> None:
    path = syncode.write("plain.jsonl", verdicts(plain_methods(llmbar())))
    judges = by(syncode.run("agree", path, "--rounds", "0"), "judge")
    for name, expected in [("*", published.expected("L4")), *published.expected("L4a").items()]:
        row = judges[name]
        counts = ("double_games", "both_read", "consistent", "first_first", "second_second", "first", "decisive")
        keys = ("n", "both", "consistent", "first_first", "second_second", "first", "decisive")
        assert [row[key] for key in counts] == [expected[key] for key in keys]
        assert row["first_share"] == pytest.approx(expected["p_first"], abs=1e-9)
        assert [row["first_low"], row["first_high"]] == pytest.approx(expected["wilson"], abs=1e-9)
        assert row["first_error"] == pytest.approx(expected["se_cluster_item"], abs=1e-9)


def natural(llmbar: Chosen, judge: str | None = None) -> Table:
    rows = llmbar(subset="LLMBar/Natural", method="Vanilla")
    return [line for line in rows if judge is None or line["judge"] == judge]


@pytest.mark.parametrize("judge", ["GPT-4", "ChatGPT", "Falcon"])
def test_l5_one_judge_on_natural(judge: str, llmbar: Chosen, published: Any, syncode: Any) -> None:
    expected = published.expected("L5") if judge == "GPT-4" else published.expected("L5a")[judge]
    table = natural(llmbar, judge)
    path = syncode.write("games.jsonl", accuracy_games(table))
    row = next(row for row in syncode.run("leaderboard", path, "--score", "plain") if row["model"] == "better")
    assert row["score"] == pytest.approx(expected["acc"], abs=1e-12)
    assert row["row_error"] == pytest.approx(expected["se_row"], abs=1e-9)
    assert row["error"] == pytest.approx(expected["se_cluster"], abs=1e-9)
    pairs = next(row for row in syncode.run("leaderboard", path, "--score", "pairwise") if row["model"] == "better")
    assert pairs["wins"] == expected["both"]
    ours = next(row for row in syncode.run("leaderboard", path, "--score", "codearena") if row["model"] == "better")
    assert [ours["wins"], ours["ties"], ours["losses"]] == published.expected("L5b")[judge]
    for order, column in ORDERS:
        mine = syncode.write("order.jsonl", verdicts(table, ((order, column),)) + gold(table))
        found = by(syncode.run("agree", mine, "--gold", "gold", "--rounds", "0"), "gold")[judge]
        assert found["agree"] == expected[f"correct_{order}"]
        if order == "original":
            assert found["kappa"] == pytest.approx(expected["kappa_gold_true"], abs=1e-9)
    sheet = syncode.sheet("o.csv", ["o", "s"], [[line["winner_original"], line["winner_swapped"]] for line in table])
    between = syncode.run("agree ratings", sheet, "--rounds", "0")[0]
    assert between["agree"] == expected["consistent"]
    assert between["kappa"] == pytest.approx(expected["kappa_orders"], abs=1e-9)
    assert between["ac1"] == pytest.approx(expected["ac1_orders"], abs=1e-9)


@pytest.mark.parametrize(("judge", "check"), [("GPT-4", "L6"), ("ChatGPT", "L6_chatgpt")])
def test_l6_five_subsets_pooled(judge: str, check: str, llmbar: Chosen, published: Any, syncode: Any) -> None:
    expected = published.expected(check)
    table = [line for subset in FIVE_SUBSETS for line in llmbar(subset=subset, method="Vanilla", judge=judge)]
    assert len(table) == expected["items"]
    path = syncode.write("games.jsonl", accuracy_games(table))
    rows = syncode.run("leaderboard", path, "--score", "plain", "--allow-missing")
    row = next(row for row in rows if row["model"] == "better")
    assert (row["wins"], row["n"]) == (expected["correct"], 838)
    assert row["score"] == pytest.approx(expected["acc"], abs=1e-12)
    assert row["row_error"] == pytest.approx(expected["se_row"], abs=1e-9)
    assert row["error"] == pytest.approx(expected["se_cluster"], abs=1e-9)
    assert [row["low"], row["high"]] == pytest.approx(expected["boot95"], abs=0.003)


def test_l7_two_judges_compared(llmbar: Chosen, published: Any, syncode: Any) -> None:
    table = [line for line in natural(llmbar) if line["judge"] in ("GPT-4", "ChatGPT")]
    expected = published.expected("L7")
    for order, column in ORDERS:
        path = syncode.write("o.jsonl", verdicts(table, ((order, column),)) + gold(table))
        rows = syncode.run("agree", path, "--gold", "gold", "--rounds", "0")
        row = next(row for row in rows if row["kind"] == "gold_difference")
        assert (row["first"], row["second"]) == ("ChatGPT", "GPT-4")
        assert (row["only_second"], row["only_first"]) == (
            expected[order]["only_gpt4"],
            expected[order]["only_chatgpt"],
        )
        assert row["mcnemar"] == pytest.approx(expected[order]["p"], abs=1e-12)
        raters = next(row for row in rows if row["kind"] == "raters")
        assert raters["kappa"] == pytest.approx(expected[order]["kappa_judges"], abs=1e-9)
    path = syncode.write("both.jsonl", verdicts(table) + gold(table))
    rows = syncode.run("agree", path, "--gold", "gold", "--score", "plain", "--rounds", "0")
    row = next(row for row in rows if row["kind"] == "gold_difference")
    assert -row["difference"] == pytest.approx(expected["paired_difference"]["mean"], abs=1e-12)
    assert row["error"] == pytest.approx(expected["paired_difference"]["se"], abs=1e-9)


def test_l8_fifteen_differences_and_holm(llmbar: Chosen, published: Any, syncode: Any) -> None:
    table = natural(llmbar)
    expected = published.expected("L8")
    path = syncode.write("six.jsonl", verdicts(table) + gold(table))
    # PaLM2 lost 4 of its 200 verdicts, and the published scores count them as wrong.
    left_out = syncode.run("agree", path, "--gold", "gold", "--score", "plain", "--rounds", "0")
    assert {row["judge"]: row["bound_low"] for row in left_out if row["kind"] == "gold"} == pytest.approx(
        expected["scores"]
    )
    assert significant(left_out) == (9, 7)
    rows = syncode.run("agree", path, "--gold", "gold", "--score", "plain", "--missing", "wrong", "--rounds", "0")
    assert {row["judge"]: row["accuracy"] for row in rows if row["kind"] == "gold"} == pytest.approx(expected["scores"])
    assert significant(rows) == (9, 6)
    pairs = [row for row in rows if row["kind"] == "gold_difference"]
    assert len(pairs) == 15
    for row in pairs:
        names = (f"{row['first']}/{row['second']}", f"{row['second']}/{row['first']}")
        raw, holm = next(expected["p_raw_and_holm"][name] for name in names if name in expected["p_raw_and_holm"])
        assert (row["p"], row["holm"]) == (pytest.approx(raw, rel=1e-6), pytest.approx(holm, rel=1e-6))


def significant(rows: Rows) -> tuple[int, int]:
    pairs = [row for row in rows if row["kind"] == "gold_difference"]
    return sum(row["p"] < 0.05 for row in pairs), sum(row["holm"] < 0.05 for row in pairs)


def test_l9_alpha_and_majority_of_six_judges(llmbar: Chosen, published: Any, syncode: Any) -> None:
    table = natural(llmbar)
    expected = published.expected("L9")
    for order, column in ORDERS:
        path = syncode.write("o.jsonl", verdicts(table, ((order, column),)))
        panel = by(syncode.run("agree", path, "--rounds", "0"), "panel", "kind")["panel"]
        assert panel["alpha_nominal"] == pytest.approx(expected[f"alpha_{order}"], abs=1e-9)
        assert panel["missing"] == 2
    path = syncode.write("games.jsonl", accuracy_games(table, ORDERS[:1]))
    rows = syncode.run("leaderboard", path, "--score", "plain", "--panel", "majority")
    assert next(row for row in rows if row["model"] == "better")["wins"] == expected["majority_correct"] == 81


def test_the_fixture_reads_what_the_folder_holds(published: Any) -> None:
    with (published.folder / "llmbar_published.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 499
    assert json.loads((published.folder / "expected.json").read_text(encoding="utf-8"))["L1"]["rows"] == 40413
