"""Words around code that is not fenced, and words that happen to parse, stay out of the program."""

import pytest

from syncode.text import python
from syncode.text.program import Wanted, find_program

CODE = "def add(a, b):\n    return a + b\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{CODE}\n### Complexity\nTime: O(n)\nSpace: O(1)\n",
        f"{CODE}\nHuman: thanks\nAssistant: yes\n",
        f"```python\n{CODE}\nHuman: thanks\n```",
        f"```python\n{CODE}[EOS]\n```",
        f"{CODE}\nDone\n",
        f"[BEGIN]\n{CODE}[DONE]\n",
        f"python\n{CODE}",
        f"Python:\n{CODE}",
        f"<solution><![CDATA[\n{CODE}]]></solution>",
        f"{{code:python}}\n{CODE}{{code}}\n",
        f"The answer: {CODE}",
        f"**Answer:** {CODE}\nTime: O(1)\n",
    ],
)
def test_words_that_parse_are_no_code(text: str) -> None:
    found = find_program(text, Wanted("python", "add")).code
    assert python.bound(python.parsed(found) or pytest.fail(found)) == {"add"}
    assert CODE.strip() in found
    for word in ("Time", "Human", "EOS", "Done", "DONE", "code}", "CDATA"):
        assert word not in found


def test_one_line_behind_words() -> None:
    found = find_program("The answer: def add(a, b): return a + b", Wanted("python", "add"))
    assert found.code == "def add(a, b): return a + b\n"


@pytest.mark.parametrize(
    "code",
    [
        "x: int\nx = 1\n",
        "class Node: ...\nroot: Node\n",
        "from names import *\nTime: O(n)\n",
        "value = 1\nvalue\n",
        "f()\n",
        '"""Text."""\nx = 1\n',
    ],
)
def test_statements_of_a_program_are_no_words(code: str) -> None:
    assert python.without_words(code) == code


def test_statements_are_taken_out_by_their_lines() -> None:
    code = "x = 1; Done\n@d\ndef f(): pass\nTime: O(\n  n)\ny = 'é'; Note\n"
    assert python.without_words(code) == "x = 1; pass\n@d\ndef f(): pass\ny = 'é'; pass\n"
