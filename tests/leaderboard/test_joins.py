"""A table is never silently about something else: contents, baselines, grain, and the order of rows."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from syncode.errors import DataError, RowError, UsageError
from syncode.schemas.records import Row
from syncode.stages.agree.report import report
from syncode.stages.agree.settings import AgreeOptions
from syncode.stages.leaderboard.best import best_rows
from syncode.stages.leaderboard.build import boards, build, complaint
from syncode.stages.leaderboard.pairs import control_facts, pair_rows
from syncode.stages.leaderboard.prepared import flagged_tasks
from syncode.stages.leaderboard.questions.beside import beside
from syncode.stages.leaderboard.questions.results import results_of
from syncode.stages.leaderboard.questions.units import unit_rows
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.text.digests import answer_sha
from syncode.verdicts.games import Choice, collect
from syncode.verdicts.known import known_tasks
from syncode.verdicts.texts import texts_of

OPTIONS = BoardOptions(rounds=20)
MODELS = ("x", "y", "z")
LABELS = ("A>>B", "A>B", "A=B", "B>A", "B>>A")


def sha(*parts: object) -> str:
    return f"{abs(hash(parts)):032x}"[:32]


def game(question: int, model: str, number: int, baseline: str = "base", **more: Any) -> Row:
    """Return one game as `judge` writes it; the label is drawn by its names."""
    sides = (baseline, model) if number == 0 else (model, baseline)
    label = random.Random(f"{question}{model}{number}{baseline}").choice(LABELS)
    return {
        "id": f"{question} {model} {number} {baseline}",
        "task_id": f"q{question}",
        "model_a": sides[0],
        "model_b": sides[1],
        "order": "candidate_first" if number else "baseline_first",
        "judge": "j",
        "protocol": "codearena",
        "label": label,
        "value": 2 - LABELS.index(label),
        "state": "ok",
        "game": number,
        "games": 2,
        "baseline": baseline,
        "question_sha": sha(question),
        "answer_a": f"{sides[0]} {question}",
        "answer_b": f"{sides[1]} {question}",
        "answer_sha_a": sha(question, sides[0]),
        "answer_sha_b": sha(question, sides[1]),
        "category": ("web", "data")[question % 2],
        "style_a": {"tokens": 10 + question + len(sides[0])},
        "style_b": {"tokens": 20 - question + number},
        **more,
    }


def verdicts(questions: int = 12, models: tuple[str, ...] = MODELS, **more: Any) -> list[Row]:
    return [game(q, m, n, **more) for q in range(questions) for m in models for n in (0, 1)]


def run(question: int, model: str, **more: Any) -> Row:
    passed = (question + len(model)) % 3 > 0
    return {
        "id": f"run {question} {model}",
        "of": f"{model} {question}",
        "task_id": f"q{question}",
        "model": model,
        "state": "pass" if passed else "fail",
        "passed": passed,
        "seconds": 0.1,
        "toolchain": "python",
        "answer_sha": sha(question, model),
        "tests_sha": sha("tests", question),
        **more,
    }


def runs(questions: int = 12) -> list[Row]:
    return [run(q, m) for q in range(questions) for m in ("base", *MODELS)]


def by_model(rows: list[Row], **options: Any) -> dict[str, Row]:
    return {row["model"]: row for row in build(rows, replace(OPTIONS, **options), 0).rows}


Made = Callable[[list[Row]], Any]
TABLES: dict[str, Made] = {
    "board": lambda rows: build(rows, replace(OPTIONS, by=("category", "judge"), rating=("bt",)), 0).rows,
    "plain": lambda rows: build(rows, replace(OPTIONS, score="plain", by=("game", "opponent")), 0).rows,
    "facts": lambda rows: build(rows, replace(OPTIONS, style_control=False, length_control=True), 0).facts,
    "panel": lambda rows: build(rows, replace(OPTIONS, panel="majority", score="plain"), 0).rows,
    "cluster": lambda rows: build(rows, replace(OPTIONS, cluster="category"), 0).rows,
    "pairs": lambda rows: pair_rows(rows, replace(OPTIONS, by=("category",)), 0),
    "best": lambda rows: best_rows(rows, replace(OPTIONS, by=("category",)), 0),
    "control": lambda rows: control_facts(rows, replace(OPTIONS, length_control=True, by=("category",)), 0),
    "agree": lambda rows: report(rows, AgreeOptions(rounds=10, by=("category",)), 0),
}


@pytest.mark.parametrize("table", TABLES)
def test_the_order_of_rows_moves_nothing(table: str) -> None:
    other = [{**row, "id": f"j2 {row['id']}", "judge": "j2"} for row in verdicts()[::2]]
    mixed = [{**row, "category": "odd"} if row["id"].startswith("3 x") else row for row in verdicts()]
    rows = mixed + other + (runs() if table != "pairs" else [])
    made = TABLES[table]
    before = made(rows)
    for seed in range(3):
        shuffled = random.Random(seed).sample(rows, len(rows))
        assert made(shuffled) == before


def changed(number: int, **more: Any) -> list[Row]:
    rows = verdicts()
    return [*rows[:number], {**rows[number], **more}, *rows[number + 1 :]]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"order": "candidate_first"}, "'order' is 'candidate_first'"),
        ({"order": "exchanged"}, "'game' is 0"),
        ({"value": -1, "label": "A>B"}, "'label' is 'A>B', which is 1, and 'value' is -1"),
        ({"value": 1, "label": "A>B", "share": 0.1}, "'share' is 0.1"),
        ({"label": None, "share": 0.75, "value": 2}, "'share' is 0.75"),
        ({"state": "refused"}, "'state' is 'refused'"),
        ({"label": None, "value": None, "share": 0.5, "state": "unparsed"}, "'share' is 0.5"),
        ({"games": 1, "game": 1}, "'game' is 1, and 'games' is 1"),
        ({"baseline": "other"}, "'baseline' is 'other'"),
        ({"question_sha": sha("new")}, "'q1' stands for two different questions"),
        ({"answer_sha_b": sha("new")}, "'x' has two different answers to 'q1'"),
    ],
)
def test_a_row_that_contradicts_itself_or_the_others_is_refused(more: Row, told: str) -> None:
    with pytest.raises(RowError, match=told):
        build(changed(6, **more), OPTIONS, 0)
    with pytest.raises(RowError, match=told):
        report(changed(6, **more), AgreeOptions(rounds=0), 0)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"passed": True, "state": "fail"}, "'passed' is true"),
        ({"passed": False, "state": "infra"}, "'passed' is false"),
        ({"passed": True, "state": "pass", "tests": {"total": 3, "failed": 1}}, "'tests' has failed: 1"),
        ({"passed": True, "state": "pass", "parts": {"base": "pass", "plus": "fail"}}, "'parts' has plus: fail"),
        ({"answer_sha": sha("new")}, "stands for two different texts"),
        ({"answer_sha": sha("new"), "model": None, "task_id": None}, "is not the text that was judged"),
        ({"tests_sha": sha("new")}, "two different sets of tests"),
        ({"task_id": "q7", "tests_sha": ""}, "was executed for task 'q7' and judged for 'q0'"),
    ],
)
def test_executions_are_of_the_answers_that_were_judged(more: Row, told: str) -> None:
    wrong = {key: value for key, value in {**run(0, "y"), **more}.items() if value is not None}
    others = [each for each in runs() if each["of"] != wrong["of"]]
    with pytest.raises(DataError, match=told):
        build([*verdicts(), *others, wrong], OPTIONS, 0)


@pytest.mark.parametrize("measure", [None, "pass"])
@pytest.mark.parametrize("rows", [runs(), [*verdicts(), *runs()]], ids=["alone", "with verdicts"])
@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"state": "fail", "passed": True}, "'state' is 'fail', and 'passed' is true"),
        ({"id": "again", "tests_sha": sha("other tests")}, "two different sets of tests"),
        ({"id": "again", "answer_sha": sha("other")}, "stands for two different texts"),
        ({"passed": "yes"}, "neither a verdict"),
    ],
)
def test_executions_are_checked_wherever_they_are_counted(rows: list[Row], measure: Any, more: Row, told: str) -> None:
    assert results_of(rows, OPTIONS, measure, {}).questions
    with pytest.raises(RowError, match=told):
        results_of([*rows, run(0, "x", **more)], OPTIONS, measure, {})


def test_a_label_with_several_values_is_all_of_them_whatever_the_order_of_rows() -> None:
    rows = [run(q, model, topic=("web", "data")[len(model) % 2], why=None) for q in range(3) for model in ("base", "x")]
    for each in (rows, rows[::-1]):
        assert {results_of(each, OPTIONS, "pass", {}).label(f"q{q}", "topic") for q in range(3)} == {"data / web"}


def test_a_grade_is_what_its_points_are() -> None:
    grade = {
        "task_id": "q",
        "model": "x",
        "judge": "j",
        "protocol": "scoring",
        "score": 0.5,
        "points": 5.5,
        "state": "ok",
    }
    assert collect([grade], Choice()).games[0].value == 0.0
    with pytest.raises(RowError, match=r"'points' is 9, and 'score' is 0.5: that is 5.5 on a scale of 1 to 10"):
        collect([{**grade, "points": 9}], Choice())


def test_digests_of_another_length_and_none_at_all_are_taken_on_trust_and_said_once() -> None:
    old = [
        {**row, "answer_sha_a": row["answer_sha_a"][:16], "answer_sha_b": row["answer_sha_b"][:16]}
        for row in verdicts()
    ]
    del old[0]["question_sha"]
    (warning,) = [each for each in build(old, OPTIONS, 0).warnings if "digests" in each]
    assert warning.startswith("72 verdicts without digests")
    assert not any("digests" in each for each in build(verdicts(), OPTIONS, 0).warnings)


def test_the_execution_of_another_answer_of_the_model_is_not_taken_for_the_judged_one() -> None:
    other = run(0, "x", of="x again", answer_sha=sha("again"))
    board = build([*verdicts(), other, run(0, "y")], OPTIONS, 0)
    assert {row["model"]: row["executed"] for row in board.rows} == {"x": 0, "y": 1, "z": 0}
    assert "executions decide 1 of the 48 judged answers" in board.warnings
    with pytest.raises(DataError, match="no execution is of a judged answer"):
        build([*verdicts(), other], OPTIONS, 0)


def test_each_baseline_has_a_table_and_no_model_is_lost() -> None:
    rows = verdicts(models=("x", "y")) + verdicts(models=("x",), baseline="b2")
    won = [
        {**row, "label": "A>>B" if row["model_a"] == "x" else "B>>A", "value": 2 if row["model_a"] == "x" else -2}
        for row in rows
        if row["baseline"] == "base" and "x" in (row["model_a"], row["model_b"])
    ]
    lost = [
        {**row, "label": "A>>B" if row["model_a"] == "b2" else "B>>A", "value": 2 if row["model_a"] == "b2" else -2}
        for row in rows
        if row["baseline"] == "b2"
    ]
    rest = [row for row in rows if "y" in (row["model_a"], row["model_b"])]
    made = boards([*won, *lost, *rest], OPTIONS, 0)
    found = [[(row["baseline"], row["model"], row["n"]) for row in each.rows] for each in made]
    assert [sorted(each) for each in found] == [[("b2", "x", 12)], [("base", "x", 12), ("base", "y", 12)]]
    assert [each.rows[0]["score"] for each in made] == [0.0, 1.0]
    with pytest.raises(UsageError, match=r"several baselines \(b2 in 24 games, base in 48 games\)"):
        build([*won, *lost, *rest], OPTIONS, 0)
    assert by_model([*won, *lost, *rest], baseline="base")["x"]["score"] == 1.0
    assert by_model([*won, *lost, *rest], baseline="b2")["x"]["score"] == 0.0
    pairs = pair_rows([*won, *lost, *rest], OPTIONS, 0)
    assert [(row["model_a"], row["model_b"], row["baseline"]) for row in pairs] == [("x", "y", "base")]


def test_questions_that_only_one_baseline_has_are_not_due_against_the_other() -> None:
    hard = verdicts(6, baseline="base")
    creative = [
        {
            **row,
            "task_id": f"c{row['task_id']}",
            "question_sha": sha("c", row["task_id"]),
            "answer_sha_a": sha("c", row["answer_a"]),
            "answer_sha_b": sha("c", row["answer_b"]),
            "answer_a": None,
            "answer_b": None,
        }
        for row in verdicts(4, baseline="b2")
    ]
    tasks = known_tasks([{"id": f"q{n}"} for n in range(6)] + [{"id": f"cq{n}"} for n in range(5)])
    made = boards([*hard, *creative], OPTIONS, 0, tasks)
    assert [{row["coverage"] for row in each.rows} for each in made] == [{0.8}, {6 / 7}]


@pytest.mark.parametrize("panel", ["pool", "majority", "median"])
def test_what_one_judge_of_a_panel_did_not_see_is_missing(panel: Any) -> None:
    second = [
        {**row, "id": f"2 {row['id']}", "judge": "j2"}
        for row in verdicts()
        if "y" not in (row["model_a"], row["model_b"]) or row["task_id"] < "q2"
    ]
    found = by_model([*verdicts(), *second], panel=panel)
    seen = len({row["task_id"] for row in verdicts() if row["task_id"] < "q2"})
    assert found["x"]["coverage"] == 1.0
    assert found["y"]["coverage"] == pytest.approx((12 + seen) / 24)
    assert found["y"]["rank"] is None
    assert found["y"]["bound_low"] < found["y"]["bound_high"]


@pytest.mark.parametrize("change", [{}, {"protocol": "pairwise"}, {"protocol": "mine"}, {"protocol": None}])
def test_absent_rows_lower_the_coverage_whatever_the_protocol(change: Row) -> None:
    rows = [row for row in verdicts(10) if "y" not in (row["model_a"], row["model_b"]) or row["task_id"] > "q3"]
    rows = [{key: value for key, value in {**row, **change}.items() if value is not None} for row in rows]
    found = by_model(rows)
    assert {name: (row["coverage"], row["rank"] is None) for name, row in found.items()} == {
        "x": (1.0, False),
        "y": (0.6, True),
        "z": (1.0, False),
    }
    assert "y, 60.0 %" in (complaint(build(rows, OPTIONS, 0), OPTIONS) or "")


def test_votes_without_a_design_promise_that_a_model_is_judged_where_all_others_are() -> None:
    pairs = [("x", "y"), ("y", "z"), ("x", "z")]
    votes = [
        {"task_id": f"q{q}", "model_a": a, "model_b": b, "label": "A>B"}
        for q in range(10)
        for a, b in pairs
        if q < 6 or "y" not in (a, b)
    ]
    assert {name: row["coverage"] < 1 for name, row in by_model(votes).items()} == {"x": False, "y": True, "z": False}
    apart = [vote for place, vote in enumerate(votes) if place % 3 == int(vote["task_id"][1:]) % 3]
    assert {row["coverage"] for row in by_model(apart).values()} == {1.0}


def test_votes_that_stand_twice_are_told() -> None:
    votes = [{"task_id": f"q{q}", "model_a": "x", "model_b": "y", "label": "A>B"} for q in range(4)]
    assert not [each for each in build(votes, OPTIONS, 0).warnings if "equal to another" in each]
    (told,) = [each for each in build([*votes, *votes[:3]], OPTIONS, 0).warnings if "equal to another" in each]
    assert told.startswith("3 verdicts without id")


@pytest.mark.parametrize("name", ["another id", None])
def test_a_game_that_stands_twice_is_not_the_game_in_the_other_order(name: str | None) -> None:
    """Whatever it is called: two games of one order would make the pair whole, or decide it alone."""
    rows = [row for row in verdicts() if not (row["game"] and "y" in (row["model_a"], row["model_b"]))]
    mine = [row for row in rows if "y" in (row["model_a"], row["model_b"])]
    again = [{**row, "id": f"{name} of {row['id']}"} for row in mine]
    again = again if name else [{key: value for key, value in row.items() if key != "id"} for row in mine]
    found = by_model([*rows, *again])["y"]
    assert (found["n"], found["coverage"], found["rank"]) == (0, 0.5, None)
    whole = by_model([*verdicts(), *again])
    assert [whole[model]["score"] for model in MODELS] == [by_model(verdicts())[model]["score"] for model in MODELS]
    other = {**mine[0], "id": "other", "label": "A>>B" if mine[0]["value"] < 2 else "A=B", "value": None}
    with pytest.raises(DataError, match="stands twice in the same order with different results"):
        by_model([*verdicts(), other])


def test_a_judge_of_a_panel_has_one_vote_however_often_its_verdict_stands_there() -> None:
    labels = {"one": "A>B", "two": "B>A", "three": "B>A"}
    rows = [
        {**game(q, "x", 0), "id": f"{q} {judge}", "judge": judge, "games": 1, "label": label, "value": None}
        for q in range(6)
        for judge, label in labels.items()
    ]
    again = [{**row, "id": f"again {row['id']}"} for row in rows if row["judge"] == "one"] * 2
    assert by_model([*rows, *again], panel="majority")["x"]["score"] == by_model(rows, panel="majority")["x"]["score"]


def test_rows_without_a_protocol_promise_both_orders_if_most_pairs_have_both() -> None:
    plain = [{key: row[key] for key in row if key not in ("protocol", "games", "game")} for row in verdicts()]
    half = [row for row in plain if not (row["order"] == "candidate_first" and "y" in (row["model_a"], row["model_b"]))]
    found = by_model(half)
    assert {name: (row["coverage"], row["rank"] is None) for name, row in found.items()} == {
        "x": (1.0, False),
        "y": (0.5, True),
        "z": (1.0, False),
    }
    single = [row for row in plain if row["order"] == "baseline_first"]
    assert {row["coverage"] for row in by_model(single).values()} == {1.0}


@pytest.mark.parametrize("other", ["café ", "cafe\u0301", "Café"])
def test_names_that_look_alike_are_told(other: str) -> None:
    votes = [{"task_id": f"q{q}", "model_a": ("café", other)[q % 2], "model_b": "y", "label": "A>B"} for q in range(6)]
    (told,) = [each for each in build(votes, OPTIONS, 0).warnings if "look alike" in each]
    assert ascii("café") in told and ascii(other) in told


def test_tasks_say_what_was_due_and_a_single_order_is_half() -> None:
    tasks = known_tasks([{"id": f"q{n}"} for n in range(16)])
    found = {row["model"]: row for row in build(verdicts(12), OPTIONS, 0, tasks).rows}
    assert (found["x"]["coverage"], found["x"]["n"], found["x"]["missing"]) == (0.75, 12, 4)
    assert {row["coverage"] for row in by_model(verdicts()[::2]).values()} == {0.5}
    with pytest.raises(DataError, match="no verdict is on one of the 1 tasks"):
        build(verdicts(), OPTIONS, 0, known_tasks([{"id": "other"}]))


def test_by_reads_a_field_at_its_own_grain() -> None:
    rows = [
        {**row, "mood": ("calm", "cross")[row["game"]], "family_a": row["model_a"][0], "family_b": row["model_b"][0]}
        for row in verdicts()
    ]
    with pytest.raises(UsageError, match="the games of one pair have different values"):
        by_model(rows, by=("mood",))
    found = by_model(rows, by=("mood", "family", "opponent"), score="plain")
    assert {value: cell["n"] for value, cell in found["x"]["by"]["mood"].items()} == {"calm": 12, "cross": 12}
    assert {value: cell["n"] for value, cell in found["x"]["by"]["family"].items()} == {"b": 0, "x": 24, "y": 0, "z": 0}
    assert found["x"]["by"]["opponent"]["base"]["n"] == 24
    with pytest.raises(UsageError, match="mooood"):
        by_model(rows, by=("mooood",))


def test_the_best_within_a_class_is_that_of_its_questions() -> None:
    rows = best_rows(verdicts(), replace(OPTIONS, by=("category",)), 0)
    for value in ("web", "data"):
        some = best_rows([row for row in verdicts() if row["category"] == value], OPTIONS, 0)
        mine = [{key: row[key] for key in row if key != "by"} for row in rows if row["by"] == {"category": value}]
        assert sorted(mine, key=lambda row: row["model"]) == sorted(some, key=lambda row: row["model"])


def test_labels_of_tasks_are_joined_wherever_they_stand() -> None:
    tasks = known_tasks(
        {"id": f"q{n}", "labels": {"category": "even" if n % 2 == 0 else "odd"}, "difficulty": "easy"}
        for n in range(12)
    )
    rows = verdicts()
    board = build(rows, replace(OPTIONS, by=("category", "difficulty")), 0, tasks)
    assert {value: cell["n"] for value, cell in board.rows[0]["by"]["category"].items()} == {"even": 6, "odd": 6}
    assert {value: cell["n"] for value, cell in board.rows[0]["by"]["difficulty"].items()} == {"easy": 12}
    bare = [{key: value for key, value in row.items() if key != "category"} for row in rows]
    found = pair_rows(bare, replace(OPTIONS, by=("category",)), 0, tasks)
    assert {row["by"]["category"] for row in found} == {"even", "odd"}
    assert {row["by"]["category"] for row in report(bare, AgreeOptions(rounds=0, by=("category",)), 0, tasks)} == {
        "even",
        "odd",
    }


def test_what_is_drawn_together_moves_intervals_and_nothing_else() -> None:
    rows = [row for row in verdicts() if row["task_id"] != "q5" or "z" not in (row["model_a"], row["model_b"])]
    plain, drawn = by_model(rows), by_model(rows, cluster="category")
    kept = ("n", "missing", "coverage", "score", "bound_low", "bound_high", "wins", "questions", "rank")
    assert {name: [row[key] for key in kept] for name, row in plain.items()} == {
        name: [row[key] for key in kept] for name, row in drawn.items()
    }
    assert {row["clusters"] for row in drawn.values()} == {2}
    apart = [(row["model_a"], row["model_b"], row["difference"], row["common"]) for row in pair_rows(rows, OPTIONS, 0)]
    assert [
        (row["model_a"], row["model_b"], row["difference"], row["common"])
        for row in pair_rows(rows, replace(OPTIONS, cluster="category"), 0)
    ] == apart
    with pytest.raises(UsageError, match="parts the games of one pair"):
        by_model(rows, cluster="game")


def test_one_verdict_with_two_results_is_refused_but_a_person_may_change_their_mind() -> None:
    first = game(0, "x", 0, label="A>B", value=1)
    again = {**first, "label": "B>A", "value": -1}
    with pytest.raises(DataError, match="stands twice with different results"):
        collect([first, again], Choice())
    assert collect([first, {**again, "label": None, "value": None, "state": "api_error"}], Choice()).games[0].value == 1
    people = [{**each, "judge": "people:ann"} for each in (first, again)]
    assert [each.value for each in collect(people, Choice()).games] == [-1.0]


def test_a_report_shows_the_answers_that_were_judged() -> None:
    games = collect(verdicts(2), Choice())
    answer = {"id": "x 0", "task_id": "q0", "model": "x", "text": "another text"}
    with pytest.raises(DataError, match="is not the one that was judged"):
        texts_of([], [answer], games)
    with pytest.raises(DataError, match="is not the question that was judged"):
        texts_of([{"id": "q0", "messages": [{"role": "user", "content": "new"}]}], [], games)


def test_an_answer_that_came_later_takes_the_place_of_the_one_that_was_missing() -> None:
    rows = verdicts(4)
    gone = [
        {
            **{k: v for k, v in row.items() if not k.startswith(("answer", "value"))},
            "id": f"gone {row['id']}",
            "label": None,
            "state": "missing_answer",
        }
        for row in rows
        if "x" in (row["model_a"], row["model_b"]) and row["task_id"] == "q2"
    ]
    assert by_model(gone + rows) == by_model(rows)
    assert by_model(rows[:0] + [row for row in rows if row["task_id"] != "q2"] + gone)["x"]["coverage"] == 0.75


@pytest.mark.parametrize("no", [False, "False", "false", 0, "0", "no"])
def test_a_hit_that_says_no_flags_nothing(no: object) -> None:
    rows = [
        {"task_id": "q1", "contaminated": True},
        {"task_id": "q2", "contaminated": no},
        {"task_id": 3, "flagged": no},
    ]
    assert flagged_tasks(rows) == {"q1"}


def test_only_answers_that_were_judged_or_run_stand_beside_results() -> None:
    judged = {"id": "x 0", "task_id": "q0", "model": "x", "text": "judged"}
    other = {**judged, "text": "written later"}
    shas = {"answer_sha_a": answer_sha("base"), "answer_sha_b": answer_sha("judged")}
    row = {"task_id": "q0", "model_a": "base", "model_b": "x", "answer_b": "x 0", "label": "A>B", "baseline": "base"}
    ran = {**run(0, "x"), "of": "x 0", "answer_sha": answer_sha("judged")}
    for rows in ([{**row, **shas}], [ran]):
        found = results_of(rows, OPTIONS, None, {})
        for answers in ([judged], [judged, other], [other, judged]):
            (unit,) = (each for each in unit_rows(found, beside([], answers), {}) if each["model"] == "x")
            assert unit["answers"] == ["x 0"]
            side = (found.answers_of("x")["q0"], "x", "q0", found.shas_of("x")["q0"])
            assert beside([], answers).text(*side) == "judged"
        with pytest.raises(DataError, match="is not the one that was judged or run"):
            list(unit_rows(found, beside([], [other]), {}))
