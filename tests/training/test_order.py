"""Order, batches, shares and the token folder: independent of where a row stood and of how many ranks there are."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncode.training import order
from syncode.training.encode import Encoded
from syncode.training.recipe import Schedule, Stage
from syncode.training.tokens import TokenWriter, open_tokens


def encoded(number: int) -> Encoded:
    return Encoded(f"row-{number}", list(range(5 + number % 3)), [(2, 1), (4, 1 + number % 3)])


def written(folder: Path, numbers: list[int]) -> tuple[Any, dict[str, Any]]:
    writer = TokenWriter(folder)
    for number in numbers:
        writer.add(encoded(number))
    manifest = writer.close()
    return open_tokens(folder), manifest


def test_order_and_lock_follow_the_ids_and_not_the_places(tmp_path: Path) -> None:
    one, first = written(tmp_path / "a", list(range(50)))
    other, second = written(tmp_path / "b", list(reversed(range(50))))
    names = [tokens.names(order.order(tokens.index, 3, 0, 0)) for tokens in (one, other)]
    assert names[0] == names[1] != [f"row-{number}" for number in range(50)]
    assert first == second


def test_order_differs_by_seed_stage_and_epoch(tmp_path: Path) -> None:
    tokens, _ = written(tmp_path / "a", list(range(50)))
    keys = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert len({tuple(order.order(tokens.index, *key)) for key in keys}) == len(keys)
    assert sorted(order.order(tokens.index, 0, 0, 0)) == list(range(50))


def test_the_lock_changes_with_one_token(tmp_path: Path) -> None:
    _, before = written(tmp_path / "a", [1, 2])
    writer = TokenWriter(tmp_path / "b")
    writer.add(encoded(1))
    writer.add(Encoded("row-2", [*encoded(2).ids[:-1], 99], encoded(2).spans))
    assert writer.close()["sha256"] != before["sha256"]


def test_a_sample_comes_back_as_it_was(tmp_path: Path) -> None:
    tokens, manifest = written(tmp_path / "a", [0, 1, 2])
    ids, positions = tokens.sample(2)
    assert ids.tolist() == list(range(7))
    assert positions.tolist() == [2, 4, 5, 6]
    assert (manifest["samples"], manifest["tokens"], manifest["targets"], manifest["longest"]) == (3, 18, 9, 7)


def test_steps_of_a_stage() -> None:
    rate = Schedule(lr=1e-3)
    assert order.steps_of_epoch(10, 4) == 3
    assert order.steps_of_stage(Stage(rate, epochs=2), 33) == 2 * 3
    assert order.steps_of_stage(Stage(rate, epochs=None, max_steps=7), 33) == 7


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=40), st.integers(1, 8))
def test_shares_take_every_sample_once_and_are_near_even(costs: list[float], ranks: int) -> None:
    parts = order.share(costs, ranks)
    assert sorted(number for part in parts for number in part) == list(range(len(costs)))
    loads = [sum(costs[number] for number in part) for part in parts]
    # When the busiest rank took its last sample it had the least work of all, so no more than the mean (Graham 1969).
    assert max(loads) <= sum(costs) / ranks + max(costs) + 1e-6
    assert order.balance(costs, parts) == pytest.approx(np.mean(loads) / max(loads))


def test_shares_do_not_depend_on_chance() -> None:
    assert order.share([3.0, 1.0, 2.0, 2.0], 2) == [[0, 1], [2, 3]]
