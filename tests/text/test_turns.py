"""What a reply says in its own turn: tokens end it where they are no text, and nothing that was said is lost."""

import json

import pytest

from syncode.text.program.turns import spoken

CODE = "def add(a, b):\n    return a + b\n"
BLOCK = f"```python\n{CODE}```"
ASKED = '"""<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"""\n'


@pytest.mark.parametrize(
    "said",
    [
        f"```python\nP = {ASKED}{CODE}```\nDone.",
        f"P = {ASKED}{CODE}",
        "```js\nconst p = `hi<|im_end|>\n`;\n```",
        f"```python\n# stops at <|endoftext|>\n{CODE}```\nDone.",
        f"```python\nT = '''\n<|endoftext|>\n'''\n{CODE}```",
        "```\ncat <<EOF\n</s>\n<|eot_id|>\nEOF\n```\nDone.",
        "[1, 2]\n",
        '{"count": 3}',
    ],
)  # fmt: skip
def test_tokens_in_code_are_text(said: str) -> None:
    assert spoken(said) == said


@pytest.mark.parametrize("token", ["<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|return|>", "<s>"])
def test_a_token_in_front_is_no_end(token: str) -> None:
    assert spoken(f"{token}\n{BLOCK}").strip() == BLOCK
    assert spoken(f"{token}{CODE}") == CODE


@pytest.mark.parametrize(
    "behind",
    [
        "<|im_end|>",
        "<|im_end|>\n<|im_start|>user\nNow wrong:\n```python\nW\n```",
        "<|endoftext|>\nAnother text\n",
        "\n<|user|>\nwrite more",
        "<|im_start|>assistant",
        "[end of text]",
        "\n[EOS]",
        "<unk>",
        "<jupyter_code>",
        "<|turn>",
    ],
)  # fmt: skip
def test_what_comes_behind_a_turn_is_not_said(behind: str) -> None:
    assert spoken(CODE + behind).strip() == CODE.strip()
    assert spoken(BLOCK + behind).strip() == BLOCK


def test_a_turn_inside_an_open_block_ends_it() -> None:
    assert spoken(f"```python\n{CODE}<|im_end|>\n<|im_start|>user\nThanks\n```\n") == f"```python\n{CODE}"


def test_an_assistant_who_goes_on_behind_a_greeting_is_read() -> None:
    assert BLOCK in spoken(f"Sure.<|im_end|>\n<|im_start|>assistant\n{BLOCK}")


@pytest.mark.parametrize(
    "value",
    [
        {"code": CODE},
        [{"code": CODE}],
        {"result": {"code": CODE}},
        {"function": CODE, "complexity": "O(1)"},
        {"code": CODE.splitlines()},
        {"name": "python", "arguments": {"code": CODE}},
        CODE,
    ],
)
def test_code_inside_json_is_read(value: object) -> None:
    assert spoken(json.dumps(value)).strip() == CODE.strip()


def test_line_ends_of_old_machines() -> None:
    assert spoken(CODE.replace("\n", "\r")) == CODE
