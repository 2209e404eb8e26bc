"""Runs Python tests in whatever form they come: assertions, `unittest` cases, functions and classes as pytest collects them."""

import ast
import builtins
import contextlib
import inspect
import itertools
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from syncode.sandbox.cell import ahead, pytest_stand_in, reach
from syncode.sandbox.cell.pytest_fixtures import FIXTURES
from syncode.sandbox.cell.pytest_stand_in import Skipped, Unsupported
from syncode.sandbox.cell.tally import CHECK, COUNTED, OWN, Tally, instrument, keep_builtins

TESTS = "tests.py"


class Tests:
    """The text of tests and what is read in it. `kind`: see `reach.kind`; `names`: what they read, and what of it is built in."""

    def __init__(self, text: str, answer: Iterable[str] = ()) -> None:
        """`answer`: the names of an answer in the same namespace. Raises what `ast.parse` raises."""
        tree = ast.parse(text, TESTS)
        self.text = text
        found = reach.nodes(tree)
        self.kind, self.why = reach.kind(found)
        self.names = reach.names_in(found)
        self.called = _names_called(tree)
        self.builtins = _python_s_own(self.names, set(answer)) if answer else []
        keep_builtins(found, self.builtins)
        self.opening = ahead.opening(self.names[0], ahead.calls(tree) if self.kind != "together" else [])
        self.code = compile(instrument(tree, found, _collected(tree, self.called)), TESTS, "exec", dont_inherit=True)


def run(tests: Tests, module: types.ModuleType, answer: str, tally: Tally) -> None:
    """Execute the tests in the answer's namespace; then run test functions, classes and cases that they only define.

    `tally` gets the result of each. Raises what ends the tests before their end. `answer`: the file whose frames are the
    answer's, not the tests' own.
    """
    text, namespace = tests.text, module.__dict__
    namespace[CHECK], namespace[COUNTED] = tally.check, tally.counted
    namespace.update({OWN.format(name): getattr(builtins, name) for name in tests.builtins})
    threading.excepthook = lambda failed: _in_a_thread(failed, tally)
    finished: list[Any] = []
    if "pytest" in text:
        sys.modules["pytest"] = pytest_stand_in.module()
        _refuse_missing_parts(text, sys.modules["pytest"])
    if "unittest" in text:
        _forget("unittest")  # the answer may have changed its assertions
        _record_cases(tally, answer)
        _keep_running_after_main(finished)
    try:
        exec(tests.code, namespace)  # noqa: S102 - running untrusted code is what this process is for
    except SystemExit as ended:
        if ended.code or not raised_by_tests(ended, answer):
            raise
    defined = [value for value in list(namespace.values()) if _defined_by(value, TESTS, namespace)]
    waiting = [each for each in defined if each.__name__.startswith("test" if inspect.isfunction(each) else "Test")]
    ours = [each for each in waiting if each.__name__ not in tests.called and not _is_case(each)]
    _refuse_foreign_fixtures(filter(inspect.isfunction, ours), namespace)
    around = {each.__name__: each for each in defined if each.__name__.startswith(("setup_", "teardown_"))}
    if ours:
        _call_if_there(around, "setup_module")
    for each in ours:
        if inspect.isfunction(each):
            _call_if_there(around, "setup_function")
            _call(each, namespace, tally, answer)
            _call_if_there(around, "teardown_function")
        else:
            _call_methods(each, namespace, tally, answer)
    if ours:
        _call_if_there(around, "teardown_module")
    if not finished:
        finished += _run_cases(list(filter(_is_case, defined)))
    if "doctest" in text:
        _record_examples(tally)


def _python_s_own(names: reach.Names, answer: set[str]) -> list[str]:
    """Return the builtins that tests mean: all, unless what the answer defines under such a name is all that they use of it."""
    read, builtin, *_ = names
    return [] if answer.isdisjoint(read) and not answer.isdisjoint(builtin) else builtin


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


def _names_called(tree: ast.Module) -> set[str]:
    """Return the names that statements outside of functions and classes mention: what the tests call themselves."""
    statements = [
        node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    return {node.id for each in statements for node in ast.walk(each) if isinstance(node, ast.Name)}


def _collected(tree: ast.Module, named: set[str]) -> set[str]:
    """Return the functions that are run as pytest would: what the tests do not call themselves."""
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test") and node.name not in named
    }


def _in_a_thread(failed: Any, tally: Tally) -> None:
    """Record what a thread of the tests has raised: Python would only print it."""
    if isinstance(failed.exc_value, Exception):
        tally.add("thread", "fail" if isinstance(failed.exc_value, AssertionError) else "error", failed.exc_value)


