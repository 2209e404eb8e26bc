"""`judge --until`: what is bought follows from a drawn order and the verdicts alone; what is claimed holds at every stop."""

import itertools
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from syncode.errors import UsageError
from syncode.verdicts.designs import Design, bought, design_of, estimate, order, second_share, span, width_of
from syncode.verdicts.forecasts import Pilot, forecast
from syncode.verdicts.labels import FIVE, THREE, VALUES
from syncode.verdicts.protocols import Score
from syncode.verdicts.stopped import standing

Row = dict[str, Any]
SCORES: tuple[Score, ...] = ("codearena", "pairwise", "plain")
JUDGE = """
[[reply]]
match = '(?s)<answer-a \\w+>\\s*GOOD.*<answer-b \\w+>\\s*BAD'
text = '{"reason": "a", "label": "A>>B"}'
[[reply]]
match = '(?s)<answer-a \\w+>\\s*BAD.*<answer-b \\w+>\\s*GOOD'
text = '{"reason": "b", "label": "B>>A"}'
[[reply]]
match = '(?s)<answer-a'
text = '{"reason": "same", "label": "A=B"}'
"""
COMMAND = "syncode judge {answers} --tasks tasks.jsonl --baseline base --model mock:judge.toml --until separated"


def values(labels: tuple[str, ...]) -> list[float]:
    return [float(VALUES[label]) for label in labels]


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("labels", [FIVE, THREE])
def test_leaving_out_second_games_changes_no_expectation(score: Score, labels: tuple[str, ...]) -> None:
    for first, second in itertools.product(values(labels), repeat=2):
        share = second_share(first, score)
        both, one = estimate((first, second), score, "close"), estimate((first,), score, "close")
        whole = span((first, second), score)
        if share > 0:
            assert both[0] == both[1] and 0 <= both[0] <= 1
        if share < 1:
            assert one[0] == one[1] and 0 <= one[0] <= 1
        mean = share * both[0] + (1 - share) * (one[0] if share < 1 else 0)
        assert mean == pytest.approx(whole[0])


def test_a_close_first_game_always_has_its_second() -> None:
    assert [second_share(value, "codearena") for value in (2, 1, 0, -1, -2, None)] == [0.5, 1, 1, 1, 0.5, 1]
    assert [second_share(value, "pairwise") for value in (1, 0, -1)] == [0.5, 0, 0.5]  # a tie stays one


def test_second_games_are_drawn_by_what_is_asked() -> None:
    drawn = [bought(1, f"pair {number}", "judge", 0, 0.5) for number in range(2000)]
    assert 900 < sum(drawn) < 1100
    assert drawn[:9] == [bought(1, f"pair {number}", "judge", 0, 0.5) for number in range(9)]
    assert all(bought(1, number, "judge", 0, 1.0) for number in range(99))
    assert not any(bought(1, number, "judge", 0, 0.0) for number in range(99))


def test_what_is_missing_may_be_anything() -> None:
    assert span((2.0, None), "codearena") == (0.5, 1) and span((None, None), "codearena") == (0, 1)
    assert estimate((2.0, None), "codearena", "close") == (0, 1)
    assert span((1.0, None), "pairwise") == (0.5, 1) and span((-1.0, None), "plain") == (0, 0.5)


def test_a_goal_is_separated_or_a_width() -> None:
    assert width_of("separated") is None and width_of("width=0.1") == 0.1
    for wrong in ("width", "width=0", "width=1", "width=x", "seperated", "width=nan", "wide=0.1"):
        with pytest.raises(UsageError, match="--until"):
            width_of(wrong)


def test_questions_come_in_an_order_of_their_own() -> None:
    names = [f"t{number}" for number in range(50)]
    first, again, other = (sorted(names, key=lambda name, seed=seed: order(seed, name)) for seed in (0, 0, 1))  # type: ignore[misc]
    assert first == again != other and first != names


