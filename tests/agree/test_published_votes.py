"""llmfao and evalica: 8,931 votes of 124 people on 59 models, and reference ratings, through the command line."""

import math
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest

pytestmark = pytest.mark.shared

Rows = list[dict[str, Any]]
Votes = Callable[[str], Rows]
# By gpt3 two models met the same opponents equally often and won 20 of 39 games each: their ratings are equal, exactly. The
# printed correlations (0.715605, 0.539451) have them apart, by rounding errors of the solver behind them.
TIED = {"gpt3": (0.7157030348957285, 0.5401929491237923)}
TIGHT = ("--ridge", "1e-9", "--rounds", "10")


def board(syncode: Any, rows: Rows, *flags: str) -> dict[str, Any]:
    found = syncode.run("leaderboard", syncode.write("votes.jsonl", rows), *flags)
    return {row["model"]: row for row in found}


def test_f1_counts(votes: Votes, syncode: Any) -> None:
    rows = votes("crowd")
    panel = people(syncode, rows)
    assert (panel["all_units"], panel["raters"]) == (2139, 124)
    assert panel["labels_a_unit"] == {"1": 15, "2": 110, "3": 358, "4": 658, "5": 998}
    assert sum(int(size) * count for size, count in panel["labels_a_unit"].items()) == 8931
    by_prompt = board(syncode, rows, "--cluster", "prompt", "--rounds", "10")
    assert len(by_prompt) == 59 and max(row["clusters"] for row in by_prompt.values()) == 13


def people(syncode: Any, rows: Rows) -> Any:
    found = syncode.run("agree", syncode.write("v.jsonl", rows), "--rounds", "0")
    return next(row for row in found if row["kind"] == "panel")


def test_f2_first_share(votes: Votes, published: Any, syncode: Any) -> None:
    for name, expected in published.expected("F2").items():
        path = syncode.write("v.jsonl", votes(name))
        rows = syncode.run("agree", path, "--rounds", "0")
        row = next(row for row in rows if row["kind"] == "judge" and row["judge"] in (name, "people"))
        counts = (row["first"], row["decisive"] - row["first"], row["ties"])
        assert counts == (expected["left"], expected["right"], expected["tie"])
        assert row["first_share"] == pytest.approx(expected["first_share"], abs=1e-12)
        assert [row["first_low"], row["first_high"]] == pytest.approx(expected["wilson"], abs=1e-9)


@pytest.mark.parametrize(("name", "close"), [("llmfao", 1e-6), ("food", 1e-6), ("simple", 1.1e-6)])
def test_f3_ratings_equal_evalicas(name: str, close: float, published: Any, votes: Votes, syncode: Any) -> None:
    label = {"left": "A>B", "right": "B>A", "tie": "A=B"}
    if name == "llmfao":
        rows = votes("crowd")
    else:
        table = [line for line in published.table(f"evalica_{name}.csv") if line["winner"] in label]
        rows = [
            {"task_id": str(number), "model_a": line["left"], "model_b": line["right"], "label": label[line["winner"]]}
            for number, line in enumerate(table)
        ]
    ratings = [flag for kind in ("bt", "elo", "counting", "average") for flag in ("--rating", kind)]
    found = board(syncode, rows, *ratings, "--rounds", "10")
    golden: dict[str, dict[str, float]] = {}
    for line in published.table(f"evalica_{name}_golden.csv"):
        golden.setdefault(line["algorithm"], {})[line["item"]] = float(line["score"])
    logs = {item: math.log(score) for item, score in golden["bradley_terry"].items()}
    centre = sum(logs.values()) / len(logs)
    assert max(abs(found[item]["rating"] - (value - centre)) for item, value in logs.items()) < close
    for ours, theirs in (("counting", "counting"), ("average_win_rate", "average_win_rate"), ("elo_sequential", "elo")):
        assert max(abs(found[item][ours] - score) for item, score in golden[theirs].items()) <= 1e-9, theirs