def _refuse_missing_parts(text: str, stand_in: types.ModuleType) -> None:
    """Raise Unsupported if the tests use a part of pytest that the stand-in does not have, whatever the answer does."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "pytest":
            getattr(stand_in, node.attr)


def _call_methods(kind: type, namespace: dict[str, Any], tally: Tally, answer: str) -> None:
    """Call every test method of a class, and of the classes in it, on an object of its own, as pytest does."""
    _call_if_there(kind, "setup_class")
    for name in dict.fromkeys(name for each in reversed(kind.__mro__) for name in vars(each)):
        value = getattr(kind, name)
        if isinstance(value, type) and name.startswith("Test"):
            _call_methods(value, namespace, tally, answer)
        elif name.startswith("test") and callable(value):
            case = kind()
            _call_if_there(case, "setup_method")
            fixtures = {each: value for each in dir(case) if _is_fixture(value := getattr(case, each, None))}
            _call(getattr(case, name), {**namespace, **fixtures}, tally, answer)
            _call_if_there(case, "teardown_method")
    _call_if_there(kind, "teardown_class")


def _call_if_there(case: object, name: str) -> None:
    function = case.get(name) if isinstance(case, dict) else getattr(case, name, None)
    if function is not None:
        function(*[None] * len(_needed(function)))


def _call(function: Callable[..., Any], namespace: dict[str, Any], tally: Tally, answer: str) -> None:
    """Call a test function once, or for each set of its parameters, with what its fixtures give."""
    marks = [*getattr(getattr(function, "__self__", None), "pytestmark", []), *getattr(function, "pytestmark", [])]
    if any(
        mark.name in ("skip", "xfail") or (mark.name == "skipif" and _holds(mark.args[0], namespace)) for mark in marks
    ):
        tally.add(function.__qualname__, "skipped")
        return
    namespace = {**namespace, **_renamed(namespace)}
    always = [name for name, each in namespace.items() if _is_fixture(each) and each.pytest_fixture.get("autouse")]
    used = [name for mark in marks if mark.name == "usefixtures" for name in mark.args]
    always += used
    needed = _needed(function)
    parameters = [mark for mark in marks if mark.name == "parametrize"]
    parameters += _parameters_of_fixtures([*always, *needed], namespace, parameters)
    for number, values in enumerate(_parameters(parameters)):
        name = f"{function.__qualname__}[{number}]" if parameters else function.__qualname__
        if values.pop(_LEFT_OUT, False):
            tally.add(name, "skipped")
            continue
        names = {*(each for each in values if each.isidentifier()), *needed}

        def once(values: dict[str, Any] = values, names: set[str] = names) -> None:
            with contextlib.ExitStack() as stack:
                for each in (*always, *needed):
                    _provide(each, namespace, values, stack)
                result = function(**{each: values[each] for each in names})
                if inspect.iscoroutine(result):
                    import asyncio

                    asyncio.run(result)

        try:
            tally.unit(name, once)
        except Skipped as problem:
            if raised_by_tests(problem, answer):
                tally.add(name, "skipped", reason=str(problem))
            else:
                tally.add(name, "error", problem)


def _holds(condition: object, namespace: dict[str, Any]) -> bool:
    """Return whether the condition of `skipif` holds: a value, or an expression as text."""
    return bool(eval(condition, namespace) if isinstance(condition, str) else condition)  # noqa: S307 - as pytest does


def _refuse_foreign_fixtures(functions: Iterable[Callable[..., Any]], namespace: dict[str, Any]) -> None:
    """Raise Unsupported for a fixture that only pytest itself has, before any of the tests has called the answer."""
    for function in functions:
        marks = getattr(function, "pytestmark", [])
        if any(mark.name in ("skip", "xfail", "skipif") for mark in marks):
            continue
        given = {name for mark in marks if mark.name == "parametrize" for name in _names(mark)}
        renamed = _renamed(namespace)
        for name in _needed(function):
            if (
                name not in given
                and name not in renamed
                and name not in FIXTURES
                and not _is_fixture(namespace.get(name))
            ):
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
        fixture = FIXTURES.get(name)
    if fixture is None:
        raise Unsupported(_WANTED.format(name))
    arguments: dict[str, Any] = {}
    for each in _needed(fixture):
        if each == "request":
            arguments[each] = types.SimpleNamespace(param=values.get(_PARAM.format(name)), fixturename=name)
            continue
        _provide(each, namespace, values, stack)
        arguments[each] = values[each]
    made = fixture(**arguments)
    if inspect.isgenerator(made):
        stack.callback(next, made, None)
        made = next(made)
    values[name] = made


def _renamed(namespace: dict[str, Any]) -> dict[str, Any]:
    """Return the fixtures that have another name than their functions."""
    fixtures = [each for each in namespace.values() if _is_fixture(each)]
    return {each.pytest_fixture["name"]: each for each in fixtures if each.pytest_fixture.get("name")}


def _parameters_of_fixtures(names: list[str], namespace: dict[str, Any], given: list[Any]) -> list[Any]:
    """Return marks that stand for the `params` of fixtures, and of those that they need, as `parametrize` would give them."""
    found, seen = [], {name for mark in given for name in _names(mark)}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        fixture: Any = namespace.get(name)
        if name in seen or not _is_fixture(fixture):
            continue
        seen.add(name)
        waiting += _needed(fixture)
        if fixture.pytest_fixture.get("params") is not None:
            args = ([_PARAM.format(name)], list(fixture.pytest_fixture["params"]))
            found.append(types.SimpleNamespace(name="parametrize", args=args, kwargs={}))
    return found


_PARAM = "{}.param"
"""Among the values of a test: what a fixture of this name finds in `request.param`."""
_LEFT_OUT = "(skip)"
"""Among the values of a test: that one of its parameters is marked as skipped, or as failing."""


def _names(mark: Any) -> list[str]:
    """Return the names of the parameters that a `parametrize` gives."""
    names = mark.args[0]
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)


def _parameters(marks: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the arguments of each call: the product over all marks, one empty set if there is none."""
    choices = []
    for mark in marks:
        if mark.kwargs.get("indirect"):
            raise Unsupported("the tests use indirect parameters, which the stand-in does not have")
        names, rows = _names(mark), mark.args[1]
        unpacked = [row.values if hasattr(row, "marks") else row if len(names) > 1 else [row] for row in rows]
        left_out = [any(each.name in ("skip", "xfail") for each in getattr(row, "marks", ())) for row in rows]
        more = [{_LEFT_OUT: True} if each else {} for each in left_out]
        choices.append([dict(zip(names, row, strict=True)) | each for row, each in zip(unpacked, more, strict=True)])
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


