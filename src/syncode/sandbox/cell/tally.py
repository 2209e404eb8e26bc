"""Counts what Python tests assert, each as it completes, and goes on behind one that fails.

`instrument` rewrites a parsed test file: an assertion of a script becomes a test of its own, so that one wrong answer does not
hide what the others say; inside of test functions and of what handles exceptions itself, assertions are only counted.
"""

from __future__ import annotations

import ast
import json
import re
import traceback
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from syncode.sandbox.cell.timing import Clock

_Node = TypeVar("_Node", ast.expr, ast.stmt)
CHECK, COUNTED = "__syncode_check__", "__syncode_counted__"
"""Names under which instrumented tests find `Tally.check` and `Tally.counted`."""
CHECKS = re.compile(r"assert|check|expect|verify|ensure|should|test|raises|exec|run|fail|deny|refute", re.IGNORECASE)
"""Names of functions whose call is a check (chosen here); such a call counts if it returns."""
EXITS = ("exit", "_exit", "quit", "abort")
"""Names of functions that end the process."""
SHOWN = 200
"""Results that a report lists one by one, and characters of a reason (chosen here)."""
FAILURES = 3
"""Tracebacks that are kept to be printed (chosen here): the first ones say most."""


class Silent(Exception):
    """A test function has asserted nothing."""


class Tally:
    """Results so far. `say` sends a line to the harness: failures at once, all else in `report`."""

    def __init__(self, say: Callable[[bytes], object], clock: Clock | None = None) -> None:
        self.counts = {"passed": 0, "failed": 0, "errors": 0, "skipped": 0}
        self.results: list[dict[str, Any]] = []
        self.asserted = 0
        self.inside = False
        """Whether a test function runs, or a case of unittest: its assertions do not count as tests."""
        self.problems: list[BaseException] = []
        self.late: list[str] = []
        """Why tests ran out of their time, and which."""
        self.clock = clock or Clock()
        self._say = say

    def counted(self, line: int) -> None:
        """Count an assertion that has completed: as a test of its own, unless it is part of one."""
        self.asserted += 1
        if not self.inside:
            self.add(f"line {line}", "pass")

    def check(self, name: object) -> Check:
        """Return a context in which one assertion runs: `name` is its line, or what the harness calls it."""
        return Check(self, f"line {name}" if isinstance(name, int) else str(name))

    def unit(self, name: str, run: Callable[[], object]) -> None:
        """Run one test function: it passes if it ends and has asserted something."""
        before = self.asserted
        self.inside = True
        try:
            with Check(self, name, alone=False):
                run()
                if self.asserted == before:
                    raise Silent("nothing was asserted")
        finally:
            self.inside = False

    def turn(self, name: str = "between tests") -> bool:
        """Note that a test begins, or that the one of this name ends; return whether that one has run out of time."""
        why = self.clock.out
        self.clock.turn()
        if why:
            self.late.append(f"{why}: {name}")
            self.add(name, "timeout", reason=why)
        return bool(why)

    def add(self, name: str, state: str, problem: BaseException | None = None, reason: str = "") -> None:
        """Record one result; `state` is pass, fail, error, timeout or skipped."""
        self.counts[_COUNTS[state]] += 1
        if problem is not None and state in ("fail", "error"):
            if len(self.problems) < FAILURES:
                self.problems.append(problem)
            reason = reason or "".join(traceback.format_exception_only(type(problem), problem)).strip()[-SHOWN:]
        if len(self.results) < SHOWN:
            result = {"name": name[:SHOWN], "state": state, **({"reason": reason[:SHOWN]} if reason else {})}
            self.results.append(result)
            if state in ("fail", "error", "timeout"):
                self._say(_line(result))

    @property
    def silent(self) -> bool:
        """Whether nothing was asserted at all."""
        return not any(self.counts[each] for each in ("passed", "failed", "errors"))

    def report(self, **more: Any) -> None:
        """Say the counts and the results, once, at the end."""
        counts = {"total": sum(self.counts.values()), **self.counts}
        self._say(_line({"tests": counts, "results": self.results, **more}))


_COUNTS = {"pass": "passed", "fail": "failed", "error": "errors", "timeout": "errors", "skipped": "skipped"}


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":")).replace("?", "\\u003f").encode("ascii") + b"\n"


class Check:
    """One assertion, or one test function: what it raises is recorded and goes no further, unless it ends the process."""

    def __init__(self, tally: Tally, name: str, alone: bool = True) -> None:
        self.tally, self.name, self.alone = tally, name, alone

    def __enter__(self) -> None:
        self.tally.turn()

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: object) -> bool:
        if self.tally.turn(self.name):
            self.tally.asserted += 1
            return not self.tally.clock.over
        if kind is None or problem is None:
            self.tally.asserted += self.alone
            self.tally.add(self.name, "pass")
            return True
        if not issubclass(kind, Exception):
            return False
        if kind.__name__ in ("Skipped", "Unsupported", "ModuleNotFoundError"):
            return False  # of the tests as a whole, or for the one that calls them
        self.tally.asserted += 1
        if kind is Silent:
            self.tally.add(self.name, "skipped", reason=str(problem))
        else:
            self.tally.add(self.name, "fail" if issubclass(kind, AssertionError) else "error", problem)
        return True


OWN = "__syncode_{}__"
"""Under these names, tests that share a process with the answer find the builtins as they were before it."""


def keep_builtins(nodes: list[ast.AST], names: Iterable[str]) -> None:
    """Let tests use Python's own `names`, whatever the answer has called so: rewritten in place."""
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    kept = set(names) - stored
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in kept:
            node.id = OWN.format(node.id)


