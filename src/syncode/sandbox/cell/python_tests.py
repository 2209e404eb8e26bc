"""Runs Python tests in whatever form they come: assertions, `unittest` cases, functions and classes as pytest collects them."""

import ast
import contextlib
import inspect
import itertools
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from syncode.sandbox.cell import pytest_stand_in
from syncode.sandbox.cell.pytest_stand_in import Skipped, Unsupported

TESTS = "tests.py"
ACTS = re.compile(r"^(?:assert|check\(|for|if|with|try|raise)\b", re.MULTILINE)
"""A line by which tests do something: code that has one need not be parsed to know it."""


def run(text: str, code: types.CodeType, module: types.ModuleType, answer: str) -> bool:
    """Execute the tests in the answer's namespace; then run test functions, classes and cases that they only define.

    Returns whether unittest or doctest reported a failure. Raises what a test raises, AssertionError for a failed one.
    """
    namespace = module.__dict__
    finished: list[Any] = []
    if "pytest" in text:
        sys.modules["pytest"] = pytest_stand_in.module()
        _refuse_missing_parts(text, sys.modules["pytest"])
    if "unittest" in text:
        _forget("unittest")  # the answer may have changed its assertions
        _keep_running_after_main(finished)
    try:
        exec(code, namespace)  # noqa: S102 - running untrusted code is what this process is for
    except SystemExit as ended:
        if ended.code or not raised_by_tests(ended, answer):
            raise
    defined = [value for value in list(namespace.values()) if _defined_by(value, code.co_filename, namespace)]
    waiting = [each for each in defined if each.__name__.startswith("test" if inspect.isfunction(each) else "Test")]
    called = _names_called(text) if waiting else set()
    ours = [each for each in waiting if each.__name__ not in called and not _is_case(each)]
    _refuse_foreign_fixtures(filter(inspect.isfunction, ours), namespace)
    for each in ours:
        if inspect.isfunction(each):
            _call(each, namespace)
        else:
            _call_methods(each, namespace)
    if not finished:
        finished += _run_cases(list(filter(_is_case, defined)))
    if defined and not waiting and not finished and not _acts(text):
        raise Unsupported(f"nothing in the tests calls {', '.join(each.__name__ for each in defined)}")
    broken = [trouble for result in finished for trouble in (*result.failures, *result.errors)]
    if broken and not any(result.failures for result in finished):
        raise RuntimeError("a test case ended with an error")
    return bool(broken) or ("doctest" in text and _doctest_failed())


def raised_by_tests(problem: BaseException, answer: str) -> bool:
    """Return whether no frame of the answer was involved."""
    trace = problem.__traceback__
    names = []
    while trace is not None:
        names.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return TESTS in names and answer not in names


def _forget(package: str) -> None:
    """Let the next import of a package load it afresh."""
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]


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


