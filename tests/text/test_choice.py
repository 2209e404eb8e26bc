"""Which of several blocks is the program, and what it takes from the others."""

import pytest

from syncode.text.program import Wanted, complete, find_program
from syncode.text.program.comparable import comparable
from syncode.text.program.names import firmness

RIGHT = {
    "python": "def add(a, b):\n    return a + b\n",
    "javascript": "function add(a, b) {\n  return a + b;\n}\n",
    "typescript": "function add(a: number, b: number): number {\n  return a + b;\n}\n",
    "cpp": "int add(int a, int b) {\n    return a + b;\n}\n",
    "php": "function add($a, $b) {\n    return $a + $b;\n}\n",
    "rust": "fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n",
    "go": "func add(a int, b int) int {\n\treturn a + b\n}\n",
    "ruby": "def add(a, b)\n  a + b\nend\n",
    "lua": "function add(a, b)\n  return a + b\nend\n",
    "perl": "sub add {\n    my ($x, $y) = @_;\n    return $x + $y;\n}\n",
    "bash": "add() {\n  echo $(( $1 + $2 ))\n}\n",
}


def blocks(language: str, *codes: str, between: str = "Then:\n") -> str:
    return between.join(f"```{language}\n{code.rstrip()}\n```\n" for code in codes)


@pytest.mark.parametrize(
    ("language", "later"),
    [
        ("python", "from calc import add\nprint(add(1, 2))"),
        ("python", "import calc\nadd = calc.add\nprint(add(1, 2))"),
        ("python", "from functools import lru_cache\nadd = lru_cache(add)"),
        ("python", "from unittest import mock\nadd = mock.Mock(return_value=3)"),
        ("python", "for add in (add, sum):\n    print(add)"),
        ("python", "class Calc:\n    def add(self, a, b):\n        return add(a, b)"),
        ("javascript", "class Calc {\n  add(a, b) {\n    return add(a, b);\n  }\n}"),
        ("javascript", "add = memoize(add);"),
        ("javascript", "const add = require('./add');"),
        ("typescript", "declare function add(a: number, b: number): number;"),
        ("typescript", "interface Adder {\n  add(a: number, b: number): number;\n}"),
        ("cpp", "#pragma once\nint add(int a, int b);"),
        ("cpp", "#include <iostream>\nint add(int a, int b);\nint main() { std::cout << add(1, 2); }"),
        ("cpp", "extern int add(int, int);\nint x = add(1, 2);"),
        ("cpp", "class Calc {\npublic:\n    int add(int a, int b) { return ::add(a, b); }\n};"),
        ("php", "interface Adder {\n    public function add($a, $b);\n}"),
        ("rust", "trait Adder {\n    fn add(&self, b: i32) -> i32;\n}"),
        ("rust", "mod add;\npub use add::add;"),
        ("go", "type Calc struct{}\n\nfunc (c Calc) add(a int, b int) int {\n\treturn add(a, b)\n}"),
        ("ruby", "class Calc\n  def add(x)\n    @t = add(@t, x)\n  end\nend"),
        ("lua", "local add = require('add')\nprint(add(1, 2))"),
        ("perl", "package Calc;\nsub add {\n    my ($s, $x) = @_;\n    return main::add($s->{t}, $x);\n}\n1;"),
        ("bash", "alias add='add 1'"),
    ],
)
def test_what_only_names_a_function_is_not_its_definition(language: str, later: str) -> None:
    found = find_program(blocks(language, RIGHT[language], later), Wanted(language, "add")).code
    assert RIGHT[language].strip() in found


@pytest.mark.parametrize("language", RIGHT)
def test_a_correction_is_the_definition_all_the_same(language: str) -> None:
    wrong = RIGHT[language].replace("+", "-")
    found = find_program(blocks(language, wrong, RIGHT[language]), Wanted(language, "add")).code
    assert found.strip() == RIGHT[language].strip()


