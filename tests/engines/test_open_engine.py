"""The engine as a stage sees it, with the mock model in this process."""

import asyncio
from pathlib import Path

import pytest

from syncode.engines import ModelOptions, Op, Reply, Request, Sampling, model_identity, open_engine
from syncode.errors import EngineError, UsageError

OP = Op("test", version=1, prompt="test.v1")


def question(text: str, k: int = 0, **more: object) -> Request:
    return Request("r1", OP, [{"role": "user", "content": text}], k=k, **more)  # type: ignore[arg-type]


def ask_all(options: ModelOptions, *requests: Request) -> list[Reply]:
    async def run() -> list[Reply]:
        return list(await asyncio.gather(*map(ask, requests)))

    with open_engine(options) as ask:
        return asyncio.run(run())


def test_the_mock_answers_with_the_last_paragraph_and_the_second_run_is_answered_by_the_journal(tmp_path: Path) -> None:
    options = ModelOptions(model=("mock",), journal=str(tmp_path / "j.db"))
    first = ask_all(options, question("one\n\ntwo"))[0]
    second = ask_all(options, question("one\n\ntwo"))[0]
    assert (first.text, first.cached, first.error) == ("two", False, None)
    assert (second.text, second.cached, second.key) == ("two", True, first.key)


def test_replay_names_what_is_missing(tmp_path: Path) -> None:
    options = ModelOptions(model=("mock",), journal=str(tmp_path / "j.db"), replay=True)
    with pytest.raises(EngineError, match=r"1 answers are not in .*j\.db:\n  [0-9a-f]{32} \(test of r1, k 0\)"):
        ask_all(options, question("x"))


def test_a_schema_gets_a_valid_object() -> None:
    schema = {"type": "object", "properties": {"label": {"enum": ["A", "B"]}, "n": {"type": "integer"}}}
    reply = ask_all(ModelOptions(model=("mock",), no_journal=True), question("x", schema=schema))[0]
    from syncode.engines import read_json

    assert read_json(reply.text, schema) is not None


def test_samples_of_one_question_are_kept_apart_and_equal_questions_at_temperature_0_are_not() -> None:
    options = ModelOptions(model=("mock",), no_journal=True)
    warm = Sampling(temperature=0.7)
    a, b, c = ask_all(options, question("x", sampling=warm), question("x", 1, sampling=warm), question("y"))
    assert len({a.key, b.key, c.key}) == 3


@pytest.mark.parametrize("text", ["gpt-4o", "openai:", "vllm:", "http://host/v1", "lokal"])
def test_a_model_that_cannot_be_read_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--model"):
        model_identity(ModelOptions(model=(text,)))


def test_two_servers_must_serve_one_model() -> None:
    with pytest.raises(UsageError, match="one model"):
        model_identity(ModelOptions(model=("http://a/v1#x", "http://b/v1#y")))
    assert model_identity(ModelOptions(model=("http://a/v1#x", "http://b/v1#x"))) == "x"