def _record_cases(tally: Tally, answer: str) -> None:
    """Let every run of unittest record the results of its tests."""
    import unittest

    class Recorder(unittest.TextTestResult):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self.before = 0

        def startTest(self, test: Any) -> None:  # noqa: N802 - unittest's names
            super().startTest(test)
            self.before = tally.asserted
            tally.inside = True
            tally.turn()

        def stopTest(self, test: Any) -> None:  # noqa: N802
            super().stopTest(test)
            tally.inside = False

        def in_time(self, test: Any) -> bool:
            """Return whether a test had not run out of its time, which is recorded; the last one that may ends the run."""
            out = tally.turn(_title(test))
            if tally.clock.over:
                self.stop()
            return not out

        def addSuccess(self, test: Any) -> None:  # noqa: N802
            super().addSuccess(test)
            silent = tally.asserted == self.before
            if self.in_time(test):
                reason = "nothing was asserted" if silent else ""
                tally.add(_title(test), "skipped" if silent else "pass", reason=reason)

        def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
            super().addFailure(test, err)
            if self.in_time(test):
                tally.add(_title(test), "fail", err[1])

        def addError(self, test: Any, err: Any) -> None:  # noqa: N802
            super().addError(test, err)
            if self.in_time(test):
                tally.add(_title(test), "error", err[1])

        def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
            problem = sys.exc_info()[1]
            super().addSkip(test, reason)
            if problem is not None and not raised_by_tests(problem, answer):
                tally.add(_title(test), "error", problem)
            else:
                tally.add(_title(test), "skipped", reason=reason)

        def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
            super().addSubTest(test, subtest, err)
            if self.in_time(subtest) and err is not None:
                tally.add(_title(subtest), "fail" if issubclass(err[0], test.failureException) else "error", err[1])

        def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
            super().addUnexpectedSuccess(test)
            tally.add(_title(test), "fail", reason="it was expected to fail")

        def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802
            super().addExpectedFailure(test, err)
            tally.add(_title(test), "skipped", reason="it is expected to fail")

    unittest.TextTestRunner.resultclass = Recorder


def _title(test: Any) -> str:
    return str(test.id()).removeprefix("__main__.")


def _run_cases(cases: list[type]) -> list[Any]:
    if not cases:
        return []
    unittest = sys.modules["unittest"]
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, cases))
    return [unittest.TextTestRunner(stream=sys.stderr).run(suite)]


def _record_examples(tally: Tally) -> None:
    """Record the examples that `doctest.testmod()` has run: it only prints what failed."""
    master = getattr(sys.modules.get("doctest"), "master", None)
    if master is None:
        return
    failed, tried = master.failures, master.tries
    if tried:
        reason = f"{failed} of {tried} examples failed"
        tally.add("doctest", "fail" if failed else "pass", reason=reason if failed else "")
