"""How requests adapt to a server that refuses a part of them: found out once, for all rows, and said once."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from syncode.engines import ModelOptions, Reply, Request, Sampling
from syncode.engines.dialect import OPTIONAL, PLAIN, Dialect, body_of, named_in
from syncode.engines.replies.words import words_of
from syncode.errors import EngineError
from syncode.schemas.records import Message

Ask = Callable[..., list[Reply]]
Make = Callable[..., Request]
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
ROWS = 12


def openai(text: str, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": text, "type": "invalid_request_error", "param": param, "code": None}}


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (openai("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."), {"limit"}),
        (openai("Unsupported value", "temperature"), {"temperature"}),
        (openai("Only the default (1) value is supported for temperature."), {"temperature"}),
        ({"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted", "input": {"temperature": 1}}]}, {"seed"}),
        ({"object": "error", "message": {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs"}]}}, {"seed"}),
        (openai("Invalid JSON payload received. Unknown name \"top_p\""), {"top_p"}),
        (openai("unknown field `stop`"), {"stop"}),
        (openai("Stop sequences are not supported"), {"stop"}),
        (openai("the request was stopped"), set()),
        (openai("guided decoding is disabled"), {"response_format"}),
        (openai("This model does not support structured outputs"), {"response_format"}),
        (openai("failed to parse grammar"), {"response_format"}),
        (openai("Invalid value", "response_format.type"), {"response_format"}),
        (openai("Unsupported value: 'messages[0].role' does not support 'system' with this model."), {"system"}),
        (openai("Conversation roles must alternate user/assistant/user/assistant"), {"system"}),
        (openai("Developer instruction is not enabled for models/gemma-3"), {"system"}),
        (openai("the system is busy"), set()),
        (openai("max_tokens must be at most 4096"), set()),
        (openai("`temperature` must be strictly positive"), {"temperature"}),
        (openai("temperature and top_p cannot both be specified for this model"), {"temperature", "top_p"}),
    ],
)  # fmt: skip
def test_a_refusal_names_what_it_is_about(error: object, named: set[str]) -> None:
    assert named_in(words_of(orjson.dumps(error)), OPTIONAL) == named


def refusing(chat: Any, **refusals: Any) -> Callable[[dict[str, Any], int], tuple[int, dict[str, str], Any]]:
    """A server that refuses requests in which `has` finds something with the given error, one complaint at a time."""

    def reply(body: dict[str, Any], number: int) -> tuple[int, dict[str, str], Any]:
        for name, (status, error) in refusals.items():
            roles = {message["role"] for message in body["messages"]}
            if (name == "system" and "system" in roles) or name in body:
                return status, {}, error
        return 200, {}, chat('{"a": "b"}' if "JSON Schema" in str(body["messages"]) else "fine")

    return reply


@pytest.fixture
def served(scripted: Any, chat: Any) -> Callable[..., Any]:
    """Serve a server that refuses parts of requests."""
    return lambda **refusals: scripted(refusing(chat, **refusals))


@pytest.mark.parametrize(
    ("refusals", "left"),
    [
        ({"max_tokens": (400, openai("Unknown parameter", "max_tokens"))}, {"max_tokens"}),
        ({"temperature": (400, openai("Unsupported value: 'temperature'"))}, {"temperature"}),
        ({"temperature": (500, openai("temperature is deprecated for this model"))}, {"temperature"}),
        ({"seed": (422, {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]})}, {"seed"}),
        ({"stream": (400, openai("Unknown parameter: 'stream'"))}, {"stream"}),
        ({"response_format": (400, openai("This response_format type is unavailable now"))}, {"response_format"}),
        ({"response_format": (500, {"detail": "Internal Server Error"})}, {"response_format"}),
        ({"response_format": (400, openai("bad request"))}, {"response_format"}),
        ({"seed": (400, {"message": "bad request"})}, {"seed"}),
        ({"temperature": (500, {"detail": "Internal Server Error"})}, {"temperature"}),
        ({"seed": (404, openai("No endpoints found that can handle the requested parameters."))}, {"seed"}),
        ({"temperature": (403, openai("Parameter temperature is not permitted"))}, {"temperature"}),
        ({"temperature": (409, openai("temperature is not supported"))}, {"temperature"}),
        ({"temperature": (503, openai("temperature: the model was loaded without sampling"))}, {"temperature"}),
        ({"response_format": (422, openai("response_format exceeds the maximum grammar size"))}, {"response_format"}),
        ({"system": (400, {"error": "System role not supported"})}, set()),
        ({"system": (500, {"error": "jinja"})}, set()),
        (
            {
                "max_tokens": (400, openai("Unsupported parameter: 'max_tokens'")),
                "temperature": (400, openai("Unsupported value: 'temperature'")),
                "seed": (400, openai("what?")),
                "system": (400, openai("System role not supported")),
                "response_format": (400, openai("no json mode here")),
            },
            {"max_tokens", "temperature", "seed", "response_format"},
        ),
    ],
)
def test_one_request_finds_out_and_all_others_follow(
    refusals: Any, left: set[str], ask_all: Ask, served: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turns: list[Message] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say a."}]
    sampling = Sampling(temperature=0.5)
    make = Request("r", _op(), turns, sampling, schema=SCHEMA)
    with served(**refusals) as (address, seen):
        options = ModelOptions(model=(f"{address}/v1#m",), journal=str(tmp_path / "j.db"), concurrency=2)
        requests = [Request(f"r{row}", make.op, turns, sampling, schema=SCHEMA) for row in range(ROWS)]
        replies = ask_all(options, *requests)
    assert [reply.error for reply in replies] == [None] * ROWS
    assert all(not left & body.keys() for body in seen[-5:])
    assert {"model", "messages"} <= seen[-1].keys()
    err = capsys.readouterr().err
    assert err.count("refuses a part of the requests") == 1
    assert len(seen) < ROWS + 14  # those that were in flight with the first, and its own trials
    with sqlite3.connect(tmp_path / "j.db") as journal:
        assert journal.execute("SELECT count(*) FROM notes WHERE sent IS NOT NULL").fetchone()[0] == ROWS
    # What a later run asks is what was asked, however it had to be put: nothing is sent again.
    assert all(reply.cached for reply in ask_all(options, *requests))


def _op() -> Any:
    from syncode.engines import Op

    return Op("test", version=1, prompt="test.v1")


def test_a_row_that_is_refused_for_itself_changes_nothing(
    ask_all: Ask, question: Make, scripted: Any, chat: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(body: dict[str, Any], number: int) -> tuple[int, dict[str, str], Any]:
        return (400, {}, openai("cannot do it")) if "q0" in str(body["messages"]) else (200, {}, chat())

    with scripted(reply) as (address, seen):
        options = ModelOptions(model=(f"{address}/v1#m",), journal=str(tmp_path / "j.db"), concurrency=1)
        replies = ask_all(options, *[question(f"q{row}", record=f"r{row}") for row in range(5)])
    assert [reply.error for reply in replies] == ["HTTP 400: cannot do it", None, None, None, None]
    assert "refuses" not in capsys.readouterr().err
    others = [body for body in seen if "q0" not in str(body["messages"])]
    assert len(others) == 4
    assert all({"temperature", "max_tokens"} <= body.keys() for body in others)


def test_a_server_that_stumbles_once_is_not_adapted_to(
    ask_all: Ask, question: Make, scripted: Any, chat: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted(
        lambda body, number: (400 if number == 1 else 200, {}, chat() if number > 1 else openai("?"))
    ) as served:
        options = ModelOptions(model=(f"{served[0]}/v1#m",), journal=str(tmp_path / "j.db"))
        assert ask_all(options, question("x"))[0].error is None
    assert "refuses" not in capsys.readouterr().err


def test_an_outage_of_a_moment_changes_nothing(
    ask_all: Ask, question: Make, scripted: Any, chat: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends while other forms are tried: the one that is answered then proves nothing by itself."""
    with scripted(lambda body, number: (200, {}, chat()) if number > 3 else (500, {}, {"detail": "oh"})) as (
        address,
        seen,
    ):
        options = ModelOptions(model=(f"{address}/v1#m",), journal=str(tmp_path / "j.db"), concurrency=1)
        replies = ask_all(options, *[question(f"q{row}", record=f"r{row}") for row in range(4)])
    assert [reply.error for reply in replies] == [None] * 4
    assert all("temperature" in body for body in seen[4:])
    assert "refuses" not in capsys.readouterr().err


