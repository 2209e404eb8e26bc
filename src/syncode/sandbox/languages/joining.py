"""Joins an answer with tests that close what the answer opens, or that go on inside its class."""

import re

from syncode.text.braces import HASHES, SLASHES, balance, depths

__all__ = ["HASHES", "SLASHES", "balance", "depths", "join", "joined", "split"]


def split(code: str, tests: str, literals: re.Pattern[str] = SLASHES) -> tuple[str, str]:
    """Return code and tests so that each can stand alone.

    Some benchmarks (MultiPL-E) begin their tests with the brace that ends the function of their prompt. It goes to the code, or
    goes away where the model has answered with the whole function and has written it already.
    """
    closed = -balance(tests, literals)
    while closed > 0 and (begun := tests.lstrip()).startswith("}"):
        tests, closed = begun[1:], closed - 1
        if balance(code, literals) > 0:
            code += "\n}"
    return code, tests


def join(code: str, tests: str, main: re.Pattern[str] | None = None, inside: bool = False) -> str:
    """Return code and tests as one text; see `joined`."""
    code, tests, rest = joined(code, tests, main, inside)
    return f"{code}\n{tests}\n{rest}" if tests else f"{code}\n"


def joined(code: str, tests: str, main: re.Pattern[str] | None = None, inside: bool = False) -> tuple[str, str, str]:
    """Return code, tests, and what of the code stands behind the tests.

    `main`: what a program has one of; where the tests bring it, an answer's own demonstration gets another name. `inside`: tests
    that end with the brace of a class go to the end of the class that the answer has closed itself.
    """
    if main and main.search(tests):
        code = main.sub(lambda match: re.sub("main", "main_of_the_answer", match[0], flags=re.IGNORECASE), code)
    code, tests = split(code, tests)
    rest, closed = "", -balance(tests)
    if inside and closed > max(0, balance(code)) and (end := _end_of_block(code, tests)):
        code, rest = code[:end], code[end + 1 :]
    return code, tests, rest


def _end_of_block(code: str, tests: str) -> int | None:
    """Return where the outermost block ends that defines something the tests call (else the last one), or None."""
    levels = depths(code)
    ends = [place for place in range(len(code)) if levels[place] == 1 and levels[place + 1] == 0]
    called = "|".join({re.escape(name) for name in re.findall(r"(\w+)\s*\(", tests)}) or "(?!)"
    begin = 0
    for end in ends:
        if re.search(rf"\b(?:{called})\s*\([^;{{]*\)[^;{{}}]*\{{", code[begin:end]):
            return end
        begin = end
    return ends[-1] if ends else None
