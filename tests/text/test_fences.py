"""Fenced code in Markdown: read as CommonMark reads it, written so that it comes back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncode.text.fences import CodeBlock, blocks, code_blocks, fenced, parts, prose


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a\n```python\nx = 1\n```\nb", [("python", "x = 1")]),
        ("~~~ C++ {.x}\n```\n~~~\n", [("C++", "```")]),
        ("````\n```\ninner\n```\n````", [("", "```\ninner\n```")]),
        ("- item\n\n  ```js\n  f()\n    g()\n  ```\n", [("js", "f()\n  g()")]),
        ("1. ```\n   x\n   ```", [("", "x")]),
        ("> ```\n> x\n>   y\n> ```\nz", [("", "x\n  y")]),
        ("```\nnever closed\n", [("", "never closed\n")]),
        ("``` not `a` fence\n", []),
        ("    ```\n    deep\n    ```", [("", "deep")]),
        ("```\r\nx\r\n```\r\n", [("", "x")]),
        ("\ufeff```py\nx\n```", [("py", "x")]),
        (">```python\n>def f(x):\n>    return x\n>```\n", [("python", "def f(x):\n    return x")]),
        ("> > ```c\n> > x;\n> > ```\n", [("c", "x;")]),
        ("````python\nx\n```\nIt adds.\n", [("python", "x")]),
        ("```python\nx = 1```\nIt adds.", [("python", "x = 1")]),
        ("```python\nx\n```<|im_end|>", [("python", "x")]),
        ("```python\nx\n```</s>\n", [("python", "x")]),
        ("```python\nx\n``` That is all of it.", [("python", "x")]),
        ("```python\na\n```python\nb\n```", [("python", "a"), ("python", "b")]),
        ("a\n```\nb\n```python\nc\n```", [("python", "c")]),
        ("```markdown\n# T\n```python\nx\n```\nend\n```\nafter", [("markdown", "# T\n```python\nx\n```\nend")]),
        (
            '```python\ndef f():\n    """A.\n\n    ```\n    f()\n    ```\n    """\n```\n',
            [("python", 'def f():\n    """A.\n\n    ```\n    f()\n    ```\n    """')],
        ),
        (
            '```python\nF = """\n```\n"""\n```\n\n```\nout\n```',
            [("python", 'F = """\n```\n"""'), ("", "out")],
        ),
        (
            "```\ndef f():\n    '''A.\n```\nf()\n```\n    '''\n```",
            [("", "def f():\n    '''A.\n```\nf()\n```\n    '''")],
        ),
        ('```py\nx = """\n```python\ny\n```\n"""\n```\n', [("py", 'x = """\n```python\ny\n```\n"""')]),
        ("```js\n/*\n```\nf()\n```\n*/\nf();\n```\nend", [("js", "/*\n```\nf()\n```\n*/\nf();")]),
        ('```python\nx = """cut\n```\nOutput:\n```\ny\n```', [("python", 'x = """cut'), ("", "y")]),
        (
            '```python\nx = """cut\n```\n```python\ny = """a"""\n```',
            [("python", 'x = """cut'), ("python", 'y = """a"""')],
        ),
        ("```js\nf('a/*');\n```\nThen:\n```js\n/* a */\n```", [("js", "f('a/*');"), ("js", "/* a */")]),
        ("```bash\nrm a/*\n```\nThen:\n```\n/* a */\n```", [("bash", "rm a/*"), ("", "/* a */")]),
        ("```c int f(int x) {\n}\n```", [("c", "int f(int x) {\n}")]),
        ("```python def f(x):\n  pass\n```", [("python", "def f(x):\n  pass")]),
        ("Here it is: ```python\nx\n```", [("python", "x")]),
        ("```{.python .numberLines}\nx\n```", [("python", "x")]),
        ("   ```python\nif x:\n    y\n   ```", [("python", "if x:\n    y")]),
        ("```a\n1\n```\n```b\n2\n```", [("a", "1"), ("b", "2")]),
        ("```\n```", [("", "")]),
    ],
)
def test_blocks(markdown: str, expected: list[CodeBlock]) -> None:
    assert blocks(markdown) == expected


def test_prose_is_what_stands_outside_and_an_open_fence_is_told() -> None:
    assert prose("a\n```\nx\n```\nb") == "a\nb"
    assert [part.closed for part in parts("```\nx\n```\n```\ny") if part.block] == [True, False]


def test_languages_come_from_the_tag_or_the_code() -> None:
    markdown = (
        "```py\nx\n```\n```text\nx\n```\n```\ndef f(x):\n    return [y for y in x if y is not None]\n```\n```\n```"
    )
    assert [language for language, _ in code_blocks(markdown)] == ["python", None, "python", None]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="utf-8")), st.sampled_from([None, "python"]))
def test_any_code_survives_its_fence(code: str, language: str | None) -> None:
    markdown = f"before\n\n{fenced(code, language)}\n\nafter"
    assert blocks(markdown) == [(language or "", code.removesuffix("\n"))]
    assert prose(markdown) == "before\n\n\nafter"


@given(st.text(st.sampled_from("`~ \n>-1.a\t"), max_size=60))
def test_no_line_is_lost_or_doubled(markdown: str) -> None:
    total = sum(part.text.count("\n") + 1 for part in parts(markdown) if part.block is None)
    for part in parts(markdown):
        if part.block is not None:
            empty = part.block.code == ""
            total += 1 + part.closed + part.text.count("\n") + (not empty)
    lines = markdown.count("\n") + 1
    found = sum(part.block is not None for part in parts(markdown))
    assert lines - found <= total <= lines + found  # a line may both end the code and close its fence