def test_what_the_user_put_there_is_not_taken_away(ask_all: Ask, question: Make, served: Any, tmp_path: Path) -> None:
    with served(temperature=(400, openai("no temperature"))) as (address, seen):
        options = ModelOptions(model=(f"{address}/v1#m",), journal=str(tmp_path / "j.db"), body=("temperature=0.3",))
        assert ask_all(options, question("x"))[0].error == "HTTP 400: no temperature"
        left_out = ModelOptions(model=(f"{address}/v1#m",), journal=str(tmp_path / "j.db"), body=("temperature=null",))
        assert ask_all(left_out, question("x"))[0].text == "fine"
    assert [body.get("temperature") for body in seen[-1:]] == [None]


def test_a_limit_of_the_users_own_takes_the_place_of_ours() -> None:
    request = Request("r", _op(), [{"role": "user", "content": "x"}])
    body = body_of(request, "m", None, PLAIN, {"max_completion_tokens": 5, "top_k": 3})
    assert "max_tokens" not in body
    assert (body["max_completion_tokens"], body["top_k"]) == (5, 3)


def test_the_system_turn_goes_into_the_users() -> None:
    folded = Dialect(folded=True)

    def messages(*turns: dict[str, Any]) -> Any:
        return body_of(Request("r", _op(), list(turns)), "m", None, folded)["messages"]  # type: ignore[arg-type]

    system, user = {"role": "system", "content": "S"}, {"role": "user", "content": "U"}
    assert messages(system, user) == [{"role": "user", "content": "S\n\nU"}]
    assert messages(system) == [{"role": "user", "content": "S"}]
    parts = {"role": "user", "content": [{"type": "text", "text": "U"}]}
    assert messages(system, parts)[0]["content"] == [{"type": "text", "text": "S"}, {"type": "text", "text": "U"}]


@pytest.mark.parametrize("accept", ["other-2", "any"])
def test_an_answer_under_another_name_is_kept_and_stops_the_run_once(
    accept: str, ask_all: Ask, question: Make, scripted: Any, chat: Any, tmp_path: Path
) -> None:
    requests = [question(f"q{row}", record=f"r{row}") for row in range(6)]
    with scripted(lambda body, number: (200, {}, chat(model="other-2"))) as (address, seen):
        options = ModelOptions(model=(f"{address}/v1#m",), journal=str(tmp_path / "j.db"), concurrency=1)
        with pytest.raises(
            EngineError, match=r"asked for the model 'm', answered as 'other-2'; .*--accept-model other-2"
        ):
            ask_all(options, *requests)
        assert len(seen) == 1
        with pytest.raises(EngineError, match="answered as 'other-2'"):  # and it is not asked again without a decision
            ask_all(options, requests[0])
        assert len(seen) == 1
        accepting = ModelOptions(model=options.model, journal=options.journal, accept_model=(accept,))
        replies = ask_all(accepting, *requests)
        assert len(seen) == 6
    assert [reply.cached for reply in replies] == [True] + [False] * 5
    assert {reply.model for reply in replies} == {"other-2"}
