"""Expected preferences and grades over the tokens that a judge could have said."""

import math

import pytest

from syncode.stages.judge.chances import PAIR, expected, share


def place(**chances: float) -> dict[str, float]:
    return {token: math.log(chance) for token, chance in chances.items()}


@pytest.mark.parametrize(
    ("top", "wanted"),
    [
        (place(A=0.75, B=0.25), 0.75),
        (place(A=0.6, B=0.2, Both=0.2), 0.75),
        ({"B": math.log(0.5), " B": math.log(0.3), "a": math.log(0.2)}, 0.2),
        (place(The=0.6, A=0.4), None),  # it was about to say something else
        ({}, None),
    ],
)
def test_the_preference_is_that_over_the_labels_alone(top: dict[str, float], wanted: float | None) -> None:
    assert share([top], PAIR) == (None if wanted is None else pytest.approx(wanted))


def test_layout_before_the_label_is_passed_over_and_a_tie_is_half() -> None:
    assert share([{"\n": 0.0}, {"**": 0.0}, place(B=1.0)], PAIR) == 0
    words = {"first": "A>>B", "none": "A=B", "second": "B>A"}
    assert share([place(first=0.5, none=0.5)], words) == pytest.approx(0.75)
    assert share([place(f=0.5, sec=0.5)], words) == pytest.approx(0.5)  # pieces of words


def test_the_grade_is_the_mean_over_the_scale() -> None:
    assert expected([place(**{"7": 0.5, "9": 0.5})], (1, 10)) == pytest.approx(8)
    assert expected([place(**{"10": 0.5, "1": 0.5})], (1, 10)) == pytest.approx(5.5)
    assert expected([place(**{"1": 0.8, "7": 0.2}), place(**{"0": 0.75, ".": 0.25})], (1, 10)) == pytest.approx(7.6)
    assert expected([place(**{"11": 0.9, "1": 0.1})], (1, 10)) is None


@pytest.mark.parametrize(
    ("top", "wanted"),
    [
        (place(**{"▁A": 0.6, "▁B": 0.4}), 0.6),
        (place(**{"ĠA": 0.6, "ĠB": 0.4}), 0.6),
        (place(**{"Ａ": 0.6, "Ｂ": 0.4}), 0.6),
        (place(**{"A.": 0.6, "B.": 0.4}), 0.6),
    ],
)
def test_a_token_is_read_however_a_vocabulary_writes_it(top: dict[str, float], wanted: float) -> None:
    assert share([top], PAIR) == pytest.approx(wanted)
    assert share([{"(": 0.0}, top], PAIR) == pytest.approx(wanted)


def test_a_label_that_is_not_shown_counts_as_nothing_only_if_little_is_left_for_it() -> None:
    assert share([place(A=0.7)], PAIR) is None
    assert share([place(A=0.95)], PAIR) == 1
    assert share([place(A=0.8, The=0.1, I=0.05)], PAIR) == 1


def test_a_first_digit_that_may_be_two_numbers_is_neither() -> None:
    assert expected([place(**{"9": 0.5, "1": 0.4, "8": 0.1})], (1, 10)) == pytest.approx(5.3 / 0.6)
    assert expected([place(**{"4": 0.9, "1": 0.1})], (1, 5)) == pytest.approx(3.7)
