# ruff: noqa: PTH123
"""Calls one function of an answer with arguments from stdin and writes what it returns as JSON; sent into the sandbox as text.

The answer is a whole module, its function at the top or a method of `class Solution` (LeetCode's form). What the answer prints
goes to stderr. It knows the arguments of this one call and nothing of the result that is expected.
"""

import json
import os
import sys
import types
from typing import Any

UNREADABLE = 102
"""Exit code of the Python driver for an answer that does not parse."""
DEPTH = 50_000
"""Recursion limit, as LiveCodeBench sets it."""


def main() -> None:
    """Read {name, arguments}, load answer.py, call, and write the result."""
    asked = json.loads(sys.stdin.buffer.read())
    channel = os.dup(1)
    os.dup2(2, 1)
    sys.setrecursionlimit(DEPTH)
    module = types.ModuleType("answer")
    module.__file__ = "answer.py"
    sys.modules["answer"] = module
    with open("answer.py", encoding="utf-8") as stream:
        text = stream.read()
    try:
        code = compile(text, "answer.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as problem:
        sys.stderr.write(f"{type(problem).__name__}: {problem}\n")
        sys.exit(UNREADABLE)
    exec(code, module.__dict__)  # noqa: S102 - in the sandbox, whose purpose it is
    function, arguments = _function(module, asked["name"]), asked["arguments"]
    returned = function(**arguments) if isinstance(arguments, dict) else function(*arguments)
    left = memoryview(json.dumps(returned, default=_plain).encode())
    while left:
        left = left[os.write(channel, left) :]


def _function(module: types.ModuleType, name: str) -> Any:
    solution = getattr(module, "Solution", None)
    if isinstance(solution, type) and hasattr(solution, name):
        return getattr(solution(), name)
    return getattr(module, name)


def _plain(value: Any) -> Any:
    """Return what JSON has for a value that it does not know: arrays and numbers of numpy, deques."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if type(value).__name__ in ("deque", "dict_keys", "dict_values", "range"):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no value that can be compared")


if __name__ == "__main__":
    main()