def test_a_member_is_wanted_where_its_class_is() -> None:
    method = "class Solution:\n    def add(self, a, b):\n        return a + b\n"
    assert (
        find_program(blocks("python", RIGHT["python"], method), Wanted("python", "add", ("Solution",))).code == method
    )


def test_a_method_is_called_as_a_function_if_the_tests_do_not_know_its_class() -> None:
    method = "class Solution:\n    def add(self, a, b):\n        return a + b\n"
    alone = "class Box:\n    def add(a, b):\n        return a + b\n"
    assert find_program(blocks("python", method), Wanted("python", "add")).code.endswith("\nadd = Solution().add\n")
    assert find_program(blocks("python", alone), Wanted("python", "add")).code.endswith("\nadd = Box.add\n")
    helped = alone.replace(
        "Box:\n", "Box:\n    import math\n\n    def h(x):\n        return math.floor(x)\n\n"
    ).replace("a +", "h(a) +")
    program: dict[str, object] = {}
    exec(find_program(blocks("python", helped), Wanted("python", "add")).code, program)
    assert program["add"](1, 2) == 3  # type: ignore[operator]
    made = method.replace("    def add", "    def __init__(self, x):\n        self.x = x\n\n    def add")
    assert find_program(blocks("python", made), Wanted("python", "add")).code == made


@pytest.mark.parametrize(
    ("code", "language", "expected"),
    [
        ("add = lambda a, b: a + b", "python", 3),
        ("try:\n    from x import add\nexcept ImportError:\n    def add(a, b): ...", "python", 3),
        ("add = operator.add", "python", 2),
        ("import add", "python", 1),
        ("mul = 1", "python", 0),
        ("const add = (a, b) => a + b;", "javascript", 3),
        ("const add = n => n ? add(n - 1) : 0;", "javascript", 3),
        ("struct add(i32, i32);", "rust", 3),
        ("int add(int (*f)(int), int b = 3)\n{\n  return 1;\n}", "cpp", 3),
        ("int add(int (*f)(int), int b = 3);", "cpp", 1),
        ("add <- function(a, b) a + b", "r", 3),
        ("add <- memoise(add)", "r", 1),
    ],
)
def test_how_firmly_a_name_is_defined(code: str, language: str, expected: int) -> None:
    assert firmness(code, "add", language) == expected


@pytest.mark.parametrize("language", ["python", "ruby", "lua", "bash", "perl"])
def test_a_repetition_that_was_cut_off_is_not_the_answer(language: str) -> None:
    whole = RIGHT[language].replace("def add(a, b):\n", "def add(a, b):\n    c = 0\n")
    cut = whole.rstrip().rpartition("\n")[0]
    said = f"{blocks(language, whole)}Here is the final code again:\n```{language}\n{cut}"
    assert find_program(said, Wanted(language, "add")).code.strip() == whole.strip()


def test_a_repetition_without_fences_is_cut_off_too() -> None:
    whole = "def add(a, b):\n    c = a\n    c += b\n    return c\n"
    assert find_program(f"{whole}\n\ndef add(a, b):\n    c = a\n", Wanted("python", "add")).code == whole


def test_a_bad_example_without_fences_is_passed_over() -> None:
    wrong = RIGHT["python"].replace("+", "-")
    said = f"{RIGHT['python']}\nDon't write it like this:\n\n{wrong}"
    assert find_program(said, Wanted("python", "add")).code == RIGHT["python"]


def test_code_with_another_indent_is_not_quoted_from_the_question() -> None:
    asked = "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n        return s\n"
    fixed = asked.replace("        return", "    return")
    wanted = Wanted("python", "total", (), f"Fix it:\n\n```python\n{asked}```")
    assert find_program(blocks("python", fixed, asked), wanted).code == fixed
    assert find_program(blocks("python", f"{asked}    return 0\n", fixed), wanted).code == fixed
    indented = "\n".join(f"    {line}" for line in asked.split("\n"))
    assert find_program(blocks("python", fixed, asked), Wanted("python", "total", (), indented)).code == fixed


