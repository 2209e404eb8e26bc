"""A table of votes made here, through the command line, against independent packages: nothing published is needed.

Six models of known strength, 60 questions, three people and a judge that likes the first place. The packages that say what is
right (evalica, krippendorff, scikit-learn, statsmodels) share no code with this repository.
"""

import csv
import math
from collections.abc import Mapping
from importlib import import_module
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

# Their types are of no use here, and some have none.
evalica: Any = import_module("evalica")
krippendorff: Any = import_module("krippendorff")
metrics: Any = import_module("sklearn.metrics")
inter_rater: Any = import_module("statsmodels.stats.inter_rater")
multitest: Any = import_module("statsmodels.stats.multitest")

Rows = list[dict[str, Any]]
STRENGTH = {"alder": 1.2, "birch": 0.7, "cedar": 0.3, "elm": 0.0, "fir": -0.6, "hazel": -1.1}
PEOPLE = ("ann", "bob", "cyd")
HUMAN = [flag for person in PEOPLE for flag in ("--human", person)]
LABELS = ("A>B", "A=B", "B>A")
TIGHT = ("--ridge", "1e-9", "--rounds", "10")


def votes() -> Rows:
    """Return 60 questions x 15 pairs x 4 raters: the stronger model wins more often, a tenth are ties."""
    random = Random(11)
    rows: Rows = []
    for question in range(60):
        for pair in combinations(STRENGTH, 2):
            first, second = random.sample(pair, 2)
            edge = STRENGTH[first] - STRENGTH[second] + random.gauss(0, 0.4)
            for rater in (*PEOPLE, "judge"):
                lean = edge + (0.5 if rater == "judge" else 0.0)
                draw = random.random()
                won = random.random() < 1 / (1 + math.exp(-2 * lean))
                label = "A=B" if draw < 0.1 else "A>B" if won else "B>A"
                rows.append(
                    {"task_id": f"q{question}", "model_a": first, "model_b": second, "judge": rater, "label": label}
                )
    return rows


VOTES = votes()


def labels_of(rater: str) -> list[str]:
    return [str(row["label"]) for row in VOTES if row["judge"] == rater]


def majority(rows: Rows) -> dict[tuple[str, str, str], str]:
    """Return what two of three people say of each pair; pairs where all three differ have no entry."""
    said: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if row["judge"] in PEOPLE:
            said.setdefault((row["task_id"], row["model_a"], row["model_b"]), []).append(row["label"])
    return {pair: max(labels, key=labels.count) for pair, labels in said.items() if len(set(labels)) < 3}


def test_ratings_of_three_people(syncode: Any) -> None:
    columns = [labels_of(person) for person in PEOPLE]
    sheet = syncode.sheet("people.csv", list(PEOPLE), zip(*columns, strict=True))
    found = syncode.run("agree ratings", sheet, "--labels", ",".join(LABELS), "--rounds", "0")
    *pairs, panel = found
    for row, (one, other) in zip(pairs, combinations(columns, 2), strict=True):
        assert row["agree"] == sum(a == b for a, b in zip(one, other, strict=True))
        assert row["kappa"] == pytest.approx(metrics.cohen_kappa_score(one, other), abs=1e-12)
        linear = metrics.cohen_kappa_score(one, other, labels=list(LABELS), weights="linear")
        assert row["kappa_linear"] == pytest.approx(linear, abs=1e-12)
    coded = np.array([[LABELS.index(label) for label in column] for column in columns], dtype=float)
    for level in ("nominal", "ordinal", "interval"):
        right = krippendorff.alpha(reliability_data=coded, level_of_measurement=level)
        assert panel[f"alpha_{level}"] == pytest.approx(right, abs=1e-12)
    table, _ = inter_rater.aggregate_raters(coded.T.astype(int))
    assert panel["fleiss"] == pytest.approx(inter_rater.fleiss_kappa(table), abs=1e-12)


def test_ratings_of_the_models(syncode: Any) -> None:
    path = syncode.write("votes.jsonl", [row for row in VOTES if row["judge"] == "ann"])
    kinds = [flag for kind in ("bt", "elo", "counting", "average") for flag in ("--rating", kind)]
    found = {row["model"]: row for row in syncode.run("leaderboard", path, *kinds, *TIGHT)}
    ann = [row for row in VOTES if row["judge"] == "ann"]
    winner = {"A>B": evalica.Winner.X, "B>A": evalica.Winner.Y, "A=B": evalica.Winner.Draw}
    games = [[row["model_a"] for row in ann], [row["model_b"] for row in ann], [winner[row["label"]] for row in ann]]
    logs = np.log(evalica.bradley_terry(*games, tolerance=1e-12, limit=10_000).scores)
    for model, value in (logs - logs.mean()).items():
        assert found[model]["rating"] == pytest.approx(value, abs=1e-6), model
    for field, theirs in (
        ("counting", evalica.counting),
        ("average_win_rate", evalica.average_win_rate),
        ("elo_sequential", evalica.elo),
    ):
        for model, value in theirs(*games).scores.items():
            assert found[model][field] == pytest.approx(value, abs=1e-9), (field, model)
    assert sorted(found, key=lambda model: -found[model]["rating"]) == list(STRENGTH)