def met(place: int, a: str, b: str, label: str | None, game: int = 0) -> Row:
    state = "ok" if label else "unparsed"
    sides = {"model_a": a, "model_b": b} if game == 0 else {"model_a": b, "model_b": a}
    name = f"{place}/{a}/{b}/{game}"
    return {
        "id": name,
        "task_id": place,
        **sides,
        "label": label,
        "state": state,
        "game": game,
        "design": {"place": place},
    }


def design(**other: Any) -> Design:
    fixed: Row = {"until": "separated", "alpha": 0.05, "seed": 0, "every": 2, "about": "population", "swap": "all"}
    return Design(
        **{**fixed, "score": "pairwise", "games": 2, "baseline": None, "questions": 9, "possible": 54, **other}
    )


def test_without_a_baseline_a_question_counts_over_all_opponents() -> None:
    games = [
        row
        for place in range(3)
        for a, b, label, other in (("x", "y", "A>B", "B>A"), ("x", "z", "A>B", "B>A"), ("y", "z", "A>B", "A>B"))
        for row in (met(place, a, b, label), met(place, a, b, other, 1))
    ]
    found = standing(games[:-1], design())  # the last question lacks its last game
    assert found.bought.names == ["x", "y", "z"] and found.bought.count == [3, 2, 2]
    assert [row["score"] for row in found.models] == [1.0, 0.25, 0.25]
    assert found.bought.gap(2) is None
    part = standing([row for row in games if row["id"] != "1/x/y/0" and row["id"] != "1/x/y/1"], design())
    assert part.bought.count == [1, 1, 3] and part.bought.gap(2) == ("x", 1)
    assert [row["questions"] for row in part.models] == [1, 1, 1]


def test_grades_are_compared_question_by_question() -> None:
    grades = [
        {
            "id": f"{place}{name}",
            "task_id": place,
            "model": name,
            "points": 1,
            "score": score,
            "design": {"place": place},
        }
        for place in range(40)
        for name, score in (("x", 0.9), ("y", 0.1 + 0.01 * (place % 2)))
    ]
    found = standing(grades, design(score="scoring", games=1, every=10))
    (pair,) = found.pairs
    assert pair["ahead"] == "x" and pair["difference"] == pytest.approx(0.795) and not found.open
    assert found.models[0]["score"] == pytest.approx(0.9) and found.models[0]["questions"] == pair["questions"] <= 20
    bold = standing(grades[: 2 * pair["questions"]], design(score="scoring", games=1, every=10, alpha=0.3), 0.05)
    assert (bold.models[0]["low"], bold.models[0]["high"]) == (found.models[0]["low"], found.models[0]["high"])


def test_a_verdict_counts_before_none_for_the_same_game() -> None:
    twice = [met(0, "x", "base", "A>B"), met(0, "x", "base", None)]
    for rows_ in (twice, twice[::-1]):
        found = standing(rows_, design(baseline="base", score="plain", games=1))
        assert found.models[0]["score"] == 1 and found.bought.games == 1


@pytest.fixture
def arena(tmp_path: Path) -> Path:
    """A folder with 120 questions, a baseline, a model that is far better, and one that is like the baseline."""
    source = random.Random(5)
    tasks, answers = [], []
    for number in range(120):
        tasks.append({"id": f"t{number}", "messages": [{"role": "user", "content": f"Question {number}"}]})
        for model, share in (("base", 0.5), ("better", 0.97), ("alike", 0.5)):
            text = f"{'GOOD' if source.random() < share else 'BAD'} answer {number} of {model}"
            answers.append({"id": f"{model}{number}", "task_id": f"t{number}", "model": model, "text": text})
    (tmp_path / "tasks.jsonl").write_text("".join(json.dumps(row) + "\n" for row in tasks))
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in answers))
    source.shuffle(answers)
    (tmp_path / "shuffled.jsonl").write_text("".join(json.dumps(row) + "\n" for row in answers))
    (tmp_path / "judge.toml").write_text(JUDGE)
    return tmp_path


