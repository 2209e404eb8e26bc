"""What is counted in an answer."""

from syncode.text.style import style

TEXT = """# Title

Some **bold** words:

- one
- two
1. three

```python
# a comment, no heading
- not a list
```
"""


def test_mark_up_is_counted_outside_code_and_code_blocks_are_counted_themselves() -> None:
    counts = style(TEXT)
    assert (counts["headings"], counts["list_items"], counts["bold_spans"], counts["code_blocks"]) == (1, 3, 1, 1)


def test_an_unclosed_fence_reaches_to_the_end() -> None:
    assert style("text\n```\n# x\n- y")["code_blocks"] == 1
    assert style("text\n```\n# x\n- y")["headings"] == 0


def test_tokens_are_words_and_marks() -> None:
    assert style("a = f(b)")["tokens"] == 6
    assert style("")["tokens"] == 0
