"""Words in scripts with and without spaces."""

import pytest

from syncode.text.words import count, grams, normal_words, spaced, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two snake_words, 3", ["two", "snake_words", "3"]),
        ("写代码 in Python", ["写", "代", "码", "in", "Python"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("Größe café naïve", ["Größe", "café", "naïve"]),
        ("한국어 단어", ["한국어", "단어"]),
        ("ไทย", ["ไ", "ท", "ย"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_two_characters_without_spaces_count_as_a_word() -> None:
    assert count("写一个函数") == 2.5
    assert count("write a function") == 3
    assert list(spaced(words("写 code"))) == ["code"]


def test_normal_words_hide_nothing() -> None:
    assert normal_words("Snake_Case\u200b ＡＢ") == ["snake", "case", "ab"]


def test_grams_count_words() -> None:
    assert list(grams(["a", "b", "c"], 2)) == ["a b", "b c"]
    assert list(grams(list("写一个函"), 1)) == ["写 一", "一 个", "个 函"]
