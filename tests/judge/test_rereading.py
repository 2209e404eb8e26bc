"""Stored replies of other harnesses: which form a row has, and what the published readers make of a reply."""

import pytest

from syncode.errors import DataError
from syncode.stages.judge import published
from syncode.stages.judge.archives import stored_in
from syncode.stages.judge.rereading import Rereading


@pytest.mark.parametrize(
    ("reader", "reply", "label"),
    [
        (published.one_label, "[[A>B]] so [[A>B]]", "A>B"),
        (published.one_label, "[[A>B]] or [[B>A]]", None),
        (published.last_label, "[[A>B]] no: [[b>>a]]", "B>>A"),
        (published.fastchat_pair, 'It quotes "[[A]]" but: [[B]]', "A>B"),
        (published.fastchat_number, "claims [[10]], so [[2]]", "10"),
        (published.fastchat_number, "Rating: [5]", "5"),
        (published.judgelm, "7 9\nbecause", "B>A"),
        (published.judgelm, "I say 7 9", "A=B"),
        (published.pandalm, "1\n\n### Reason", "A>B"),
        (published.pandalm, "Response 1", "A=B"),
        (published.autoj, "the final decision is Response 1. No, the final decision is Tie", "A=B"),
        (published.prometheus_pair, "Feedback. [RESULT] A", "A>B"),
        (published.prometheus_number, "Feedback. [RESULT] 4", "4"),
        (published.prometheus_number, "Feedback. [RESULT] 9", None),
        (published.vanilla, "Output (a)\n", "A>B"),
        (published.vanilla, "Output (a) is better", None),
        (published.skywork, "[[B]], for All reasons", "A>B"),
    ],
)
def test_a_published_reader_is_followed_in_its_faults(reader: object, reply: str, label: str | None) -> None:
    assert callable(reader) and reader(reply) == label


def test_the_second_game_is_seen_from_the_answer_shown_first() -> None:
    games = [{"judgment": "[[A>B]]", "score": "A>B"}, {"judgment": "[[A>B]]", "score": "A>B"}]
    stored = stored_in({"question_id": "q", "model": "new", "judge": "j", "games": games}) or []
    assert [(each.known["model_a"], each.known["model_b"]) for each in stored] == [
        ("gpt-4-0314", "new"),
        ("new", "gpt-4-0314"),
    ]


def test_a_line_of_wildbenchs_batches_names_its_models_in_its_id() -> None:
    message = {"content": '{"reason of A=B": "", "choice": "B++"}'}
    row = {"custom_id": "s||A:one||B:two", "response": {"body": {"model": "j", "choices": [{"message": message}]}}}
    read = next(Rereading().rows([row]))
    assert (read["model_a"], read["model_b"], read["label"], read["published"]) == ("one", "two", "B>>A", "B>>A")


def test_a_share_follows_the_order_that_the_stored_preference_tells() -> None:
    top = [{"token": "m", "logprob": -0.2876820724517809}, {"token": "M", "logprob": -1.3862943611198906}]
    row = {
        "instruction": "i",
        "output_1": "a",
        "output_2": "b",
        "annotator": "w",
        "raw_completion": {
            "logprobs": {"content": [{"token": "m", "logprob": top[0]["logprob"], "top_logprobs": top}]}
        },
    }
    for preference, share in ((1.75, 0.25), (1.25, 0.75)):
        stored = stored_in({**row, "preference": preference}) or []
        assert stored[0].share == pytest.approx(share)


def test_a_row_of_no_known_form_stops_the_run_and_names_its_keys() -> None:
    with pytest.raises(DataError, match="its keys: id, text"):
        list(Rereading().rows([{"id": 1, "text": "x"}]))


def test_rows_of_judge_are_read_again_as_they_were_read_first() -> None:
    row = {"task_id": "q", "model_a": "m", "model_b": "n", "judge": "j", "protocol": "codearena", "state": "ok"}
    replies = [
        ({"reply": '{"reason": "x", "label": "B>A"}', "label": "B>A"}, ("B>A", "ok")),
        ({"reply": "So far", "state": "truncated", "finish_reason": "length"}, (None, "truncated")),
        ({"reply": "I cannot help", "state": "refused"}, (None, "refused")),
        ({"reply": "", "state": "api_error"}, (None, "api_error")),
    ]
    for more, wanted in replies:
        (read,) = Rereading().rows([{**row, **more}])
        assert (read["label"], read["state"]) == wanted
    grade = {"task_id": "q", "model": "m", "judge": "j", "protocol": "scoring", "state": "ok", "points": 7.0}
    (read,) = Rereading().rows([{**grade, "reply": '{"reason": "x", "grade": 7}'}])
    assert (read["points"], read["state"]) == (7.0, "ok")
