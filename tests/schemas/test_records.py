"""Ids and draws depend on content and keys alone, so that order, shards and machines cannot change a result."""

import subprocess
import sys

from syncode.schemas.records import content_id, draw, dropped


def test_ids_are_stable_for_ever() -> None:
    # Fixed values: a change here would orphan every id, parent and journal entry that was ever written.
    assert content_id("a", 1, ["b", None]) == "72984c56705b9833bc34a52fba8ddd28"
    assert content_id() == "7ebb3c7c2a87b1a2f8a7ed729ecb040d"


def test_equal_content_has_equal_ids_whatever_the_order_of_keys() -> None:
    assert content_id({"a": 1, "b": [2]}) == content_id({"b": [2], "a": 1})
    ids = [content_id("ab"), content_id("a", "b"), content_id(["ab"]), content_id("ab", None), content_id("ba")]
    assert len(set(ids)) == len(ids)
    assert all(len(text) == 32 and int(text, 16) >= 0 for text in ids)


def test_ids_and_draws_are_the_same_in_another_process() -> None:
    script = "from syncode.schemas.records import *; print(content_id('é', 1.5), draw(1, 'x', 2, 'p'))"
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert other == [content_id("é", 1.5), str(draw(1, "x", 2, "p"))]


def test_a_draw_depends_on_each_of_its_keys() -> None:
    draws = [draw(0, "x"), draw(1, "x"), draw(0, "y"), draw(0, "x", 1), draw(0, "x", 0, "order")]
    assert len(set(draws)) == len(draws)
    assert draw(0, "x") == 6300725858287477715


def test_draws_are_spread_evenly() -> None:
    heads = sum(draw(0, str(number)) % 2 for number in range(4000))
    assert 1850 < heads < 2150  # 5 standard deviations are 158


def test_a_dropped_row_keeps_what_it_was() -> None:
    row = {"id": "1", "unknown": [1]}
    assert dropped(row, "filter.length", "7 < 10") == {**row, "drop": "filter.length: 7 < 10"}
    assert "drop" not in row
