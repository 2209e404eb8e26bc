"""PandaLM (arXiv 2306.05087): 999 pairs labelled by three people and two judges, every number through the command line."""

from typing import Any

import pytest

pytestmark = pytest.mark.shared

Table = list[dict[str, str]]
Rows = list[dict[str, Any]]
LABELS = {"1": "A>B", "2": "B>A", "0": "A=B", "Tie": "A=B"}
PEOPLE = ("ann1", "ann2", "ann3")
JUDGES = ("gpt35", "pandalm7b")


@pytest.fixture(scope="session")
def pandalm(published: Any) -> Table:
    lines: Table = published.table("pandalm_labels.csv")
    return lines


def rows_of(table: Table, raters: tuple[str, ...], unreadable: str | None = None) -> Rows:
    """Return one verdict row a label; `garbage` is the label `unreadable`, a missing verdict where that is None."""
    rows = []
    for line in table:
        for rater in raters:
            label = LABELS.get(line[rater], unreadable)
            rows.append(
                {
                    "task_id": line["idx"],
                    "question": line["question"],
                    "model_a": line["model_1"],
                    "model_b": line["model_2"],
                    "judge": rater,
                    "label": label,
                    "state": "ok" if label else "unparsed",
                    "lengths": [int(line["chars1"]), int(line["chars2"])],
                }
            )
    return rows


HUMAN = [flag for person in PEOPLE for flag in ("--human", person)]


def run(syncode: Any, rows: Rows, *flags: str) -> Rows:
    path = syncode.write("rows.jsonl", rows)
    found: Rows = syncode.run("agree", path, *HUMAN, "--cluster", "question", "--rounds", "0", *flags)
    return found


def test_p1_p2_p3_people_among_themselves(published: Any, syncode: Any) -> None:
    sheet = str(published.folder / "pandalm_labels.csv")
    raters = [flag for person in PEOPLE for flag in ("--rater", person)]
    rows = syncode.run("agree ratings", sheet, *raters, "--labels", "1,0,2", "--cluster", "question", "--rounds", "0")
    panel, p1, p3 = rows[-1], published.expected("P1"), published.expected("P3")
    assert (panel["all_units"], panel["questions"], panel["unanimous"], panel["no_majority"]) == (999, 170, 879, 0)
    assert panel["all_units"] - panel["unanimous"] == p1["two_one"] == 120
    assert panel["majority"] == [422, 105, 472]  # labels 1, 0, 2
    for level in ("nominal", "ordinal", "interval"):
        assert panel[f"alpha_{level}"] == pytest.approx(p3[f"alpha_{level}"], abs=1e-9)
    assert panel["fleiss"] == pytest.approx(p3["fleiss"], abs=1e-9)
    for row in rows[:-1]:
        expected = published.expected("P2")[f"{row['first'][-1]}-{row['second'][-1]}"]
        assert row["agree"] == expected["agree"]
        for ours, theirs in (("kappa", "kappa"), ("ac1", "ac1"), ("kappa_linear", "kappa_linear")):
            assert row[ours] == pytest.approx(expected[theirs], abs=1e-9)


def test_p2_p3_the_same_through_verdict_rows(pandalm: Table, published: Any, syncode: Any) -> None:
    rows = run(syncode, rows_of(pandalm, PEOPLE))
    pairs = [row for row in rows if row["kind"] == "raters"]
    assert [row["kappa"] for row in pairs] == pytest.approx([0.8520226785, 0.8789438113, 0.8616614540], abs=1e-9)
    panel = next(row for row in rows if row["kind"] == "panel")
    assert panel["alpha_ordinal"] == pytest.approx(published.expected("P3")["alpha_ordinal"], abs=1e-9)


def test_p4_p6_judges_against_the_majority(pandalm: Table, published: Any, syncode: Any) -> None:
    rows = run(syncode, rows_of(pandalm, (*PEOPLE, *JUDGES), unreadable="A=B"))
    for row in (row for row in rows if row["kind"] == "gold"):
        expected = published.expected("P4a")[row["judge"]]
        swap = [1, 0, 2]  # ours is first, tie, second; PandaLM's is 0 (tie), 1, 2
        assert [[row["confusion"][i][j] for j in swap] for i in swap] == published.expected("P4")[row["judge"]]
        assert row["accuracy"] == pytest.approx(expected["acc"], abs=1e-12)
        for ours, theirs in (("macro_precision", "macro_p"), ("macro_recall", "macro_r"), ("macro_f1", "macro_f1")):
            assert row[ours] == pytest.approx(expected[theirs], abs=1e-9)
        assert row["kappa"] == pytest.approx(expected["kappa"], abs=1e-9)
        errors = published.expected("P6")[row["judge"]]
        assert row["row_error"] == pytest.approx(errors["se_row"], abs=1e-9)
        assert row["accuracy_error"] == pytest.approx(errors["se_cluster"], abs=1e-9)


