"""The program of an answer: every style in every language, blocks that need each other, and what must not be taken."""

import ast

import pytest
from tests.text.styles import STYLES, Pieces

from syncode.text import python
from syncode.text.program import Wanted, complete, find_program, put_before, wanted_by

PIECES = {
    "python": Pieces(
        "import math\n\n\ndef area(r):\n    return math.pi * r**2\n",
        "import math\n\n\ndef area(r):\n    return 2 * math.pi\n",
        'print("the area is", area(2))\n',
        "python",
    ),
    "javascript": Pieces(
        "function area(r) {\n  return Math.PI * r ** 2;\n}\n",
        "function area(r) {\n  return Math.PI * r;\n}\n",
        "console.log(area(2));\n",
        "js",
        "//",
    ),
    "java": Pieces(
        "class Solution {\n    public double area(double r) {\n        return Math.PI * r * r;\n    }\n}\n",
        "class Solution {\n    public double area(double r) {\n        return Math.PI * r;\n    }\n}\n",
        "System.out.println(new Solution().area(2));\n",
        "java",
        "//",
    ),
    "cpp": Pieces(
        "#include <cmath>\n\ndouble area(double r) {\n    return M_PI * r * r;\n}\n",
        "#include <cmath>\n\ndouble area(double r) {\n    return M_PI * r;\n}\n",
        "std::cout << area(2) << std::endl;\n",
        "cpp",
        "//",
    ),
    "ruby": Pieces(
        "def area(r)\n  Math::PI * r**2\nend\n", "def area(r)\n  Math::PI * r\nend\n", "puts area(2)\n", "ruby"
    ),
    "go": Pieces(
        "package main\n\nfunc area(r float64) float64 {\n\treturn 3.14 * r * r\n}\n",
        "package main\n\nfunc area(r float64) float64 {\n\treturn 3.14 * r\n}\n",
        "fmt.Println(area(2))\n",
        "go",
        "//",
    ),
    "rust": Pieces(
        "fn area(r: f64) -> f64 {\n    3.14 * r * r\n}\n",
        "fn area(r: f64) -> f64 {\n    3.14 * r\n}\n",
        'println!("{}", area(2.0));\n',
        "rust",
        "//",
    ),
    "php": Pieces(
        "<?php\nfunction area($r) {\n    return M_PI * $r * $r;\n}\n",
        "<?php\nfunction area($r) {\n    return M_PI * $r;\n}\n",
        "echo area(2);\n",
        "php",
        "//",
    ),
    "bash": Pieces(
        'area() {\n  echo $(( 3 * $1 * $1 ))\n}\n', "area() {\n  echo $(( 3 * $1 ))\n}\n", "area 2\n", "sh"
    ),
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("language", PIECES)
def test_the_program_is_found_in_every_style(language: str, style: str) -> None:
    pieces = PIECES[language]
    found = find_program(STYLES[style](pieces), Wanted(language, "area")).code
    assert pieces.code.strip() in found
    assert pieces.wrong.strip() not in found
    assert "```" not in found
    if language == "python":
        ast.parse(found)


def fence(*codes: str, tag: str = "python") -> str:
    return "\nThen:\n".join(f"```{tag}\n{code}\n```" for code in codes)


ADD = "def add(a, b):\n    return a + b"
WRONG = "def add(a, b):\n    return a - b"


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        (fence("def plus(x, y):\n    return x + y", "def add(a, b):\n    return plus(a, b)"), Wanted("python", "add"),
         "def plus(x, y):\n    return x + y\ndef add(a, b):\n    return plus(a, b)\n"),
        (fence("def add(a, b):\n    return plus(a, b)", "def plus(x, y):\n    return x + y\nprint(add(1, 2))"),
         Wanted("python", "add"),
         "def plus(x, y):\n    return x + y\ndef add(a, b):\n    return plus(a, b)\n"),
        (fence("import math\nimport os", "def add(a, b):\n    return math.fsum([a, b])"), Wanted("python", "add"),
         "import math\ndef add(a, b):\n    return math.fsum([a, b])\n"),
        (fence("from __future__ import annotations\n" + ADD, "X = 1"), Wanted("python", "add"),
         "from __future__ import annotations\n" + ADD + "\n"),
        (fence(WRONG, ADD), Wanted("python", "add"), ADD + "\n"),
        (fence(ADD, "def add(a, b):\n    ..."), Wanted("python", "add"), ADD + "\n"),
        (fence(ADD, "def add(a, b):"), Wanted("python", "add"), ADD + "\n"),
        (fence(ADD) + "\nYour code was:\n" + fence(WRONG), Wanted("python", "add", (), f"Fix:\n{fence(WRONG)}"), ADD + "\n"),
        (fence(ADD) + "\n" + fence(WRONG), Wanted("python", "add", (), f"Fix {WRONG}"), ADD + "\n"),
        (fence("class Stack:\n    pass", "s = Stack()\n" * 9), Wanted("python", "", ("Stack",)), "class Stack:\n    pass\n"),
        (fence(ADD, "def mul(a, b):\n    return a * b"), Wanted("python", "", ("add", "mul")),
         "def mul(a, b):\n    return a * b\n" + ADD + "\n"),
        (fence("function plus(x) { return x; }", "const add = (a, b) => plus(a) + b;", tag="js"), Wanted("javascript", "add"),
         "function plus(x) { return x; }\nconst add = (a, b) => plus(a) + b;\n"),
        (fence("#include <vector>", "int add(int a) { return a; }", tag="c++"), Wanted("cpp", "add"),
         "#include <vector>\nint add(int a) { return a; }\n"),
        (">>> def add(a, b):\n...     return a + b\n...\n>>> add(1, 2)\n3\n", Wanted("python", "add"),
         "def add(a, b):\n    return a + b\n\n"),
        (f"```python\n%matplotlib inline\n!pip install x\n{ADD}\n```", Wanted("python", "add"), f"{ADD}\n"),
        (f"```python\n{ADD}\n\nprint(add(1,\n```", Wanted("python", "add"), ADD + "\n"),
        ('{"code": "def add(a, b):\\n    return a + b", "why": "x"}', Wanted("python", "add"), ADD + "\n"),
        ("Use `def add(a, b): return a + b` for that.", Wanted("python", "add"), "def add(a, b): return a + b\n"),
        ("I cannot do that.", Wanted("python", "add"), ""),
        ("<think>\n" + fence(ADD), Wanted("python", "add"), ""),
    ],
)  # fmt: skip
def test_pieces_are_chosen_and_joined(text: str, wanted: Wanted, expected: str) -> None:
    assert find_program(text, wanted).code == expected


