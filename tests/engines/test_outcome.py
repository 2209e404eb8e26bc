"""What a response is taken for."""

import orjson
import pytest

from syncode.engines.outcome import Course, judge, message, same_model
from syncode.engines.wire import Response, read


def good(**changes: object) -> bytes:
    answer = {
        "model": "m",
        "choices": [{"message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1},
    }
    return orjson.dumps(answer | changes)


@pytest.mark.parametrize(
    ("status", "course"),
    [
        (400, Course.ROW_FAILS), (401, Course.RUN_STOPS), (403, Course.RUN_STOPS), (404, Course.RUN_STOPS),
        (408, Course.AGAIN), (409, Course.AGAIN), (413, Course.ROW_FAILS), (422, Course.RUN_STOPS), (429, Course.AGAIN),
        (500, Course.AGAIN), (502, Course.AGAIN), (503, Course.AGAIN), (529, Course.AGAIN),
    ],
)  # fmt: skip
def test_statuses(status: int, course: Course) -> None:
    verdict = judge(Response(status, b'{"error": {"message": "no\\nway"}}'), "m", structured=False)
    assert (verdict.course, verdict.reason, verdict.billed) == (course, f"HTTP {status}: no way", False)


def test_429_pauses_as_long_as_it_says_or_two_seconds() -> None:
    assert judge(Response(429, b""), "m", structured=False).pause == 2.0
    told = judge(Response(429, b"", {"retry-after": "11"}), "m", structured=False)
    assert (told.pause, told.crowded) == (11, True)


def test_an_exhausted_account_is_no_reason_to_try_again() -> None:
    body = b'{"error": {"message": "pay first", "code": "insufficient_quota"}}'
    assert judge(Response(429, body), "m", structured=False).course is Course.RUN_STOPS


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter"])
def test_length_and_content_filter_are_answers(reason: str) -> None:
    choices = [{"message": {"content": None}, "finish_reason": reason}]
    verdict = judge(Response(200, good(choices=choices)), "m", structured=False)
    assert verdict.course is Course.ANSWER
    assert verdict.reply is not None
    assert (verdict.reply.text, verdict.reply.finish_reason) == ("", reason)


def test_a_refusal_in_place_of_content_is_an_answer_that_was_filtered() -> None:
    message = {"content": None, "refusal": "I cannot help with that."}
    verdict = judge(Response(200, good(choices=[{"message": message, "finish_reason": "stop"}])), "m", structured=True)
    assert verdict.reply is not None
    assert (verdict.reply.text, verdict.reply.finish_reason) == ("I cannot help with that.", "content_filter")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", good()[:-9], b"[]", good(choices=[]), good(choices=[{}]), good(choices="x")]
)
def test_what_is_no_chat_completion_may_have_been_billed_and_is_asked_again(body: bytes) -> None:
    verdict = judge(Response(200, body), "m", structured=False)
    assert (verdict.course, verdict.kind, verdict.billed) == (Course.AGAIN, "unreadable", True)


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 2}}, {"prompt_tokens": 3, "cached_tokens": 2}),
        ({"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 9}}, {"prompt_tokens": 3, "cached_tokens": 3}),
        ({"prompt_tokens": True, "completion_tokens": -1}, {}),
        ({"prompt_tokens": 2**63, "completion_tokens": 1.5}, {}),
        ("none", {}),
    ],
)
def test_usage_is_believed_where_it_can_be_true(told: object, usage: object) -> None:
    assert read(good(usage=told)).usage == usage


def test_another_model_than_the_one_asked_for_is_not_taken() -> None:
    assert judge(Response(200, good(model="other")), "m-large", structured=False).kind == "wrong model"


@pytest.mark.parametrize(
    ("asked", "answered", "same"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("Qwen/Qwen2.5-Coder-7B", "qwen2.5-coder-7b", True),
        ("smol", "/models/smol.gguf", True),
        ("gpt-4o", "", True),
        ("gpt-4o", "gpt-3.5-turbo", False),
        ("gpt-4", "gpt-4o", False),
        ("gpt-4", "gpt-4-0613", True),
        ("a/x", "a/y", False),
    ],
)
def test_names_of_models(asked: str, answered: str, same: bool) -> None:
    assert same_model(asked, answered) is same


def test_a_server_without_response_format_is_asked_without_it() -> None:
    refusal = Response(400, b'{"error": {"message": "response_format is not supported"}}')
    assert judge(refusal, "m", structured=True).course is Course.NO_SCHEMA
    assert judge(refusal, "m", structured=False).course is Course.ROW_FAILS


def test_the_words_of_a_server_are_one_short_line() -> None:
    assert message(b"a\n  b\xff") == "a b\ufffd"
    assert message(b'{"message": "flat"}') == "flat"
    assert message(b'{"error": "text"}') == "text"
    assert len(message(b"x" * 9999)) == 300