def test_f4_first_and_last(votes: Votes, published: Any, syncode: Any) -> None:
    found = board(syncode, votes("crowd"), "--rating", "bt", "--rating", "counting", "--rounds", "10")
    ordered = sorted(found.values(), key=lambda row: -float(row["rating"]))
    expected = published.expected("F4")
    for row, (name, theta, points) in zip(ordered, expected["top5_theta_elo"], strict=False):
        assert row["model"] == name
        assert row["rating"] == pytest.approx(theta, abs=1e-6)
        assert row["rating_elo"] - 1000 == pytest.approx(points, abs=1e-3)
    for row, (name, theta) in zip(ordered[-3:], expected["bottom3_theta"], strict=True):
        assert (row["model"], row["rating"]) == (name, pytest.approx(theta, abs=1e-6))
    assert max(found.values(), key=lambda row: float(row["counting"]))["model"] == "Weaver 12k"


def test_f5_errors_by_cluster(votes: Votes, published: Any, syncode: Any) -> None:
    rows = [{**row, "vote": str(number)} for number, row in enumerate(votes("crowd"))]
    medians = {}
    for cluster, field in (("vote", "vote"), ("pair", "task_id"), ("worker", "worker"), ("prompt", "prompt")):
        found = board(syncode, rows, "--rating", "bt", "--cluster", field, *TIGHT)
        expected = published.expected("F5")[cluster]
        medians[cluster] = [row["rating_error"] for row in found.values()]
        assert median(medians[cluster]) == pytest.approx(expected["median_se"], abs=1e-6)
        assert found["GPT 4"]["rating_error"] == pytest.approx(expected["gpt4_se"], abs=1e-6)
        if cluster == "pair":
            by_pair = {name: row["rating_error"] for name, row in found.items()}
        if cluster == "vote":
            by_vote = {name: row["rating_error"] for name, row in found.items()}
    ratio = median(by_pair[name] / by_vote[name] for name in by_pair)
    assert ratio == pytest.approx(published.expected("F5")["median_ratio_pair_over_vote"], abs=1e-6)


def test_f6_pairs_of_models(votes: Votes, published: Any, syncode: Any) -> None:
    expected = published.expected("F6")
    rows = votes("crowd")
    pairs = syncode.run("leaderboard pairs", syncode.write("v.jsonl", rows), "--rating", "bt", *TIGHT[:2])
    assert len(pairs) == expected["pairs"] == 1711
    assert sum(row["p"] < 0.05 for row in pairs) == expected["raw_below_0_05"] == 999
    assert sum(row["significant"] for row in pairs) == expected["holm_below_0_05"] == 517
    found = board(syncode, rows, "--rating", "bt", *TIGHT)
    apart = [(found[row["model_a"]], found[row["model_b"]]) for row in pairs]
    assert sum(high["rating_low"] > low["rating_high"] for high, low in apart) == 780
    assert sum(row["rating_rank_upper_bound"] == 1 for row in found.values()) == 17


def test_f7_people_among_themselves(votes: Votes, published: Any, syncode: Any) -> None:
    expected = published.expected("F7")
    panel = people(syncode, votes("crowd"))
    assert panel["alpha_nominal"] == pytest.approx(expected["alpha_nominal"], abs=1e-9)
    assert panel["alpha_ordinal"] == pytest.approx(expected["alpha_ordinal"], abs=1e-9)
    assert panel["units"] == expected["pairs_with_2_votes"]
    left, tie, right = panel["majority"]
    assert (left, tie + panel["no_majority"], right) == (559, 1080, 500)
    assert [panel["one_against_rest"], panel["one_against_rest_of"], panel["ceiling"]] == expected["one_vote_vs_rest"]


