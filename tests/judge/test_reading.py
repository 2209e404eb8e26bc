"""What counts as a verdict in a judge's reply, and what does not."""

import pytest

from syncode.stages.judge.published import read_arena_hard, read_codearena, read_fastchat
from syncode.stages.judge.reading import read_grade, read_json, read_text
from syncode.verdicts.labels import FIVE, THREE


@pytest.mark.parametrize(
    ("reply", "label", "state"),
    [
        ("A is right.\n[[A>>B]]", "A>>B", "ok"),
        ("My final verdict is: [[b > a]]\n", "B>A", "ok"),
        ("[[A<B]]", "B>A", "ok"),
        ("[[B<<A]]", "A>>B", "ok"),
        ("[[B=A]]", "A=B", "ok"),
        ("The answer holds [[A>>B]] itself.\nStill:\n[[B>A]]", "B>A", "ok"),  # a quoted label is not the verdict
        ("first [[A>B]] then [[B>A]] and that is all", None, "conflicting"),
        ("[[A>B]] here\nand [[A>B]] there\nthe end", None, "conflicting"),  # said twice, ruled nowhere
        ("[[A]] is better", None, "unparsed"),
        ("see [A>B] in single brackets", None, "unparsed"),
        ("<think>[[A>>B]] maybe</think>\n[[A=B]]", "A=B", "ok"),
        ("<think>[[A>>B]] and on and on", None, "truncated"),
        ("", None, "unparsed"),
        ("[[A>B]] [[B>A]]", None, "conflicting"),  # two labels on the last line
    ],
)
def test_a_label_alone_on_the_last_line_counts(reply: str, label: str | None, state: str) -> None:
    reading = read_text(reply, FIVE)
    assert (reading.label, reading.state) == (label, state)


def test_a_reply_cut_before_its_label_is_truncated_and_one_cut_after_it_is_not() -> None:
    assert read_text("Answer A is", FIVE, cut=True).state == "truncated"
    assert read_text("x\n[[A>B]]", FIVE, cut=True).label == "A>B"


def test_a_label_that_the_protocol_does_not_have_is_not_read() -> None:
    assert read_text("[[A>>B]]", THREE).state == "unparsed"


def test_a_structured_reply_gives_label_and_reason_whatever_the_reason_quotes() -> None:
    reading = read_json('{"reason": "it says [[B>>A]]", "label": "A>B"}', FIVE)
    assert (reading.label, reading.reason) == ("A>B", "it says [[B>>A]]")
    assert read_json('```json\n{"reason": "", "label": "A=B"}\n```', FIVE).label == "A=B"
    assert read_json('{"reason": "cut in the mid', FIVE, cut=True).state == "truncated"
    assert read_json("plain words\n[[B>A]]", FIVE).label == "B>A"
    assert read_json('{"label": "A"}', FIVE).state == "unparsed"
    assert read_json('The set {x} first. {"reason": "", "label": "A=B"}', FIVE).label == "A=B"


def test_a_label_quoted_in_half_an_object_or_a_broken_one_is_not_the_verdict() -> None:
    assert read_json('{"reason": "it says [[B>>A]] itself, which', FIVE, cut=True).state == "truncated"
    assert read_json('{"reason": "it says [[B>>A]] itself", "label": "A>B",}', FIVE).label == "A>B"  # mended
    assert read_json('{"reason": "it says [[B>>A]] itself", ', FIVE).state == "unparsed"
    assert read_json('{"reason": "first line\n[[B>>A]]", "label": "A>B"}', FIVE).label == "A>B"  # a raw line break
    assert read_text("Its own claim, [[B>>A]], does not", FIVE, cut=True).state == "truncated"
    assert read_text("reasons\n**[[A>B]]**\nAnd now for the", FIVE, cut=True).label == "A>B"


def test_the_codearena_reader_accepts_one_distinct_run_and_retries_only_without_any() -> None:
    one = read_codearena(["[[A>B]] so [[A>B]]"], final=False)
    unknown = read_codearena(["[[A]]"], final=False)
    several = read_codearena(["[[A>B]] or [[B>A]]"], final=False)
    assert one is not None and one.label == "A>B"
    assert unknown is not None and (unknown.label, unknown.found) == ("A=B", ("A",))  # accepted, counts 0, as published
    assert several is not None and several.state == "conflicting"
    assert read_codearena(["nothing"], final=False) is None
    joined = read_codearena(["nothing", "[[B>>A]]"], final=True)
    assert joined is not None and joined.label == "B>>A"


def test_the_arena_hard_reader_takes_the_last_match_and_falls_back_to_single_brackets() -> None:
    assert read_arena_hard("[[A>B]] no: [[b>>a]]").label == "B>>A"
    assert read_arena_hard("verdict [A=B]").label == "A=B"
    assert read_arena_hard("a link [A](x)").state == "unparsed"  # the reference fails with a KeyError here


def test_the_fastchat_reader_lets_a_quoted_label_beat_the_real_one() -> None:
    assert read_fastchat('It quotes "[[A]]" but the verdict is [[B]]').label == "A>B"


@pytest.mark.parametrize(
    ("reply", "number", "state"),
    [
        ("good\n[[8]]", 8.0, "ok"),
        ("[[11]]", None, "unparsed"),
        ("none", None, "unparsed"),
        ("[[3]] is too low:\n[[7.5]]", 7.5, "ok"),
        ("Rating: [[5]]", 5.0, "ok"),
        ("**Final score: [[6/10]]**", 6.0, "ok"),
        ("I give this answer a [[7]].", 7.0, "ok"),
        ("It fails on empty input.\n\nGrade: 3", 3.0, "ok"),
        ("Feedback: right but long. [RESULT] 4", 4.0, "ok"),
        ("The answer claims [[10]] for itself, which earns it a low grade: 2.", None, "conflicting"),
        ("The answer ends with [[10]]", None, "conflicting"),
        ("[[3]]\nNote: the answer ends with a planted grade: [[10]]", None, "conflicting"),
        ("<think>[[10]]</think>\nhm", None, "unparsed"),
    ],
)
def test_a_grade_is_the_number_that_the_judge_rules_and_in_range(reply: str, number: float | None, state: str) -> None:
    read = read_grade(reply, (1, 10))
    assert (read.numbers.get("grade"), read.state) == (number, state)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("<think>[[A>B]]</think>[[B>A]]", "B>A"),
        ("<Think>a<think>[[A>B]]</THINK>[[B>A]]", "B>A"),
        ("<reasoning>x</think>[[A>B]]</reasoning>[[B>A]]", "B>A"),
        ("</think>[[B>A]]", "B>A"),
        ("[[B>A]]<think>or is it", None),
        ("<think>" * 100_000 + "</think>[[B>A]]", "B>A"),
        ("<think>" * 100_000 + "[[B>A]]", None),
        ("<think></reasoning>" * 50_000, None),
    ],
)
def test_thinking_is_left_out_however_long_it_is(text: str, label: str | None) -> None:
    assert read_text(text, FIVE).label == label
