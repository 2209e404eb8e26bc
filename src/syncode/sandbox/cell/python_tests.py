"""Runs Python tests in whatever form they come: plain assertions, `unittest` cases, functions as pytest collects them."""

import ast
import inspect
import itertools
import sys
import types
from collections.abc import Iterator
from typing import Any


class Unsupported(Exception):
    """The tests need more of a test framework than there is here."""


def run(text: str, code: types.CodeType, module: types.ModuleType) -> bool:
    """Execute the tests in the answer's namespace; then run test functions and cases that they only define.

    Returns whether unittest reported a failure. Raises what a test raises, AssertionError for a failed one.
    """
    namespace = module.__dict__
    finished: list[Any] = []
    if "pytest" in text:  # the same on every machine, and quicker than the real one
        sys.modules["pytest"] = _pytest()
    if "unittest" in text:
        _keep_running_after_main(finished)
    exec(code, namespace)  # noqa: S102 - running untrusted code is what this process is for
    defined = [value for value in list(namespace.values()) if _defined_by(value, code.co_filename, namespace)]
    functions = [
        value for value in defined if isinstance(value, types.FunctionType) and value.__name__.startswith("test")
    ]
    if functions:
        called = _names_called(text)
        for function in functions:
            if function.__name__ not in called:
                _call(function)
    if not finished and (cases := [value for value in defined if isinstance(value, type)]):
        finished += _run_cases(cases)
    broken = [trouble for result in finished for trouble in (*result.failures, *result.errors)]
    if broken and not any(result.failures for result in finished):
        raise RuntimeError("a test case ended with an error")
    return bool(broken)


def _defined_by(value: object, file: str, namespace: dict[str, Any]) -> bool:
    if isinstance(value, types.FunctionType):
        inner = inspect.unwrap(value)
        return isinstance(inner, types.FunctionType) and inner.__code__.co_filename == file
    return isinstance(value, type) and value.__module__ == namespace["__name__"]


def _names_called(text: str) -> set[str]:
    """Return the names that statements outside of functions and classes mention: what the tests call themselves."""
    statements = [
        node
        for node in ast.parse(text).body
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    return {node.id for each in statements for node in ast.walk(each) if isinstance(node, ast.Name)}


def _call(function: types.FunctionType) -> None:
    """Call a test function once, or for each set of its parameters."""
    marks = [mark for mark in getattr(function, "pytestmark", []) if getattr(mark, "name", "") == "parametrize"]
    needed = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]
    given: set[str] = set()
    for values in _parameters(marks):
        given = set(values)
        if set(needed) <= given:
            function(**values)
    if not set(needed) <= given:
        missing = sorted(set(needed) - given)
        raise Unsupported(f"{function.__name__} wants {missing}, which only pytest itself could provide")


def _parameters(marks: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the arguments of each call: the product over all marks, one empty set where there is none."""
    choices = []
    for mark in marks:
        names, rows = mark.args[0], mark.args[1]
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
        unpacked = [getattr(row, "values", row) if hasattr(row, "marks") else row for row in rows]
        choices.append([dict(zip(names, row if len(names) > 1 else [row], strict=True)) for row in unpacked])
    for combination in itertools.product(*choices):
        yield {name: value for part in combination for name, value in part.items()}


def _keep_running_after_main(finished: list[Any]) -> None:
    """`unittest.main()` ends the process; let it return instead, and remember its result."""
    import unittest

    class Main(unittest.TestProgram):
        def runTests(self) -> None:  # noqa: N802 - unittest's name
            self.exit = False
            super().runTests()
            finished.append(self.result)

    unittest.main = Main


def _run_cases(classes: list[type]) -> list[Any]:
    unittest = sys.modules.get("unittest")
    if unittest is None:
        return []
    cases = [each for each in classes if issubclass(each, unittest.TestCase)]
    if not cases:
        return []
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, cases))
    return [unittest.TextTestRunner(stream=sys.stderr).run(suite)]


def _pytest() -> types.ModuleType:
    """Return a stand-in for the parts of pytest that generated tests use: raises, approx, mark.parametrize, fail, skip."""
    import math
    import re

    module = types.ModuleType("pytest")

    class Raises:
        def __init__(self, expected: Any, match: str | None = None) -> None:
            self.expected, self.match = expected, match

        def __enter__(self) -> "Raises":
            return self

        def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: object) -> bool:
            self.type, self.value = kind, value
            assert kind is not None, f"did not raise {self.expected}"
            if not issubclass(kind, self.expected):
                return False
            assert self.match is None or re.search(self.match, str(value)), f"{value!s} does not match {self.match!r}"
            return True

    def raises(expected: Any, *call: Any, match: str | None = None, **keywords: Any) -> Any:
        context = Raises(expected, match)
        if call:
            with context:
                call[0](*call[1:], **keywords)
        return context

    class Approx:
        def __init__(self, expected: Any, rel: float | None = None, abs: float | None = None) -> None:  # noqa: A002 - pytest's name
            self.expected = expected
            self.rel, self.abs = 1e-6 if rel is None else rel, 1e-12 if abs is None else abs

        def __eq__(self, actual: object) -> bool:
            return self._close(self.expected, actual)

        def _close(self, left: Any, right: Any) -> bool:
            if isinstance(left, dict) and isinstance(right, dict):
                return left.keys() == right.keys() and all(self._close(left[key], right[key]) for key in left)
            if isinstance(left, list | tuple):
                same = hasattr(right, "__len__") and len(left) == len(right)
                return same and all(self._close(one, other) for one, other in zip(left, right, strict=True))
            if isinstance(left, int | float) and isinstance(right, int | float):
                return math.isclose(left, right, rel_tol=self.rel, abs_tol=self.abs) or left == right
            return bool(left == right)

        __hash__ = None  # type: ignore[assignment]

    class Mark:
        def __getattr__(self, name: str) -> Any:
            def mark(*arguments: Any, **keywords: Any) -> Any:
                if name != "parametrize" and len(arguments) == 1 and callable(arguments[0]) and not keywords:
                    return arguments[0]
                return lambda function: _marked(
                    function, types.SimpleNamespace(name=name, args=arguments, kwargs=keywords)
                )

            return mark

    def fail(reason: str = "", **_: Any) -> None:
        raise AssertionError(reason)

    def absent(name: str) -> Any:
        raise Unsupported(f"the tests use pytest.{name}, which the stand-in does not have")

    module.__getattr__ = absent  # type: ignore[method-assign]
    module.__dict__.update(raises=raises, approx=Approx, mark=Mark(), fail=fail)
    return module


def _marked(function: Any, mark: Any) -> Any:
    function.pytestmark = [*getattr(function, "pytestmark", []), mark]
    return function