def test_differences_of_all_pairs_are_corrected_as_holm_says(syncode: Any) -> None:
    few = [row for row in VOTES if row["judge"] == "ann" and int(row["task_id"][1:]) < 10]
    path = syncode.write("votes.jsonl", few)
    pairs = syncode.run("leaderboard pairs", path, "--rating", "bt", *TIGHT[:2])
    assert len(pairs) == 15
    significant, _, _, _ = multitest.multipletests([row["p"] for row in pairs], alpha=0.05, method="holm")
    assert [row["significant"] for row in pairs] == list(significant)
    assert 0 < sum(significant) < 15


def test_a_judge_against_the_majority_of_people(syncode: Any) -> None:
    truth_of = majority(VOTES)
    rows = [row for row in VOTES if (row["task_id"], row["model_a"], row["model_b"]) in truth_of]
    found = syncode.run("agree", syncode.write("votes.jsonl", rows), *HUMAN, "--rounds", "0")
    gold = next(row for row in found if row["kind"] == "gold" and row["judge"] == "judge")
    judged = [row for row in rows if row["judge"] == "judge"]
    label = [row["label"] for row in judged]
    truth = [truth_of[row["task_id"], row["model_a"], row["model_b"]] for row in judged]
    assert gold["n"] == len(judged) < 900
    assert gold["accuracy"] == pytest.approx(metrics.accuracy_score(truth, label), abs=1e-12)
    assert gold["kappa"] == pytest.approx(metrics.cohen_kappa_score(truth, label), abs=1e-12)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, label, labels=list(LABELS), average="macro"
    )
    assert [gold[f"macro_{name}"] for name in ("precision", "recall", "f1")] == pytest.approx(
        [precision, recall, f1], abs=1e-12
    )
    assert gold["confusion"] == metrics.confusion_matrix(truth, label, labels=list(LABELS)).tolist()


def table(sizes: dict[str, int], models: int) -> list[dict[str, Any]]:
    """Return wins and ties of models in each group, as whole numbers."""
    random = Random(5)
    rows = []
    for _ in range(models):
        wins = {group: random.randrange(1, size) for group, size in sizes.items()}
        rows.append(
            {"wins": wins, "ties": {group: random.randrange(size - wins[group] + 1) for group, size in sizes.items()}}
        )
    return rows


def percent(part: int, whole: int) -> str:
    return f"{math.floor(1000 * part / whole + 0.5) / 10:.1f}"


def printed(
    sizes: dict[str, int], rows: list[dict[str, Any]], orders: Mapping[int, tuple[str, ...]], path: Path
) -> None:
    """Write the table as a paper prints it; `orders` has the groups in the order in which a row really lists them."""
    total = sum(sizes.values())
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ["model", *(f"{group}_{kind}" for group in sizes for kind in ("win", "tie")), "avg_win", "avg_tie"]
        )
        for number, row in enumerate(rows):
            cells = [
                percent(row[kind][group], sizes[group])
                for group in orders.get(number, tuple(sizes))
                for kind in ("wins", "ties")
            ]
            out.writerow(
                [f"m{number}", *cells, *(percent(sum(row[kind].values()), total) for kind in ("wins", "ties"))]
            )


SIZES = {"web": 41, "data": 87, "tools": 59}


def test_a_table_with_exchanged_columns_is_put_in_order(syncode: Any, tmp_path: Path) -> None:
    rows = table(SIZES, 6)
    orders = {2: ("data", "web", "tools"), 4: ("tools", "data", "web")}
    printed(SIZES, rows, orders, tmp_path / "printed.csv")
    claims = ("--sizes", ",".join(f"{group}={size}" for group, size in SIZES.items()), "--n", "187")
    found = syncode.run("leaderboard verify", str(tmp_path / "printed.csv"), *claims, code=3)
    lines = [row for row in found if row["kind"] == "row"]
    assert [row["model"] for row in lines if "permuted columns" in row["defects"]] == ["m2", "m4"]
    for row, truth in zip(lines, rows, strict=True):
        assert {group: cell["wins"] for group, cell in row["cells"].items()} == truth["wins"]
        assert {group: cell["ties"] for group, cell in row["cells"].items()} == truth["ties"]


def test_a_table_in_order_is_accepted(syncode: Any, tmp_path: Path) -> None:
    printed(SIZES, table(SIZES, 6), {}, tmp_path / "printed.csv")
    claims = ("--sizes", ",".join(f"{group}={size}" for group, size in SIZES.items()), "--n", "187")
    found = syncode.run("leaderboard verify", str(tmp_path / "printed.csv"), *claims)
    assert all(row["defects"] == [] for row in found if row["kind"] == "row")
