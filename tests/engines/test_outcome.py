"""What a response is taken for."""

import orjson
import pytest

from syncode.engines.names import same_model
from syncode.engines.replies.completion import read
from syncode.engines.replies.outcome import Course, judge
from syncode.engines.replies.words import message
from syncode.engines.wire import Response


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
        (408, Course.AGAIN), (409, Course.AGAIN), (413, Course.ROW_FAILS), (422, Course.ROW_FAILS),
        (402, Course.RUN_STOPS), (429, Course.AGAIN),
        (500, Course.AGAIN), (502, Course.AGAIN), (503, Course.AGAIN), (529, Course.AGAIN),
    ],
)  # fmt: skip
def test_statuses(status: int, course: Course) -> None:
    verdict = judge(Response(status, b'{"error": {"message": "no\\nway"}}'))
    assert (verdict.course, verdict.reason, verdict.billed) == (course, f"HTTP {status}: no way", False)


@pytest.mark.parametrize(
    ("status", "headers", "text", "pause"),
    [
        (429, {}, "slow down", None),
        (429, {"retry-after": "11"}, "slow down", 11.0),
        (429, {}, "Rate limit reached. Please try again in 6s. Add a payment method to billing.", 6.0),
        (503, {}, "Loading model", None),
        (503, {"retry-after": "3"}, "no", 3.0),
        (500, {}, "The model is currently loading", None),
    ],
)
def test_a_server_that_is_full_or_loading_is_waited_for(
    status: int, headers: dict[str, str], text: str, pause: float | None
) -> None:
    verdict = judge(Response(status, orjson.dumps({"error": {"message": text}}), headers))
    assert (verdict.course, verdict.waits, verdict.crowded, verdict.pause) == (Course.AGAIN, True, True, pause)


@pytest.mark.parametrize(
    ("status", "body", "course"),
    [
        (200, {"error": {"code": 401, "message": "No auth credentials found"}}, Course.RUN_STOPS),
        (200, {"error": {"type": "insufficient_quota", "message": "pay"}}, Course.RUN_STOPS),
        (200, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, Course.AGAIN),
        (200, {"object": "error", "message": "too many tokens", "code": 400}, Course.ROW_FAILS),
        (200, {"detail": "something"}, Course.AGAIN),
        (200, {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}, "choices": None}, Course.RUN_STOPS),
        (400, {"error": {"message": "Your credit balance is too low to access the API."}}, Course.RUN_STOPS),
        (400, [{"error": {"message": "API key not valid. Please pass a valid API key.", "status": "X"}}], Course.RUN_STOPS),
        (400, {"error": {"message": "foo/bar is not a valid model ID"}}, Course.RUN_STOPS),
        (400, {"error": {"message": "The response was filtered by the content management policy"}}, Course.ROW_FAILS),
        (403, {"error": {"message": "Your input was flagged", "metadata": {"reasons": ["x"]}}}, Course.ROW_FAILS),
        (422, {"error": "`inputs` tokens + `max_new_tokens` must be <= 4096."}, Course.ROW_FAILS),
        (413, {"error": {"message": "Request too large"}}, Course.ROW_FAILS),
        (429, {"error": {"message": "Request too large for m on tokens per min"}}, Course.ROW_FAILS),
        (500, {"error": {"message": "the prompt exceeds the available context size"}}, Course.ROW_FAILS),
        (429, {"error": {"code": 429, "type": "insufficient_quota", "message": "no"}}, Course.RUN_STOPS),
    ],
)  # fmt: skip
def test_what_an_error_is_about_decides_who_ends(status: int, body: object, course: Course) -> None:
    assert judge(Response(status, orjson.dumps(body))).course is course


def test_an_exhausted_account_is_no_reason_to_try_again() -> None:
    body = b'{"error": {"message": "pay first", "code": "insufficient_quota"}}'
    assert judge(Response(429, body)).course is Course.RUN_STOPS


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_length_and_content_filter_are_answers(reason: str) -> None:
    choices = [{"message": {"content": None}, "finish_reason": reason}]
    verdict = judge(Response(200, good(choices=choices)))
    assert verdict.course is Course.ANSWER
    assert verdict.reply is not None
    assert (verdict.reply.text, verdict.reply.finish_reason) == ("", reason)


def test_a_refusal_in_place_of_content_is_an_answer_that_was_filtered() -> None:
    message = {"content": None, "refusal": "I cannot help with that."}
    verdict = judge(Response(200, good(choices=[{"message": message, "finish_reason": "stop"}])))
    assert verdict.reply is not None
    assert (verdict.reply.text, verdict.reply.finish_reason) == ("I cannot help with that.", "content_filter")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", good()[:-9], b"[]", good(choices=[]), good(choices=[{}]), good(choices="x")]
)
def test_what_is_no_chat_completion_may_have_been_billed_and_is_asked_again(body: bytes) -> None:
    verdict = judge(Response(200, body))
    assert (verdict.course, verdict.kind, verdict.billed) == (Course.AGAIN, "unreadable", True)


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 2}}, {"prompt_tokens": 3, "cached_tokens": 2}),
        ({"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 9}}, {"prompt_tokens": 3, "cached_tokens": 3}),
        ({"prompt_tokens": True, "completion_tokens": -1}, {}),
        ({"prompt_tokens": "12", "completion_tokens": 3.0}, {"prompt_tokens": 12, "completion_tokens": 3}),
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 1015},
            {"prompt_tokens": 10, "completion_tokens": 1005},
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 1000}},
            {"prompt_tokens": 10, "completion_tokens": 1005},
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 50, "completion_tokens_details": {"reasoning_tokens": 40}},
            {"prompt_tokens": 10, "completion_tokens": 50},
        ),
        ({"completion_tokens": 5, "total_tokens": 15}, {"prompt_tokens": 10, "completion_tokens": 5}),
        ({"prompt_tokens": 2**63, "completion_tokens": 1.5}, {}),
        ("none", {}),
    ],
)
def test_usage_is_believed_where_it_can_be_true(told: object, usage: object) -> None:
    assert read(good(usage=told)).usage == usage