def rows(out: bytes) -> list[Row]:
    return [json.loads(line) for line in out.splitlines()]


def test_neither_the_order_of_input_nor_of_arrival_decides(arena: Path, shell: Callable[..., Any]) -> None:
    plain = shell(f"{COMMAND.format(answers='answers.jsonl')} --no-journal --summary s.json", folder=arena)
    one = shell(f"{COMMAND.format(answers='shuffled.jsonl')} --no-journal --concurrency 1", folder=arena)
    assert plain.code == one.code == 0
    assert plain.out == one.out
    bought_of = Counter(name for row in rows(plain.out) for name in {row["model_a"], row["model_b"]} - {"base"})
    assert bought_of["alike"] == 240 and bought_of["better"] <= 120 and bought_of["better"] % 20 == 0
    until = json.loads((arena / "s.json").read_text())["until"]
    assert until["games"] == {"bought": bought_of.total(), "possible": 480} and not until["reached"]
    assert until["saved"]["games"] == 480 - bought_of.total() and until["saved"]["tokens"] > 0
    assert {(pair["model_a"], pair["model_b"], pair["ahead"]) for pair in until["pairs"]} == {
        ("alike", "better", "better"), ("better", "base", "better"), ("alike", "base", None)
    }  # fmt: skip


def test_a_run_that_was_stopped_goes_on_for_nothing(arena: Path, shell: Callable[..., Any]) -> None:
    command = COMMAND.format(answers="answers.jsonl")
    whole = shell(f"{command} --no-journal", folder=arena)
    first = shell(f"{command} --journal j.db --budget 73req", folder=arena)
    assert first.code == 5
    rest = shell(f"{command} --journal j.db --summary s.json", folder=arena)
    assert rest.code == 0 and rest.out == whole.out
    requests = json.loads((arena / "s.json").read_text())["requests"]
    assert requests["answered_from_journal"] == 73 and requests["asked"] == len(rows(whole.out)) - 73
    again = shell(f"{command} --journal j.db --replay", folder=arena)
    assert again.out == whole.out
    every = shell(f"{command.partition(' --until')[0]} --journal j.db --summary s.json > all.jsonl", folder=arena)
    assert every.code == 0  # what was bought serves the whole table too
    assert json.loads((arena / "s.json").read_text())["requests"]["asked"] == 480 - len(rows(whole.out))


def test_second_games_are_saved_where_the_first_decided(arena: Path, shell: Callable[..., Any]) -> None:
    found = rows(shell(f"{COMMAND.format(answers='answers.jsonl')} --swap close --no-journal", folder=arena).out)
    first = {(row["task_id"], row["model_b"]): row for row in found if row["game"] == 0}
    second = {(row["task_id"], row["model_a"]) for row in found if row["game"] == 1}
    close = {key for key, row in first.items() if row["value"] == 0}
    decided = set(first) - close
    assert close <= second and 0.3 < len(second & decided) / len(decided) < 0.7


def test_the_leaderboard_claims_what_the_run_may_claim(arena: Path, shell: Callable[..., Any]) -> None:
    done = shell(f"{COMMAND.format(answers='answers.jsonl')} --no-journal --summary s.json > v.jsonl", folder=arena)
    assert done.code == 0
    board = shell("syncode leaderboard v.jsonl --format jsonl", folder=arena)
    assert board.code == 0, board.err
    until = json.loads((arena / "s.json").read_text())["until"]
    shown = {row["model"]: row for row in rows(board.out)}
    for model in until["models"]:
        row = shown[model["model"]]
        assert (row["score"], row["low"], row["high"], row["questions"]) == tuple(
            model[key] for key in ("score", "low", "high", "questions")
        )
        assert row["coverage"] == 1 and row["missing"] == 0 and row["n"] == model["questions"]
    assert shown["better"]["rank_high"] == 1 and shown["alike"]["rank_low"] == 2
    (pair,) = rows(shell("syncode leaderboard pairs v.jsonl", folder=arena).out)
    assert pair["significant"] and pair["error"] is None and pair["common"] == shown["better"]["questions"]