def test_p5_unreadable_replies_are_missing_and_no_ties(pandalm: Table, published: Any, syncode: Any) -> None:
    expected = published.expected("P5")
    rows = run(syncode, rows_of(pandalm, (*PEOPLE, "gpt35")))
    row = next(row for row in rows if row["kind"] == "gold")
    assert row["coverage"] == pytest.approx(expected["coverage"], abs=1e-12)
    assert (row["missing"], row["agree"], row["n"]) == (25, 697, 974)
    assert row["accuracy"] == pytest.approx(expected["accuracy_parsed"], abs=1e-12)
    assert (row["bound_low"], row["bound_high"]) == pytest.approx((expected["bound_low"], expected["bound_high"]))
    assert row["kappa"] == pytest.approx(expected["kappa_parsed"], abs=1e-9)
    assert row["ac1"] == pytest.approx(expected["ac1_parsed"], abs=1e-9)
    as_ties = next(row for row in run(syncode, rows_of(pandalm, (*PEOPLE, "gpt35"), "A=B")) if row["kind"] == "gold")
    assert as_ties["agree"] - row["agree"] == expected["missing_scored_correct_as_tie"] == 13


def test_p5_a_leaderboard_of_such_a_judge_is_incomplete(pandalm: Table, syncode: Any) -> None:
    path = syncode.write("judge.jsonl", rows_of(pandalm, ("gpt35",)))
    assert len(syncode.run("leaderboard", path, code=3)) == 5
    assert len(syncode.run("leaderboard", path, "--allow-missing")) == 5


def test_p7_the_longer_answer_is_preferred(pandalm: Table, published: Any, syncode: Any) -> None:
    rows = run(syncode, rows_of(pandalm, (*PEOPLE, *JUDGES), unreadable="A=B"))
    found = {row["judge"]: [row["more"], row["of"]] for row in rows if row["kind"] == "style"}
    names = {"people": "people's majority", "gpt35": "gpt35", "pandalm7b": "pandalm7b"}
    assert {name: found[names[name]] for name in names} == published.expected("P7")


def test_p8_a_model_against_the_field_by_the_majority(pandalm: Table, published: Any, syncode: Any) -> None:
    path = syncode.write("people.jsonl", rows_of(pandalm, PEOPLE))
    rows = syncode.run("leaderboard", path, "--panel", "majority", "--cluster", "question")
    for row in rows:
        expected = published.expected("P8")[row["model"]]
        assert row["n"] == expected["n"]
        assert row["score"] == pytest.approx(expected["mean"], abs=1e-12)
        assert row["error"] == pytest.approx(expected["se_cluster"], abs=1e-9)
        assert row["row_error"] == pytest.approx(expected["se_row"], abs=1e-9)


@pytest.mark.parametrize("judge", JUDGES)
def test_p9_win_rate_corrected_by_a_few_labels(judge: str, pandalm: Table, published: Any, syncode: Any) -> None:
    mine = [line for line in pandalm if "llama-7b" in (line["model_1"], line["model_2"])]
    rows = rows_of(mine[::5], PEOPLE) + rows_of(mine, (judge,), unreadable="A=B")
    path = syncode.write("rows.jsonl", rows)
    found = syncode.run("agree", path, *HUMAN, "--rounds", "0")
    row = next(row for row in found if row["kind"] == "corrected" and row["model"] == "llama-7b")
    expected = published.expected("P9")[judge]
    assert (row["labelled"], row["unlabelled"]) == (expected["n_labelled"], expected["n_unlabelled"]) == (85, 336)
    for ours, theirs in (
        ("people", "human_labelled"), ("people_error", "se_labelled"), ("judge_mean", "judge_all"),
        ("full_trust", "ppi"), ("full_trust_error", "se_ppi"), ("power", "lam"),
    ):  # fmt: skip
        assert row[ours] == pytest.approx(expected[theirs], abs=1e-6), ours
    assert row["corrected"] == pytest.approx(expected["ppi_tuned"], abs=5e-4)
    assert row["corrected_error"] == pytest.approx(expected["se_tuned"], abs=5e-4)