@pytest.mark.parametrize("content", [None, "", [], " \n"])
def test_an_empty_turn_that_ended_by_itself_is_no_answer(content: object) -> None:
    verdict = judge(Response(200, good(choices=[{"message": {"content": content}, "finish_reason": "stop"}])))
    assert (verdict.course, verdict.empty, verdict.billed) == (Course.AGAIN, True, True)


def test_an_answer_that_the_server_ended_is_asked_again_and_its_words_are_shown() -> None:
    choice = {"message": {"content": "def f("}, "finish_reason": "error", "error": {"message": "upstream broke"}}
    verdict = judge(Response(200, good(choices=[choice])))
    assert verdict.course is Course.AGAIN
    assert verdict.reason == "HTTP 200 with an error: upstream broke"


@pytest.mark.parametrize(
    ("content", "finish"), [("part", None), ("part", "stop"), ("", None), ("", "stop"), ("part", "length")]
)
@pytest.mark.parametrize(
    ("error", "course"),
    [
        ({"code": 502, "message": "Provider returned error"}, Course.AGAIN),
        ({"code": 503, "message": "Overloaded"}, Course.AGAIN),
        ({"code": 402, "message": "Insufficient credits"}, Course.RUN_STOPS),
        ({"message": "maximum context length exceeded"}, Course.ROW_FAILS),
        ("upstream died", Course.AGAIN),
    ],
)
def test_an_error_beside_an_answer_is_what_counts(
    content: str, finish: str | None, error: object, course: Course
) -> None:
    choices = [{"message": {"content": content}, "finish_reason": finish}]
    for body in (good(choices=choices, error=error), good(choices=[{**choices[0], "error": error}])):
        verdict = judge(Response(200, body))
        words = error["message"] if isinstance(error, dict) else error
        assert (verdict.course, verdict.waits, str(words) in verdict.reason) == (course, False, True)
        assert verdict.usage == {"prompt_tokens": 3, "completion_tokens": 1}  # it is paid for


@pytest.mark.parametrize(
    "error", [None, "", {}, [], False, {"code": 0, "message": ""}, {"code": "0", "message": "success"}]
)
def test_an_error_that_says_nothing_is_none(error: object) -> None:
    assert judge(Response(200, good(error=error))).course is Course.ANSWER


@pytest.mark.parametrize(
    ("asked", "answered", "same"),
    [
        ("phi.mini", "llama.mini", False),
        ("v1.base", "v2.base", False),
        ("amazon.nova-pro-v1:0", "us.amazon.nova-pro-v1:0", True),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("Qwen/Qwen2.5-Coder-7B", "qwen2.5-coder-7b", True),
        ("smol", "/models/smol.gguf", True),
        ("gpt-4o", "", True),
        ("gpt-4o", "gpt-3.5-turbo", False),
        ("gpt-4", "gpt-4o", False),
        ("gpt-4", "gpt-4-0613", True),
        ("a/x", "a/y", False),
        ("gpt-4o", "gpt-4o-mini", False),
        ("gpt-4o", "openai/gpt-4o", True),
        ("models/gemini-1.5-pro", "gemini-1.5-pro-002", True),
        ("mistral-large-latest", "mistral-large-2407", True),
        ("llama3", "llama3:latest", True),
        ("llama3:8b", "llama3:70b", False),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022", True),
        ("claude-3-haiku-20240307", "us.anthropic.claude-3-haiku-20240307-v1:0", True),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06", False),
        ("gpt-4o-2024-08-06", "gpt-4o", True),
        ("gpt-4", "gpt-4-1106-preview", False),
        ("m", "gpt-4o-mini-2024-07-18", False),
        ("qwen", "qwen-72", False),
    ],
)
def test_names_of_models(asked: str, answered: str, same: bool) -> None:
    assert same_model(asked, answered) is same


def test_the_words_of_a_server_are_one_short_line() -> None:
    assert message(b"a\n  b\xff") == "a b\ufffd"
    assert message(b'{"message": "flat"}') == "flat"
    assert message(b'{"error": "text"}') == "text"
    assert len(message(b"x" * 9999)) == 300
    assert message(
        b"<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1>nginx &amp; co</body></html>"
    ) == ("502 Bad Gateway: 502 nginx & co")
    nested = {"error": {"message": "Provider returned error", "metadata": {"raw": '{"error":{"message":"inner"}}'}}}
    assert message(orjson.dumps(nested)) == "Provider returned error; inner"
    assert message(b'{"detail":[{"loc":["body","seed"],"msg":"not permitted","input":{"x":1}}]}') == (
        "body.seed: not permitted"
    )