def test_what_is_not_such_a_run_as_a_whole_is_refused(arena: Path, shell: Callable[..., Any]) -> None:
    command = COMMAND.format(answers="answers.jsonl") + " --no-journal --quiet"
    plain = command.replace("--until separated", "--limit 60")
    assert shell(f"{command} > v.jsonl; {command} --seed 1 > seed.jsonl; {plain} > plain.jsonl", folder=arena).code == 0
    for make, arguments, code, told in (
        ("cat v.jsonl", "--rating bt", 2, "--rating does not fit verdicts of a run with --until"),
        ("cat v.jsonl", "--score plain", 2, "--score does not fit"),
        ("cat plain.jsonl v.jsonl", "", 3, "some verdicts come from a run with --until and others do not"),
        ("cat v.jsonl seed.jsonl", "", 3, "several runs with --until"),
        ("sed 30,34d v.jsonl", "", 3, "is ranked as a whole"),
        ("head -151 v.jsonl", "", 0, "151 read"),
    ):
        ran = shell(f"{make} | syncode leaderboard {arguments}", folder=arena)
        assert ran.code == code and told in ran.err.decode(), (make, ran.err)


def test_designs_are_read_from_rows() -> None:
    made = design()
    assert design_of([{"design": made.mark(3)}, {"canary": "identical"}, {"design": made.mark(4)}]) == made
    assert design_of([{}, {}]) is None and design_of([]) is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("--protocol arena-hard-v2 --baseline base", "its score is not a mean"),
        ("--protocol best", "its score is not a mean"),
        ("--baseline base --games 1 --swap close", "two games per pair"),
        ("--baseline base --swap close --about table", "exclude each other"),
    ],
)
def test_options_that_do_not_fit_are_refused(arena: Path, shell: Callable[..., Any], arguments: str, told: str) -> None:
    ran = shell(
        f"syncode judge answers.jsonl --tasks tasks.jsonl --model mock --no-journal --until separated {arguments}",
        folder=arena,
    )
    assert ran.code == 2 and told in ran.err.decode()


def test_a_pilot_says_what_a_goal_needs(arena: Path, shell: Callable[..., Any]) -> None:
    command = COMMAND.format(answers="answers.jsonl").replace("separated", "width=0.2")
    assert shell(f"{command} --no-journal --every 20 --limit 80 > pilot.jsonl", folder=arena).code == 0
    ran = shell("syncode judge estimate pilot.jsonl --until width=0.2", folder=arena)
    assert ran.code == 0, ran.err
    found = {row["model"]: row for row in rows(ran.out)}
    for name in ("better", "alike"):
        ends = found[name]["questions"]
        assert found[name]["pilot"] == 40 and 0 < ends["low"] < ends["middle"] < ends["high"]
        assert found[name]["games"]["middle"] == 2 * ends["middle"] and found[name]["fixed"] < ends["middle"]
    truth = json.loads(shell(f"{command} --no-journal --summary s.json > v.jsonl; cat s.json", folder=arena).out)[
        "until"
    ]
    needed = {model["model"]: model["questions"] for model in truth["models"] if model["settled"]}
    assert "better" in needed
    for name, questions in needed.items():
        assert found[name]["questions"]["low"] <= questions <= found[name]["questions"]["high"]
    more = shell(f"{command} --journal j.db --estimate 60 --estimate-calls 60", folder=arena)
    assert more.code == 0 and b"questions of a pilot" in more.err and not more.out


def test_a_forecast_decides_as_often_as_a_run() -> None:
    seen = Pilot(["m"], np.ones((40, 1)), 2.0, 10.0)
    design = Design("separated", 0.05, 0, 10, "population", "all", "codearena", 2, "base", 0, 0)
    assert forecast(seen, design, 0)[0]["questions"]["middle"] == 10  # not 50, a border of 10,000 questions
