"""A user's own protocol: what it may say, and what is said of a mistake in it."""

import pytest

from syncode.errors import DataError
from syncode.verdicts.protocol_files import protocol_in

PROMPT = "prompt = '[user]\\n$question $answer_a $answer_b'".replace("\\n", "\n").replace("'", "'''")


def test_a_pair_is_compared_by_default_rules() -> None:
    protocol = protocol_in(f"labels = ['A>B', 'B>A']\n{PROMPT}", "rubrics/kind.toml")
    assert (protocol.name, protocol.shows, protocol.games, protocol.score) == ("kind", "pair", 2, "pairwise")
    assert protocol.labels == ("A>B", "B>A")
    assert protocol.messages("json", question="q", answer_a="1", answer_b="2") == [{"role": "user", "content": "q 1 2"}]


def test_another_prompt_is_another_version() -> None:
    names = {protocol_in(f"labels = ['A>B', 'B>A']\n{PROMPT} # {n}", "k.toml").prompt for n in (1, 2)}
    assert len(names) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("labels = [", "not TOML"),
        ("labels = ['A>B', 'B>A']", "needs `prompt`"),
        (f"lables = []\n{PROMPT}", "no key lables"),
        (f"labels = ['A>B', 'A>C']\n{PROMPT}", "expected one of A>>B"),
        (f"labels = ['A>B']\n{PROMPT}", "at least two different labels"),
        (f"labels = ['A>B', 'B>A']\ngames = 3\n{PROMPT}", "expected 1 or 2"),
        (f"labels = ['A>B', 'B>A']\nscore = 'mean'\n{PROMPT}", "expected codearena"),
        (f"labels = ['A>B', 'B>A']\nreader = 'regex'\n{PROMPT}", "expected json, text"),
        (f"labels = ['A>B', 'B>A']\nname = 'pairwise'\n{PROMPT}", "published protocol"),
        (f"labels = ['A>B', 'B>A']\ngames = true\n{PROMPT}", "another type"),
        ("scale = [5, 1]\nprompt = '[user] '", "the prompt|has no"),
        ('scale = [5, 1]\nprompt = "[user]\\n$question $answer"', "the lower one first"),
        ('prompt = "[user]\\n$question $answer costs 5$"', "written [$][$]"),
        ('prompt = "[user]\\n$question $answer $grade"', "has a slot [$]grade"),
        ('prompt = "[user]\\n$question"', "never shows [$]answer"),
    ],
)
def test_a_mistake_is_named_with_its_file(text: str, told: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        protocol_in(text, "own.toml")
    assert str(caught.value).startswith("own.toml: ")
