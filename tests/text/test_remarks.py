"""What is said around code: headings, comments and sentences behind it, with negations, and in other languages."""

import pytest

from syncode.text.program import Wanted, find_program
from syncode.text.program.remarks import is_set_aside, said_of

RIGHT = "```python\ndef add(a, b):\n    return a + b\n```\n"
WRONG = "```python\ndef add(a, b):\n    return a - b\n```\n"

MEANT = (
    "Here is the solution:",
    "Corrected (the original was off):",
    "Corrected version (your version was wrong):",
    "Replace your function with:",
    "Final answer, without brute force:",
    "Final version (no naive loop):",
    "Final code for reference:",
    "To avoid the error above, we write:",
    "Fixed your code:",
    "So we need another approach:",
    "The naive way is slow, so here is a faster one:",
    "This is the correct version, not the buggy one:",
    "But this fails for negatives, so:",
    "The naive one gave wrong results:",
    "Now the fixed code, which no longer fails:",
    "There is a mistake in the sign. The function again:",
    "Hmm, wait - that is wrong:",
    "Sorry for the mistake. Here is the code again:",
    "Handling invalid input:",
    "This is slower but right:",
    "First, define the function:",
    "The previous version fails on negatives, this one doesn't:",
    "Since brute force is too slow, we use a set:",
    "That is not right; it needs a plus:",
    "Don't use recursion here; a loop is enough:",
    "We do not use brute force:",
    "Ignore my first attempt:",
    "Your code with the sign changed:",
    "### Naive approach\n\nToo slow. Here is the optimized one:",
    "Korrigierte Fassung (die alte war falsch):",
    "Version corrigée :",
    "Solución correcta:",
    "Исправленный код:",
    "修正错误后的代码：",
    "訂正版:",
)
NOT_MEANT = (
    "Incorrect solution:",
    "Buggy implementation:",
    "This would be wrong:",
    "However, this is wrong:",
    "But this does not work:",
    "This fails for negatives:",
    "**Bad**",
    "❌ Bad:",
    "Never do this:",
    "Don't write it like this:",
    "Here's what not to do:",
    "A common mistake is:",
    "Anti-pattern:",
    "Old code:",
    "Before:",
    "Before (buggy):",
    "Instead of:",
    "The previous version was:",
    "Invalid:",
    "Not this:",
    "Alternatively, a one-liner:",
    "Brute force:",
    "1. Naive recursive version:",
    "This one returns the difference, so it's not what you want:",
    "### Brute force\n\nIt tries all pairs:",
    "Don't do it like so:",
    "DON'T:",
    "The code you posted:",
    "Before refactoring:",
    "Unoptimized version:",
    "An attempt that fails:",
    "The following code has a bug:",
    "Do NOT do this:",
    "So nicht:",
    "Hier ist die falsche Fassung:",
    "À éviter :",
    "Ne faites pas ceci :",
    "No hagas esto:",
    "Código errado:",
    "Неправильно:",
    "错误的写法:",
    "悪い例:",
)


@pytest.mark.parametrize("words", MEANT)
def test_the_last_block_is_the_answer(words: str) -> None:
    assert said_of(words, "") != "against"
    assert "a - b" in find_program(f"{RIGHT}{words}\n{WRONG}", Wanted("python", "add")).code


@pytest.mark.parametrize("words", NOT_MEANT)
def test_a_bad_example_is_not_the_answer(words: str) -> None:
    assert said_of(words, "") == "against"
    assert "a + b" in find_program(f"{RIGHT}{words}\n{WRONG}", Wanted("python", "add")).code


@pytest.mark.parametrize(
    ("code", "after", "expected"),
    [
        ("# Wrong!\nx = 1", "", True),
        ("return a - b  # WRONG", "", True),
        ("return a - b  // BUG: subtracts", "", True),
        ("def f():\n    # fix the wrong sign\n    return 1", "", False),
        ("#include <bad>\n", "", False),
        ("x", "Wait, that is wrong for negative numbers.", True),
        ("x", "As you can see, this gives -1, which is incorrect.", True),
        ("x", "However, this is wrong:", False),
        ("x", "This raises ValueError if the input is wrong.", False),
        ("x", "This is not wrong.", False),
    ],
)
def test_comments_and_what_is_said_afterwards(code: str, after: str, expected: bool) -> None:
    assert is_set_aside("", code, after) is expected
