"""Stands in for the parts of pytest that generated tests use: the same on every machine, and quicker than the real one."""

import math
import re
import types
from typing import Any


class Unsupported(Exception):
    """The tests need more of a test framework than there is here, or test nothing."""

    __module__ = "builtins"  # its name in the reason, without ours


class Skipped(Exception):
    """A test says that it should not be run."""


class Raises:
    """What `pytest.raises` returns."""

    def __init__(self, expected: Any, match: str | None = None) -> None:
        self.expected, self.pattern = expected, match

    def __enter__(self) -> "Raises":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: object) -> bool:
        self.type, self.value, self.typename = kind, value, getattr(kind, "__name__", "")
        assert kind is not None, f"did not raise {self.expected}"
        if not issubclass(kind, self.expected):
            return False
        if self.pattern is not None:
            self.match(self.pattern)
        return True

    def match(self, pattern: str) -> bool:
        """Assert that the text of the exception has this in it."""
        assert re.search(pattern, str(self.value)), f"{self.value!s} does not match {pattern!r}"
        return True


class Approx:
    """What `pytest.approx` returns."""

    def __init__(
        self,
        expected: Any,
        rel: float | None = None,
        abs: float | None = None,  # noqa: A002 - pytest's name
        nan_ok: bool = False,
    ) -> None:
        self.expected, self.nan_ok = expected, nan_ok
        self.rel, self.abs = (1e-6 if abs is None else 0.0) if rel is None else rel, 1e-12 if abs is None else abs

    def __eq__(self, actual: object) -> bool:
        return self._close(self.expected, actual)

    def _close(self, left: Any, right: Any) -> bool:
        left, right = (each.tolist() if hasattr(each, "tolist") else each for each in (left, right))
        if isinstance(left, dict) and isinstance(right, dict):
            return left.keys() == right.keys() and all(self._close(left[key], right[key]) for key in left)
        if isinstance(left, list | tuple):
            same = hasattr(right, "__len__") and len(left) == len(right)
            return same and all(self._close(one, other) for one, other in zip(left, right, strict=True))
        if isinstance(left, int | float) and isinstance(right, int | float):
            both_nan = self.nan_ok and math.isnan(left) and math.isnan(right)
            return both_nan or math.isclose(left, right, rel_tol=self.rel, abs_tol=self.abs) or left == right
        if _is_number(left) and _is_number(right):
            return left == right or abs(complex(left) - complex(right)) <= max(self.rel * abs(complex(left)), self.abs)
        return bool(left == right)

    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None
    """Numpy leaves it to us to compare."""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | complex) or type(value).__name__ in ("Decimal", "Fraction")


class Mark:
    """`pytest.mark`: whatever is asked of it marks a function."""

    def __getattr__(self, name: str) -> Any:
        def mark(*arguments: Any, **keywords: Any) -> Any:
            if (
                name not in ("parametrize", "skipif")
                and len(arguments) == 1
                and callable(arguments[0])
                and not keywords
            ):
                return _marked(arguments[0], types.SimpleNamespace(name=name, args=(), kwargs={}))
            return lambda function: _marked(function, types.SimpleNamespace(name=name, args=arguments, kwargs=keywords))

        return mark


def module() -> types.ModuleType:
    """Return what `import pytest` gives: raises, approx, mark, fixture, param, fail, skip, main."""
    made = types.ModuleType("pytest")
    made.__getattr__ = _absent  # type: ignore[method-assign]
    made.__dict__.update(
        raises=_raises, approx=Approx, mark=Mark(), fixture=_fixture, param=_param, fail=_fail, skip=_skip, main=_main
    )
    return made


def _raises(expected: Any, *call: Any, match: str | None = None, **keywords: Any) -> Any:
    context = Raises(expected, match)
    if call:
        with context:
            call[0](*call[1:], **keywords)
    return context


def _fixture(function: Any = None, **options: Any) -> Any:
    if function is None:
        return lambda function: _fixture(function, **options)
    function.pytest_fixture = options
    return function


def _param(*values: Any, marks: Any = (), **_: Any) -> Any:
    """Return one set of parameters; `marks`: one mark, or several, made by `pytest.mark`."""
    made = marks if isinstance(marks, list | tuple) else (marks,)
    return types.SimpleNamespace(values=values, marks=[_mark_of(each) for each in made])


def _mark_of(mark: Any) -> Any:
    """Return what a mark leaves on a function."""
    return mark(lambda: None).pytestmark[-1]


def _fail(reason: str = "", **_: Any) -> None:
    raise AssertionError(reason)


def _skip(reason: str = "", **_: Any) -> None:
    raise Skipped(reason)


def _main(*_: Any, **__: Any) -> int:
    """Do nothing: test functions are run when the tests have been loaded."""
    return 0


def _absent(name: str) -> Any:
    if name.startswith("__"):  # `from pytest import raises` looks for `__path__`
        raise AttributeError(name)
    raise Unsupported(f"the tests use pytest.{name}, which the stand-in does not have")


def _marked(function: Any, mark: Any) -> Any:
    function.pytestmark = [*getattr(function, "pytestmark", []), mark]
    return function
