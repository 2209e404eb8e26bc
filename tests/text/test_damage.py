"""Code whose characters a chat, a page or a tool has changed comes back as it was meant; texts in it stay."""

import json

import pytest

from syncode.text import damage
from syncode.text.program import Wanted, find_program

CODE = "def add(a, b):\n    return a + b\n"
C = 'int add(int a, int b) {\n    return a + b; // "x\xa0y"\n}\n'


@pytest.mark.parametrize(
    "code",
    [
        CODE.replace("    ", "\xa0" * 4),
        CODE.replace("return", "\u200breturn"),
        CODE.replace("+ b", "+\xad b\u200e"),
        CODE.replace("a + b", "\u202aa\u200d + b\u202c"),
        CODE.replace("\n", "\u2028", 1),
        "".join(f"{number} {line}\n" for number, line in enumerate(CODE.splitlines(), 7)),
        "".join(f" {number}| {line}\n" for number, line in enumerate(CODE.splitlines(), 1)),
        "".join(f"+{line}\n" for line in CODE.splitlines()),
        CODE.strip().replace("\n", "\\n"),
    ],
)
def test_python_is_mended(code: str) -> None:
    assert find_program(f"```python\n{code}\n```", Wanted("python", "add")).code.strip() == CODE.strip()


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("def f（a, b）：\n    return a – b\n", "def f(a, b):\n    return a - b\n"),
        ("def f(a):\n    “””It’s.”””\n    return ‘x’ + ‘–’\n", "def f(a):\n    \"\"\"It's.\"\"\"\n    return 'x' + '-'\n"),
        ("def f(a):\xa0\n    return '–\xa0' if a ≤ 1 else “”\n", "def f(a): \n    return '–\xa0' if a <= 1 else \"\"\n"),
        ("def f(a):\n    return a &lt; 1 or '&amp;' &gt; a\n", "def f(a):\n    return a < 1 or '&' > a\n"),
    ],
)  # fmt: skip
def test_signs_of_typography_and_pages_are_read(code: str, meant: str) -> None:
    assert find_program(f"```python\n{code}```", Wanted("python", "f")).code == meant


@pytest.mark.parametrize(
    ("language", "code", "meant"),
    [
        ("c", C.replace("    ", "\xa0" * 4), C),
        ("cpp", f"\u200b{C}", C),
        ("rust", "fn f() {\u2028\u3000 g('\xa0');\n}\n", "fn f() {\n  g('\xa0');\n}\n"),
        ("ruby", "def f(x)\n\xa0\xa0'a\xa0b'\nend\n", "def f(x)\n  'a\xa0b'\nend\n"),
        ("bash", "f() {\n\u2003echo \"\xa0\"\n}\n", "f() {\n echo \"\xa0\"\n}\n"),
        ("java", "int f(int a) {\n  return a &lt; 1 ? a : 0;\n}\n", "int f(int a) {\n  return a < 1 ? a : 0;\n}\n"),
        ("javascript", "1 function f(a) {\n2   return '&lt; ';\n3 }\n", "function f(a) {\n  return '&lt; ';\n}\n"),
    ],
)  # fmt: skip
def test_other_languages_are_mended_outside_of_literals(language: str, code: str, meant: str) -> None:
    name = "add" if "add" in code else "f"
    assert find_program(f"```{language}\n{code}```", Wanted(language, name)).code == meant


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{json.dumps({'code': CODE})}\n```",
        "```diff\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n```",
        "```python def add(a, b):\n    return a + b\n```",
        "<pre>def add(a, b):<br>    return a + b<br/></pre>",
        CODE.replace("    ", "\xa0" * 4),
    ],
)
def test_other_containers_are_read(text: str) -> None:
    assert find_program(text, Wanted("python", "add")).code.strip() == CODE.strip()


def test_what_only_looks_numbered_or_changed_stays() -> None:
    assert damage.unnumbered("1 a\n3 b\n") == "1 a\n3 b\n"
    assert damage.patched("a\n+ b\n") == "a\n+ b\n"
    assert damage.unescaped('f("&lt; ");\n', "c") == 'f("&lt; ");\n'
    assert damage.with_plain_spaces('f("\xa0");\xa0//\xa0\n', "c") == 'f("\xa0"); //\xa0\n'