def test_f8_judges_against_people(votes: Votes, published: Any, syncode: Any) -> None:
    path = syncode.write("all.jsonl", votes("crowd") + votes("gpt4") + votes("gpt3"))
    rows = syncode.run("agree", path, "--rounds", "0")
    gold = {row["judge"]: row for row in rows if row["kind"] == "gold"}
    system = {(row["first"], row["second"]): row for row in rows if row["kind"] == "system"}
    for judge, expected in (("gpt4", published.expected("F8")), ("gpt3", published.expected("F8a")["gpt3"])):
        row = gold[judge]
        assert (row["agree"], row["n"]) == (expected["agree"], 2139)
        assert row["confusion"] == expected["confusion_left_tie_right"]
        assert (row["decided_agree"], row["decided"]) == (expected["no_tie_agree"], expected["no_tie_n"])
        for name in ("kappa", "kappa_linear", "ac1"):
            assert row[name] == pytest.approx(expected[name], abs=1e-9)
        ranks = system.get(("people", judge)) or system[(judge, "people")]
        spearman, kendall = TIED.get(judge, (expected["spearman"], expected["kendall_b"]))
        assert (ranks["spearman"], ranks["kendall"]) == (pytest.approx(spearman), pytest.approx(kendall))
        assert abs(ranks["spearman"] - expected["spearman"]) < 1e-4
    between = next(row for row in rows if row["kind"] == "raters")
    expected = published.expected("F8a")["gpt4_against_gpt3"]
    assert (between["agree"], between["kappa"]) == (expected["agree"], pytest.approx(expected["kappa"], abs=1e-9))


def test_f9_rank_of_one_model_by_each_judge(votes: Votes, published: Any, syncode: Any) -> None:
    for name, rank in published.expected("F9").items():
        found = board(syncode, votes(name), "--rating", "bt", "--rounds", "10")
        assert found["GPT 4"]["rating_rank"] == rank


def styled(rows: Rows, published: Any) -> Rows:
    """Return the rows with the number of words of both answers, as `judge` would write it."""
    words = {(line["prompt"], line["name"]): int(line["words"]) for line in published.table("llmfao_style.csv")}
    return [
        {
            **row,
            "style_a": {"tokens": words[(row["prompt"], row["model_a"])]},
            "style_b": {"tokens": words[(row["prompt"], row["model_b"])]},
        }
        for row in rows
    ]


@pytest.mark.parametrize("name", ["crowd", "gpt4", "gpt3"])
def test_f10_length(name: str, votes: Votes, published: Any, syncode: Any) -> None:
    rows = styled(votes(name), published)
    path = syncode.write("v.jsonl", rows)
    expected = published.expected("F10")[name]
    pooled = syncode.write("one.jsonl", [{**row, "judge": "all"} for row in rows])
    style = next(row for row in syncode.run("agree", pooled, "--rounds", "0") if row["kind"] == "style")
    assert [style["more"], style["of"]] == [expected["prefers_longer"], expected["decisive"]]
    (length,) = syncode.run("leaderboard control", path, "--length-control", *TIGHT[:2])
    assert length["gamma"] == pytest.approx(expected["gamma"], abs=1e-6)
    assert length["error"] == pytest.approx(expected["se_pair"], abs=1e-6)
    both = syncode.run("leaderboard control", path, "--length-control", "--position-control", *TIGHT[:2])
    expected = published.expected("F10a")[name]
    assert [row["feature"] for row in both] == ["tokens", "position"]
    assert [row["gamma"] for row in both] == pytest.approx(
        [expected["gamma_with_position"], expected["position"]], abs=1e-5
    )


def test_k1_krippendorffs_own_example(published: Any, syncode: Any) -> None:
    expected = published.expected("K1")
    flags = ("--no-header", "--transposed", "--rounds", "0")
    panel = syncode.run("agree ratings", str(published.folder / "evalica_codings.csv"), *flags)[-1]
    assert panel["alpha_nominal"] == pytest.approx(904 / 1216, abs=1e-9)
    for level in ("nominal", "ordinal", "interval"):
        assert panel[f"alpha_{level}"] == pytest.approx(expected[f"codings_{level}"], abs=1e-9)
    panel = syncode.run("agree ratings", str(published.folder / "evalica_gcl.csv"), *flags)[-1]
    assert panel["alpha_nominal"] == pytest.approx(expected["gcl_nominal"], abs=1e-9)
