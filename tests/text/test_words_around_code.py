"""Words around code that is not fenced, and words that happen to parse, stay out of the program."""

import pytest

from syncode.text import python
from syncode.text.program import Wanted, complete, find_program

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
    assert set(python.bound(python.parsed(found) or pytest.fail(found))) == {"add"}
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


OTHERS = {
    "javascript": "function add(a, b) {\n  return a + b;\n}\n",
    "typescript": "export const add = (a: number, b: number): number => a + b;\n",
    "java": "import java.util.*;\n\nclass Solution {\n    // The sum (of two).\n    int add(int a, int b) { return a + b; }\n}\n",
    "csharp": "using System;\n\npublic class Problem\n{\n    public static int Add(int a, int b) => a + b;\n}\n",
    "c": "#include <stdio.h>\n\nint *at = 0;\n\nint add(int a, int b)\n{\n    return a + b;\n}\n",
    "cpp": "#include <vector>\nusing namespace std;\n\nint add(int a, int b) {\n    return a + b;\n}\n",
    "rust": "/// The sum: of two.\npub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n",
    "go": 'package main\n\nimport "fmt"\n\nfunc add(a, b int) int {\n\treturn a + b\n}\n',
    "php": "<?php\nfunction add($a, $b) {\n    return $a + $b;\n}\n",
    "ruby": "# The sum.\ndef add(a, b)\n  a + b\nend\n",
    "lua": "local function add(a, b)\n  return a + b\nend\n",
    "perl": "sub add {\n    my ($a, $b) = @_;\n    return $a + $b;\n}\n",
    "r": "add <- function(a, b) {\n  a + b\n}\n",
    "bash": 'add() {\n  echo $(( $1 + $2 ))\n}\n',
}  # fmt: skip
WORDS = [
    "**Explanation**",
    "**Explanation:** it uses `+`",
    "*Note*: fast.",
    "Time: O(1)",
    "Space complexity: O(1), no array.",
    "Answer: add(1, 2) is 3",
    "Note: it uses addition (no loops), so it's O(1)",
    "Use add(1, 2).",
    "This returns a + b; nothing else.",
    "1. It adds (a, b).",
    "• add(1, 2) = 3",
    "+ add(1, 2) = 3",
    "> It works.",
]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("language", OTHERS)
def test_words_are_told_from_code_of_any_language(language: str, words: str) -> None:
    code = OTHERS[language]
    wanted = Wanted(language, "Add" if language == "csharp" else "add")
    assert find_program(f"**Answer**\n\n{code}\n{words}\n", wanted).code.strip() == code.strip()
    assert find_program(f"{code}{words}\nIt is short.\n", wanted).code.strip() == code.strip()


@pytest.mark.parametrize("language", OTHERS)
def test_words_behind_a_body_are_left_out(language: str) -> None:
    code = OTHERS[language].strip("\n").split("\n")
    head = next(number for number, line in enumerate(code) if "dd" in line)
    prompt, body = "\n".join(code[: head + 1]) + "\n", "\n".join(code[head + 1 :])
    if body:
        name = "Add" if language == "csharp" else "add"
        found = complete(f"{body}\n\nThis adds them.\n\n**Time**: O(1)\n", prompt, Wanted(language, name))
        assert found.code.strip() == f"{prompt}{body}".strip()
