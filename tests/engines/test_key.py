"""The journal key: equal requests, equal key, for as long as there are paid answers."""

from dataclasses import replace
from typing import Any

import pytest

from syncode.engines import Op, Request, Sampling
from syncode.engines.dialect import Dialect, body_of
from syncode.engines.journal.key import journal_key, seed_of

OP = Op("synth", version=1, prompt="synth.v1")
REQUEST = Request(
    "r1",
    OP,
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
    Sampling(temperature=0.7, max_tokens=64),
    k=2,
    schema={"type": "object", "properties": {"a": {"type": "string"}}},
    stop=("\n\n",),
)


def key(request: Request, model: str = "m", seed: int | None = 5) -> str:
    return journal_key(request, model, seed).hex()


def test_a_key_that_was_paid_for_stays_the_same() -> None:
    """If this fails, every journal in the world is orphaned: change the form only where requests mean something new."""
    assert key(REQUEST) == "32d55b22933af8067b0666b721e7912b"
    assert (
        key(Request("r", Op("judge", 3, "p"), [{"role": "user", "content": "x"}]), "gpt", None)
        == "bab4e36a6e0ba6145a4b92d63ff6a6f1"
    )


def test_names_of_prompts_and_records_and_the_order_of_a_schema_do_not_matter() -> None:
    same: list[dict[str, Any]] = [
        {"record_id": "r2"},
        {"op": replace(OP, prompt="other")},
        {"schema": {"properties": {"a": {"type": "string"}}, "type": "object"}},
        {"sampling": Sampling(temperature=0.7, max_tokens=64, top_p=1)},
    ]
    assert {key(replace(REQUEST, **change)) for change in same} == {key(REQUEST)}


@pytest.mark.parametrize(
    "change",
    [
        {"op": replace(OP, name="other")},
        {"op": replace(OP, version=2)},
        {"messages": REQUEST.messages[1:]},
        {"sampling": Sampling(temperature=0.8, max_tokens=64)},
        {"sampling": Sampling(temperature=0.7, max_tokens=65)},
        {"sampling": Sampling(temperature=0.7, max_tokens=64, top_p=0.9)},
        {"k": 3},
        {"schema": None},
        {"stop": ()},
    ],
    ids=str,
)
def test_everything_that_changes_the_question_changes_the_key(change: dict[str, Any]) -> None:
    assert key(replace(REQUEST, **change)) != key(REQUEST)


def test_model_and_seed_change_the_key() -> None:
    assert len({key(REQUEST), key(REQUEST, "other"), key(REQUEST, seed=6), key(REQUEST, seed=None)}) == 4


def test_seeds_follow_run_record_and_sample_and_none_is_sent_where_nothing_is_drawn() -> None:
    cold = replace(REQUEST, sampling=Sampling(temperature=0.0), k=0)
    assert seed_of(cold, 1) is None
    assert seed_of(replace(cold, seed=9), 1) == 9
    seeds = {
        seed_of(REQUEST, 1),
        seed_of(REQUEST, 2),
        seed_of(replace(REQUEST, record_id="r2"), 1),
        seed_of(replace(REQUEST, k=3), 1),
    }
    assert len(seeds) == 4
    assert all(seed is not None and 0 <= seed < 2**31 for seed in seeds)


def test_the_body_has_standard_names_and_nothing_it_does_not_need() -> None:
    assert body_of(Request("r", OP, [{"role": "user", "content": "x"}]), "m", None) == {
        "model": "m",
        "messages": [{"role": "user", "content": "x"}],
        "temperature": 0.0,
        "max_tokens": 1024,
        "stream": False,
    }
    full = body_of(REQUEST, "m", 5, Dialect("max_completion_tokens"))
    assert (full["seed"], full["stop"], full["max_completion_tokens"]) == (5, ["\n\n"], 64)
    assert full["response_format"]["json_schema"]["schema"] == REQUEST.schema
