"""What a response is taken for."""

import orjson
import pytest

from syncode.engines.dialect import OPTIONAL, named_in
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


TOO_LARGE = (
    "max_tokens is too large: 1024. This model supports at most 512 completion tokens, whereas you provided 1024."
)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "Invalid schema for response_format: the schema is too large"),
        (422, "response_format.json_schema exceeds the maximum grammar size"),
        (400, "response_format is not available while safety filters are on"),
        (400, "Policy violation: gateway forbids the field `temperature`"),
        (400, "Unsupported parameter: 'max_tokens' is too large a concept; use 'max_output_tokens'"),
        (500, "llama model was loaded without grammar support"),
        (501, "temperature: this model was loaded without sampling support"),
        (400, "Unknown model argument: temperature"),
        (400, "Invalid model parameter 'temperature'"),
        (400, "Unsupported model setting: temperature is not available on this model"),
        (400, "The model setting temperature was not found"),
        (403, "Parameter temperature is not permitted for this model"),
        (405, "temperature is not supported"),
        (409, "temperature is not supported"),
        (412, "temperature is not supported"),
        (502, "upstream: response_format is not supported"),
        (404, "No endpoints found that can handle the requested parameters."),
        (404, "No endpoints found that support response_format"),
        (403, "This feature is disabled by your administrator"),
        (500, "Internal Server Error"),
    ],
)
def test_a_refused_part_is_told_from_what_its_words_sound_like(status: int, text: str) -> None:
    verdict = judge(Response(status, orjson.dumps({"error": {"message": text}})))
    assert verdict.refusal is not None
    assert not verdict.waits


@pytest.mark.parametrize(
    ("status", "text", "course"),
    [
        (404, "The model `seed-coder-8b` does not exist", Course.RUN_STOPS),
        (404, "model 'x/json-mode-7b' not found, try pulling it first", Course.RUN_STOPS),
        (404, "Not Found", Course.RUN_STOPS),
        (404, "No models loaded. Please load a model in the developer page.", Course.RUN_STOPS),
        (403, "Request blocked.", Course.RUN_STOPS),
        (400, "'max_tokens' or 'max_completion_tokens' is too large: 1024. This model's maximum context length is 4096 tokens "
         "and your request has 3800 input tokens (1024 > 4096 - 3800).", Course.ROW_FAILS),
        (400, "Requested tokens exceed the context window; reduce the prompt or max_tokens", Course.ROW_FAILS),
        (400, "The system prompt was flagged as harmful", Course.ROW_FAILS),
    ],
)  # fmt: skip
def test_what_is_about_a_model_or_a_row_is_no_refused_part(status: int, text: str, course: Course) -> None:
    verdict = judge(Response(status, orjson.dumps({"error": {"message": text}})))
    assert (verdict.refusal, verdict.course, verdict.waits) == (None, course, False)


@pytest.mark.parametrize(
    "text",
    [
        TOO_LARGE,
        "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
        "max_tokens must be at least 16",
    ],
)
def test_a_token_limit_that_the_server_does_not_have_is_the_options_fault(text: str) -> None:
    verdict = judge(Response(400, orjson.dumps({"error": {"message": text, "param": "max_tokens"}})))
    assert (verdict.course, verdict.alone) == (Course.RUN_STOPS, True)
    assert verdict.reason.endswith("(--max-tokens sets it)")


RATE = (
    "Rate limit reached on tokens per minute (TPM): Limit 6000. Upgrade at https://console.example.com/settings/billing"
)
QUOTA = "You exceeded your current quota, please check your plan and billing details."
RETRY_INFO = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2s"}]


@pytest.mark.parametrize(
    ("error", "headers", "pause"),
    [
        ({"message": f"{RATE} Please try again in 1m0.5s."}, {}, 60.5),
        ({"message": f"{QUOTA} Please retry in 1m2.5s."}, {}, 62.5),
        ({"message": f"{QUOTA}{' See also the usage page.' * 20}\nPlease retry in 37.6s."}, {}, 37.6),
        ({"message": f"{QUOTA} Please wait 1 minute and 30 seconds."}, {}, 90.0),
        ({"message": QUOTA, "details": RETRY_INFO}, {}, 2.0),
        ({"message": QUOTA, "metadata": {"retry_after_ms": 1500}}, {}, 1.5),
        ({"message": QUOTA, "retry_after": {"seconds": 3}}, {}, 3.0),
        ({"message": QUOTA}, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s"}, 2.0),
        ({"message": RATE}, {}, None),
        ({"message": "Too many requests. Top up your account for higher limits."}, {}, None),
    ],
)
def test_a_rate_that_passes_is_no_empty_account(error: object, headers: dict[str, str], pause: float | None) -> None:
    verdict = judge(Response(429, orjson.dumps({"error": error}), headers))
    assert (verdict.course, verdict.waits, verdict.pause) == (Course.AGAIN, True, pause)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, {"message": QUOTA}),
        (429, {"code": "1113", "message": "余额不足或无可用资源包,请充值。"}),
        (429, {"code": "1113", "message": "?"}),
        (429, {"message": "Your account is in arrears, please recharge and try again"}),
        (429, {"message": "You have depleted your monthly included credits. Subscribe to PRO"}),
        (403, {"message": "Le quota est épuisé", "code": "insufficient_quota"}),
        (403, {"message": "user quota is not enough", "code": "insufficient_user_quota"}),
        (403, {"message": "?", "code": "AccountOverdueError"}),
        (403, {"message": "Sorry, your account balance is insufficient"}),
        (400, {"message": "Ihr Guthaben ist aufgebraucht"}),
        (400, {"message": "Saldo insuficiente"}),
        (400, {"message": "Crédits insuffisants"}),
        (429, {"message": "クレジット残高が不足しています"}),
        (429, {"message": "Недостаточно средств на балансе"}),
        (400, {"message": "Error code: 402 - {'error': {'message': 'Insufficient Balance', 'type': 'unknown'}}"}),
    ],
)
def test_no_money_is_known_in_other_words_and_languages(status: int, error: object) -> None:
    verdict = judge(Response(status, orjson.dumps({"error": error})))
    assert (verdict.course, verdict.kind, verdict.alone) == (Course.RUN_STOPS, "quota", False)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "Prompt rejected: 'Write a billing system in Go that checks my credit balance' looks unsafe"),
        (400, "Error rendering prompt with jinja template: 'An invalid model class was requested' "),
        (422, "Input rejected: “Write a function that says the API key is missing”"),
        (400, 'Cannot parse "the user\'s temperature is not supported here"'),
    ],
)
def test_what_an_error_quotes_is_the_users_and_means_nothing(status: int, text: str) -> None:
    verdict = judge(Response(status, orjson.dumps({"error": {"message": text}})))
    assert verdict.course is Course.ROW_FAILS
    assert verdict.refusal is not None and named_in(verdict.refusal, OPTIONAL) == frozenset()


def test_an_error_with_numbers_that_no_64_bits_hold_is_shown() -> None:
    assert (
        "123456789012345678901234567890"
        in judge(Response(400, b'{"x": NaN, "y": 123456789012345678901234567890}')).reason
    )


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
