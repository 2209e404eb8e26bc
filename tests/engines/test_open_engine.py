"""The engine as a stage sees it, with the mock model in this process."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncode.engines import ModelOptions, Reply, Request, Sampling, model_identity, open_engine, read_json
from syncode.engines.engine import ended_at
from syncode.errors import EngineError, UsageError

Ask = Callable[..., list[Reply]]
Make = Callable[..., Request]


@pytest.fixture
def mock(tmp_path: Path) -> ModelOptions:
    return ModelOptions(model=("mock",), journal=str(tmp_path / "j.db"))


def changed(options: ModelOptions, **changes: Any) -> ModelOptions:
    return ModelOptions(**{**vars(options), **changes})


def test_the_second_run_is_answered_by_the_journal(ask_all: Ask, question: Make, mock: ModelOptions) -> None:
    first, second = (ask_all(mock, question("one\n\ntwo"))[0] for _ in range(2))
    assert (first.text, first.cached, first.error, first.model) == ("two", False, None, "mock")
    assert second == Reply(**{**vars(first), "cached": True})


def test_replay_answers_what_is_there_and_names_what_is_missing(
    ask_all: Ask, question: Make, mock: ModelOptions
) -> None:
    ask_all(mock, question("known"))
    replay = changed(mock, replay=True)
    assert ask_all(replay, question("known"))[0].text == "known"
    with pytest.raises(EngineError, match=r"1 answers are not in .*j\.db:\n  [0-9a-f]{32} \(test of r1, k 0\)"):
        ask_all(replay, question("known"), question("new"))


def test_replay_of_a_journal_that_is_not_there_makes_none(ask_all: Ask, question: Make, mock: ModelOptions) -> None:
    with pytest.raises(EngineError, match="1 answers are not in"):
        ask_all(changed(mock, replay=True), question("x"))
    assert not Path(mock.journal).exists()


def test_a_schema_gets_a_valid_object(ask_all: Ask, question: Make, mock: ModelOptions) -> None:
    schema = {"type": "object", "properties": {"label": {"enum": ["A", "B"]}}, "required": ["label"]}
    assert read_json(ask_all(mock, question("x", schema=schema))[0].text, schema) is not None


def test_equal_questions_of_one_run_are_sent_once(ask_all: Ask, question: Make, mock: ModelOptions) -> None:
    replies = ask_all(changed(mock, budget="1req"), *[question("same", record=f"r{n}") for n in range(50)])
    assert {reply.text for reply in replies} == {"same"}


def test_at_a_temperature_samples_and_rows_are_kept_apart_and_follow_the_run_seed(
    ask_all: Ask, question: Make, mock: ModelOptions
) -> None:
    warm = Sampling(temperature=0.7)
    requests = [question("x", k, f"r{row}", sampling=warm) for row in range(2) for k in range(2)]
    keys = [reply.key for reply in ask_all(mock, *requests)]
    assert len(set(keys)) == 4
    assert [reply.key for reply in ask_all(mock, *requests)] == keys
    assert not set(keys) & {reply.key for reply in ask_all(mock, *requests, seed=1)}


def test_no_journal_leaves_no_file(
    ask_all: Ask, question: Make, mock: ModelOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ask_all(ModelOptions(model=("mock",), no_journal=True), question("x"))[0].text == "x"
    assert list(tmp_path.iterdir()) == []


def test_nothing_but_the_journal_is_left_behind(ask_all: Ask, question: Make, mock: ModelOptions) -> None:
    ask_all(mock, question("x"))
    assert [path.name for path in Path(mock.journal).parent.iterdir()] == ["j.db"]


@pytest.mark.parametrize(
    "text",
    ["gpt-4o", "openai:", "vllm:", "http://host/v1", "lokal", "http://[::1/v1#m", "http://h:x/v1#m", "http://:9/v1#m"],
)
def test_a_model_that_cannot_be_read_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--model"):
        model_identity(ModelOptions(model=(text,)))


def test_two_servers_must_serve_one_model() -> None:
    with pytest.raises(UsageError, match="one model"):
        model_identity(ModelOptions(model=("http://a/v1#x", "http://b/v1#y")))
    assert model_identity(ModelOptions(model=("http://a/v1#x", "http://b/v1#x"))) == "x"


def test_a_key_in_the_address_is_refused_without_being_repeated() -> None:
    for url in ("https://me:s3cret@host/v1#m", "https://host/v1?key=s3cret#m"):
        with pytest.raises(UsageError) as caught:
            model_identity(ModelOptions(model=(url,)))
        assert "s3cret" not in str(caught.value)


def test_the_openai_api_wants_its_key(
    ask_all: Ask, question: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    options = ModelOptions(model=("openai:gpt-4o",), journal=str(tmp_path / "j.db"))
    assert model_identity(options) == "gpt-4o"
    with pytest.raises(EngineError, match="set OPENAI_API_KEY"):
        ask_all(options, question("x"))


def test_an_engine_can_be_used_in_one_event_loop_after_another(question: Make, mock: ModelOptions) -> None:
    with open_engine(mock) as ask:
        assert asyncio.run(ask(question("a"))).text == "a"
        assert asyncio.run(ask(question("b"))).text == "b"
        assert asyncio.run(ask(question("a"))).cached


def test_a_reply_ends_at_its_stop_sequence_whether_the_server_heeds_it_or_not() -> None:
    assert ended_at(Reply("a\nb END c\n", "length"), ("END", "\nb")) == Reply("a", "stop")
    assert ended_at(Reply("a", "length"), ("END",)) == Reply("a", "length")
