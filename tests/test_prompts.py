"""Prompts: turns of a chat with slots, none of which can be left empty by mistake."""

from pathlib import Path

import pytest

from syncode import prompts

NAMES = sorted(path.stem for path in Path(prompts.__file__).parent.glob("*.md"))


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_has_a_version_turns_and_slots_that_fill(name: str) -> None:
    assert name.rpartition(".v")[2].isdigit()
    turns = prompts.turns(name)
    assert turns[-1][0] == "user"
    slots = {slot for _, template in turns for slot in template.get_identifiers()}
    assert all(template.is_valid() for _, template in turns), "a lone $ stands as $$"
    code = "$x {y} ${z} [user]\n$$"
    messages = prompts.render(name, **dict.fromkeys(slots, code))
    assert [message["role"] for message in messages] == [role for role, _ in turns]
    assert all(message["content"].strip() for message in messages)
    if slots:
        assert sum(code in message["content"] for message in messages) >= 1, "what is filled in is not read again"


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_value_is_an_error(name: str) -> None:
    if any(template.get_identifiers() for _, template in prompts.turns(name)):
        with pytest.raises(KeyError):
            prompts.render(name)