@pytest.mark.parametrize(
    ("text", "gives"),
    [
        (blocks("python", "from operator import *", "def add(a, b):\n    return sub(a, neg(b))"), "from operator import *"),
        (blocks("python", "L = []\nL.append(0)", "def add(a, b):\n    return a + b + L[0]"), "L.append(0)"),
        (blocks("python", "T = {}", "for i in range(3):\n    T[i] = 0", "def add(a, b):\n    return a + b + T[2]"), "T[i] = 0"),
        (blocks("python", "import sys\nsys.setrecursionlimit(9000)", RIGHT["python"]), "setrecursionlimit"),
        ("First:\n\nfrom operator import add as plus\n\n" + blocks("python", "def add(a, b):\n    return plus(a, b)"), "as plus"),
        (
            blocks("python", "def h(x):\n    return x + 1\n\ndef add(a, b):\n    return h(a) + h(b)", "def h(x):\n    return x",
                   between="There is a bug in h. Fixed h:\n"),
            "def h(x):\n    return x\n",
        ),
    ],
)  # fmt: skip
def test_what_a_block_needs_of_others_comes_with_it(text: str, gives: str) -> None:
    program: dict[str, object] = {}
    code = find_program(text, Wanted("python", "add")).code
    assert gives in code
    exec(code, program)
    assert program["add"](1, 2) == 3  # type: ignore[operator]


def test_what_a_block_does_not_need_stays_behind() -> None:
    usage = "import unittest\nunittest.main()"
    timing = "import timeit\nL = []\nL.append(timeit.timeit('add(1, 2)'))"
    assert (
        find_program(blocks("python", usage, timing, RIGHT["python"]), Wanted("python", "add")).code == RIGHT["python"]
    )


PROMPTS = {
    "python": ('def add(a, b):\n    """Sum."""\n', "    return a + b\n"),
    "javascript": ("function add(a, b) {\n", "  return a + b;\n}\n"),
    "ruby": ("def add(a, b)\n", "  a + b\nend\n"),
    "lua": ("function add(a, b)\n", "  return a + b\nend\n"),
    "cpp": ("int add(int a, int b) {\n", "    return a + b;\n}\n"),
}


@pytest.mark.parametrize("language", PROMPTS)
def test_bodies_are_corrected_and_follow_their_prompt(language: str) -> None:
    prompt, body = PROMPTS[language]
    wrong, wanted = body.replace("+", "-"), Wanted(language, "add", (), f"Complete:\n{prompt}")
    said = {
        "corrected": blocks(language, wrong, body, between="Correction:\n"),
        "bad example": blocks(language, body, wrong, between="Don't do this:\n"),
        "behind the prompt": blocks(language, prompt, body, between="The body:\n"),
    }
    for text in said.values():
        assert complete(text, prompt, wanted).code == prompt + body
    assert complete(blocks(language, body, wrong, between="Correction:\n"), prompt, wanted).code == prompt + wrong


def test_answers_are_compared_without_examples_of_use() -> None:
    code = RIGHT["python"].rstrip()
    same = [
        f"```python\n{code}\n```",
        f"> ```py\n> {code.replace(chr(10), chr(10) + '> ')}\n> ```\nDone.",
        f"First some words.\n\n{code}\n\nIt adds.",
        f"Use it:\n```python\nfrom x import add\nprint(add(1, 2))\n```\n```\n{code}\n```\n```bash\npython add.py\n```",
    ]
    assert {comparable(text).strip() for text in same} == {code}
    assert comparable("Yes, that is right.") == ""
    assert comparable("```python\nprint(1)\n```\n```bash\nls\n```") == "print(1)\nls"
    assert "body {}" in comparable(f"```python\n{code}\n```\n```css\nbody {{}}\n```")