def test_what_tests_call_and_do_not_define_is_wanted() -> None:
    assert wanted_by("def check(candidate):\n    assert candidate(1) == g(2)\nassert len(f(3)) == 1\n", "python") == (
        "f",
        "g",
    )
    assert wanted_by("assert.equal(add(1), new Box(2).size);", "javascript") == ("add",)
    assert "add" in wanted_by('[ "$(add 1 2)" = 3 ]', "bash")


@pytest.mark.parametrize(
    ("head", "code", "language", "expected"),
    [
        ("import os\n", '"""Doc."""\nfrom __future__ import annotations\nx = 1\n', "python",
         '"""Doc."""\nfrom __future__ import annotations\nimport os\nx = 1\n'),
        ("from __future__ import division\nimport os", "from __future__ import annotations\nx = 1\n", "python",
         "from __future__ import annotations\nfrom __future__ import division\n\nimport os\nx = 1\n"),
        ("import os\n", "x = 1\n", "python", "import os\nx = 1\n"),
        ("let a;\n", "// header\n'use strict';\nf();\n", "javascript", "// header\n'use strict';\nlet a;\nf();\n"),
        ("fn main() {}\n", "#![allow(unused)]\nfn f() {}\n", "rust", "#![allow(unused)]\nfn main() {}\nfn f() {}\n"),
        ("#include <a>\n", "#define X 1\n#include <b>\nint f();\n", "cpp", "#define X 1\n#include <b>\n#include <a>\nint f();\n"),
        ("import a.*;\n", "/* c */\npackage x;\nclass A {}\n", "java", "/* c */\npackage x;\nimport a.*;\nclass A {}\n"),
        ("$a = 1;\n", "<?php\ndeclare(strict_types=1);\nf();\n", "php", "<?php\ndeclare(strict_types=1);\n$a = 1;\nf();\n"),
        ("set -e\n", "#!/bin/bash\n# what it does\nf\n", "bash", "#!/bin/bash\nset -e\n# what it does\nf\n"),
        ("", "x", "python", "x"),
    ],
)  # fmt: skip
def test_what_must_stand_first_stays_first(head: str, code: str, language: str, expected: str) -> None:
    assert put_before(head, code, language) == expected


PROMPT = 'import math\n\ndef add(a, b):\n    """Sum."""\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("    return a + b\n", PROMPT + "    return a + b\n"),
        ("    return a + b\n```\nThat is all.", PROMPT + "    return a + b\n"),
        ("    return a + b\n\nThis adds them.\n", PROMPT + "    return a + b\n"),
        ("return a + b", PROMPT + "    return a + b"),
        ("```python\nreturn a + b\n```", PROMPT + "    return a + b\n"),
        (
            fence("from __future__ import annotations\n" + ADD),
            f"from __future__ import annotations\nimport math\n\n{ADD}\n",
        ),
    ],
)
def test_an_answer_goes_on_from_its_prompt(text: str, expected: str) -> None:
    assert complete(text, PROMPT, Wanted("python", "add")).code == expected


@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        "(\n",
        '"""\n',
        "x = 1\n",
        "```\n",
        "/*\n",
        "f(",
        "a<",
        "<|im_end|>\n",
        "Time: x\n",
        "&lt; ",
        "1 x\n",
        "A a ",
        "/*\n```js\n",
        "<think>",
        "<pre>",
        "{",
        ">>> x\n",
    ],
)
@pytest.mark.parametrize("language", ["python", "java", "ruby"])
def test_hostile_answers_are_read_in_linear_time(piece: str, language: str) -> None:
    """100 KB of it: in quadratic time each of these takes minutes."""
    text = piece * (100_000 // len(piece))
    assert find_program(f"{text}\n", Wanted(language, "f", ("g",))).how
    assert find_program(f"{text}]", Wanted(language, "f", ("g",))).how


def test_names_that_a_program_lacks() -> None:
    code = "import os\ndef f(x, y=z):\n    global made\n    made = [q for q in x if w]\n    return len(made), os, k\n"
    code += "class A(B): pass\n"
    assert python.lacking(code) == {"z", "w", "k", "B"}
