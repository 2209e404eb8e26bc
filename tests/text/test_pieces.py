"""Texts too long to be taken apart whole: what is found in pieces is what is found in the whole."""

import pytest

from syncode.schemas.records import Row
from syncode.stages.dedup.texts import exact_keys, jaccard, shingles
from syncode.stages.filter.view import View
from syncode.text import pieces
from syncode.text.words import grams, grams_of, normal_words

LINES = [f"def function_{number}(a, b):\n    return a * {number} + b  # line {number}\n" for number in range(400)]
TEXT = "".join(LINES)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 100)


@pytest.mark.parametrize("text", ["", "a", TEXT, TEXT.replace("\n", " "), "x" * 950, "日本語" * 300])
@pytest.mark.usefixtures("small")
def test_pieces_are_the_text_and_short(text: str) -> None:
    found = list(pieces.pieces(text))
    assert "".join(found) == text
    assert max(map(len, found), default=0) <= 100
    lines = list(pieces.pieces(text, whole_lines=True))
    assert "".join(lines) == text
    assert all(piece.endswith("\n") for piece in lines[:-1])


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", " "), "Größe 日本語 für alle\n" * 60, "one two", ""])
def test_what_is_found_in_pieces_is_what_is_found_in_the_whole(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row: Row = {"id": "a", "text": text}
    whole = shingles(text, 5), exact_keys(row, ""), set(grams(normal_words(text), 10))
    monkeypatch.setattr(pieces, "PIECE", 100)
    assert (shingles(text, 5), exact_keys(row, ""), set(grams_of(text, 10, normal_words))) == whole


def test_a_long_text_is_compared_by_a_share_of_its_n_grams(monkeypatch: pytest.MonkeyPatch) -> None:
    other = TEXT.replace("function_12", "other_12")
    whole, truth = shingles(TEXT, 5), jaccard(shingles(TEXT, 5), shingles(other, 5))
    monkeypatch.setattr("syncode.stages.dedup.texts.MEASURED", len(TEXT) * 2 // 7)
    some = shingles(TEXT, 5)
    assert some < whole
    assert len(whole) / 8 < len(some) < len(whole) / 3
    assert truth < 0.99
    assert jaccard(some, shingles(other, 5)) == pytest.approx(truth, abs=0.02)


def test_the_rules_see_the_first_part_of_a_long_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MEASURED", 100)
    chat: Row = {"id": "a", "messages": [{"role": "user", "content": TEXT}, {"role": "assistant", "content": TEXT}]}
    assert View(chat, "sample").question == View(chat, "sample").answer == TEXT[:100]
    assert View({"id": "a", "text": TEXT}, "web").text == TEXT[:100]