def _refuse_missing_parts(text: str, stand_in: types.ModuleType) -> None:
    """Raise Unsupported if the tests use a part of pytest that the stand-in does not have, whatever the answer does."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "pytest":
            getattr(stand_in, node.attr)


def _acts(text: str) -> bool:
    """Return whether tests do anything besides defining, importing and giving names to values."""
    return ACTS.search(text) is not None or any(
        isinstance(node, ast.Call)
        for each in ast.parse(text).body
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.walk(each)
    )


def _call_methods(kind: type, namespace: dict[str, Any]) -> None:
    """Call every test method of a class on an object of its own, as pytest does."""
    _call_if_there(kind, "setup_class")
    for name in dict.fromkeys(name for each in reversed(kind.__mro__) for name in vars(each)):
        if name.startswith("test") and callable(getattr(kind, name)):
            case = kind()
            _call_if_there(case, "setup_method")
            fixtures = {each: value for each in dir(case) if _is_fixture(value := getattr(case, each, None))}
            _call(getattr(case, name), {**namespace, **fixtures})
            _call_if_there(case, "teardown_method")
    _call_if_there(kind, "teardown_class")


def _call_if_there(case: object, name: str) -> None:
    function = getattr(case, name, None)
    if function is not None:
        function(*[None] * len(_needed(function)))


def _call(function: Callable[..., Any], namespace: dict[str, Any]) -> None:
    """Call a test function once, or for each set of its parameters, with what its fixtures give."""
    marks = [*getattr(getattr(function, "__self__", None), "pytestmark", []), *getattr(function, "pytestmark", [])]
    if any(mark.name in ("skip", "xfail") or (mark.name == "skipif" and mark.args[0]) for mark in marks):
        return
    always = [name for name, each in namespace.items() if _is_fixture(each) and each.pytest_fixture.get("autouse")]
    needed = _needed(function)
    for values in _parameters([mark for mark in marks if mark.name == "parametrize"]):
        names = {*values, *needed}
        with contextlib.suppress(Skipped), contextlib.ExitStack() as stack:
            for name in (*always, *needed):
                _provide(name, namespace, values, stack)
            result = function(**{name: values[name] for name in names})
            if inspect.iscoroutine(result):
                import asyncio

                asyncio.run(result)


def _refuse_foreign_fixtures(functions: Iterable[Callable[..., Any]], namespace: dict[str, Any]) -> None:
    """Raise Unsupported for a fixture that only pytest itself has, before any of the tests has called the answer."""
    for function in functions:
        marks = getattr(function, "pytestmark", [])
        if any(mark.name in ("skip", "xfail", "skipif") for mark in marks):
            continue
        given = {name for mark in marks if mark.name == "parametrize" for name in _names(mark)}
        for name in _needed(function):
            if name not in given and not _is_fixture(namespace.get(name)):
                raise Unsupported(_WANTED.format(name))


_WANTED = "a test wants {!r}, which only pytest itself could provide"


def _needed(function: Callable[..., Any]) -> list[str]:
    """Return the parameters that have no default."""
    return [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]


def _is_fixture(value: object) -> bool:
    return inspect.isroutine(value) and hasattr(value, "pytest_fixture")


def _provide(name: str, namespace: dict[str, Any], values: dict[str, Any], stack: contextlib.ExitStack) -> None:
    """Put the value of a fixture into `values`, unless it is there; what it does after its `yield` is left to `stack`."""
    if name in values:
        return
    fixture: Any = namespace.get(name)
    if not _is_fixture(fixture):
        raise Unsupported(_WANTED.format(name))
    arguments: dict[str, Any] = {}
    for each in _needed(fixture):
        _provide(each, namespace, values, stack)
        arguments[each] = values[each]
    made = fixture(**arguments)
    if inspect.isgenerator(made):
        stack.callback(next, made, None)
        made = next(made)
    values[name] = made


def _names(mark: Any) -> list[str]:
    """Return the names of the parameters that a `parametrize` gives."""
    names = mark.args[0]
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)


def _parameters(marks: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the arguments of each call: the product over all marks, one empty set if there is none."""
    choices = []
    for mark in marks:
        names, rows = _names(mark), mark.args[1]
        unpacked = [row.values if hasattr(row, "marks") else row if len(names) > 1 else [row] for row in rows]
        choices.append([dict(zip(names, row, strict=True)) for row in unpacked])
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


def _is_case(kind: object) -> bool:
    unittest = sys.modules.get("unittest")
    return unittest is not None and isinstance(kind, type) and issubclass(kind, unittest.TestCase)


def _run_cases(cases: list[type]) -> list[Any]:
    if not cases:
        return []
    unittest = sys.modules["unittest"]
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, cases))
    return [unittest.TextTestRunner(stream=sys.stderr).run(suite)]


def _doctest_failed() -> bool:
    """Return whether an example has failed: `doctest.testmod()` only prints it."""
    master = getattr(sys.modules.get("doctest"), "master", None)
    return master is not None and bool(master.failures)