def instrument(tree: ast.Module, nodes: list[ast.AST], tests: Iterable[str] = ()) -> ast.Module:
    """Rewrite a test file in place and return it. `nodes`: of the tree; `tests`: functions that are tests of their own."""
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    script = _called_at_the_top(tree, nodes) & own - set(tests)
    tree.body = _statements(tree.body, _Place(True, frozenset(own), frozenset(script)))
    return tree


class _Place:
    """Where statements stand: whether each assertion is a test there, and the functions of the test file."""

    def __init__(self, alone: bool, own: frozenset[str], script: frozenset[str]) -> None:
        self.alone, self.own, self.script = alone, own, script

    def inner(self, alone: bool) -> _Place:
        return self if alone == self.alone else _Place(alone, self.own, self.script)


def _called_at_the_top(tree: ast.Module, nodes: list[ast.AST]) -> set[str]:
    """Return the functions that the file only calls as statements of its own: the rest of it does not depend on how they end."""
    called: set[str] = set()
    calls = 0
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If):
            waiting += [*node.body, *node.orelse]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
            called.add(node.value.func.id)
            calls += 1
    if not called:
        return called
    names = [node.id for node in nodes if isinstance(node, ast.Name) and node.id in called]
    return called if len(names) <= calls else {name for name in called if names.count(name) == 1}


def _statements(body: list[ast.stmt], place: _Place) -> list[ast.stmt]:
    return [made for node in body for made in _statement(node, place)]


def _statement(node: ast.stmt, place: _Place) -> list[ast.stmt]:
    if isinstance(node, ast.Assert) or (isinstance(node, ast.Expr) and _is_check(node.value, place)):
        return [_alone(node)] if place.alone else [node, _count(node)]
    if isinstance(node, ast.Expr) and _exits_by_result(node.value):
        return [_count(node), node]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.body = _statements(node.body, place.inner(node.name in place.script))
    elif isinstance(node, ast.ClassDef):
        node.body = _statements(node.body, place.inner(False))
    elif isinstance(node, ast.With | ast.AsyncWith):
        node.body = _statements(node.body, place.inner(False))
        if any(_is_check(item.context_expr, place) for item in node.items):
            return [_alone(node)] if place.alone else [node, _count(node)]
    elif isinstance(node, ast.Try):
        before = any(map(_fails, ast.walk(node)))
        for part in ("body", "orelse", "finalbody"):
            setattr(node, part, _statements(getattr(node, part), place.inner(False)))
        for handler in node.handlers:
            handler.body = _statements(handler.body, place.inner(False))
        if before:
            return [_alone(node)] if place.alone and not _leaves(node) else [node, _count(node)]
    elif isinstance(node, ast.If | ast.For | ast.While):
        return _branches(node, place)
    return [node]


def _branches(node: ast.If | ast.For | ast.While, place: _Place) -> list[ast.stmt]:
    before = isinstance(node, ast.If) and any(map(_fails, node.body + node.orelse))
    node.body, node.orelse = _statements(node.body, place), _statements(node.orelse, place)
    if not before:
        return [node]
    for part in filter(None, (node.body, node.orelse)):
        if _exits_well(part[-1]):
            part.insert(-1, _count(node))
    return [node, _count(node)]


def _leaves(node: ast.stmt) -> bool:
    """Return whether a statement returns, or leaves or goes on with a loop around it: no context may stand around it."""
    return any(isinstance(each, ast.Return | ast.Break | ast.Continue | ast.Yield) for each in ast.walk(node))


def _is_check(node: ast.expr, place: _Place) -> bool:
    name = _name(node)
    return bool(CHECKS.search(name)) and name not in place.own


def _exits_by_result(node: ast.expr) -> bool:
    """Return whether a call ends the tests with an exit code that it works out: `sys.exit(0 if f(1) == 2 else 1)`."""
    return _name(node) in EXITS and any(not isinstance(each, ast.Constant) for each in getattr(node, "args", ()))


def _exits_well(node: ast.stmt) -> bool:
    """Return whether a statement ends the tests with exit code 0."""
    value = node.value if isinstance(node, ast.Expr) else None
    arguments = getattr(value, "args", ())
    return _name(value) in EXITS and all(isinstance(each, ast.Constant) and not each.value for each in arguments)


def _name(node: ast.expr | None) -> str:
    """Return the name of the function or method that is called; empty if none is."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else str(getattr(node.func, "id", ""))


def _fails(node: ast.AST) -> bool:
    """Return whether a statement ends the tests, or makes one fail."""
    if isinstance(node, ast.Raise | ast.Assert):
        return True
    return _name(node.value if isinstance(node, ast.Expr) else None) in (*EXITS, "fail")


def _placed(node: _Node, like: ast.stmt) -> _Node:
    """Give a new node the place of another one; `ast.fix_missing_locations` would go over the whole tree."""
    node.lineno, node.col_offset = like.lineno, like.col_offset
    node.end_lineno, node.end_col_offset = like.end_lineno, like.end_col_offset
    return node


def _call(name: str, node: ast.stmt) -> ast.expr:
    """Return the call of a function with the line of a statement."""
    function = _placed(ast.Name(name, ast.Load()), node)
    return _placed(ast.Call(function, [_placed(ast.Constant(node.lineno), node)], []), node)


def _alone(node: ast.stmt) -> ast.stmt:
    return _placed(ast.With([ast.withitem(_call(CHECK, node), None)], [node]), node)


def _count(node: ast.stmt) -> ast.stmt:
    return _placed(ast.Expr(_call(COUNTED, node)), node)
