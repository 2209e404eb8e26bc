"""Finds the calls with which tests begin for certain: these can be sent to the answer at once, not one after another.

Each call costs two changes between processes, which is more than most answers take. A plan ends as soon as it is not certain
what comes next: at a loop, a condition, an argument that is worked out. What is behind it is called as it comes.
"""

from __future__ import annotations

import ast
import contextlib
from typing import Any

from syncode.sandbox.cell import crossing
from syncode.sandbox.cell.crossing import BUILTIN_NAMES

MOST = 256
"""Calls that are sent ahead (chosen here)."""


class Uncertain(Exception):
    """Where a plan ends."""


def calls(tree: ast.Module) -> list[tuple[str, bytes]]:
    """Return the names of the functions that tests call first, in order, each with its arguments as they are sent."""
    plan = _Plan({node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)})
    with contextlib.suppress(Uncertain):
        plan.statements(tree.body, {})
    return plan.calls


def opening(names: list[str], calls: list[tuple[str, bytes]]) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return what tests send first, and the calls in it: the question for their names, then no more calls than the pipe holds.

    Nothing waits for the answer at that point.
    """
    data = bytearray(crossing.message({"do": "names", "names": names}))
    for number, (name, body) in enumerate(calls):
        request = crossing.message({"do": "call", "by": name}, body)
        if len(data) + len(request) > crossing.PIPE * 3 // 4:
            return bytes(data), calls[:number]
        data += request
    return bytes(data), calls


class _Nothing:
    """The side of values that hold no references."""

    def lend(self, value: object) -> Any:
        raise Uncertain

    def borrow(self, form: dict[str, Any]) -> Any:
        raise Uncertain


_NOTHING = _Nothing()


class _Plan:
    def __init__(self, own: dict[str, ast.FunctionDef]) -> None:
        self.own = own
        self.calls: list[tuple[str, bytes]] = []
        self.entered: set[str] = set()

    def statements(self, body: list[ast.stmt], names: dict[str, str]) -> None:
        """Follow statements; `names`: what parameters stand for."""
        for node in body:
            if isinstance(node, ast.FunctionDef):
                if node.decorator_list or node.args.defaults or node.args.kw_defaults:
                    raise Uncertain
            elif isinstance(node, ast.Assert):
                self.expression(node.test, names)
            elif isinstance(node, ast.Assign):
                self.expression(node.value, names)
                if not all(isinstance(each, ast.Name) and self._is_new(each.id, names) for each in node.targets):
                    raise Uncertain
            elif isinstance(node, ast.Expr):
                if not self._entered(node.value, names):
                    self.expression(node.value, names)
            elif not isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
                raise Uncertain

    def _is_new(self, name: str, names: dict[str, str]) -> bool:
        return name not in names and name not in self.own and all(name != called for called, _ in self.calls)

    def _entered(self, node: ast.expr, names: dict[str, str]) -> bool:
        """Follow the call of a function of the tests, as `check(f)`; whether it was one."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.own):
            return False
        function = self.own[node.func.id]
        given = [names.get(each.id, each.id) for each in node.args if isinstance(each, ast.Name)]
        parameters = [each.arg for each in function.args.args]
        plain = not (function.args.vararg or function.args.kwarg or function.args.kwonlyargs or node.keywords)
        if not plain or not len(given) == len(node.args) == len(parameters) or function.name in self.entered:
            raise Uncertain
        self.entered.add(function.name)
        self.statements(function.body, dict(zip(parameters, given, strict=True)))
        return True

    def expression(self, node: ast.expr, names: dict[str, str]) -> None:
        """Follow what is evaluated for certain."""
        if isinstance(node, ast.Call):
            self._call(node, names)
        elif isinstance(node, ast.Compare):
            self.expression(node.left, names)
            self.expression(node.comparators[0], names)
            self._must_not_call(node.comparators[1:])
        elif isinstance(node, ast.BoolOp):
            self.expression(node.values[0], names)
            self._must_not_call(node.values[1:])
        elif isinstance(node, ast.UnaryOp):
            self.expression(node.operand, names)
        elif isinstance(node, ast.BinOp):
            self.expression(node.left, names)
            self.expression(node.right, names)
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            for each in node.elts:
                self.expression(each, names)
        elif isinstance(node, ast.Dict):
            self._must_not_call([*filter(None, node.keys), *node.values])
        elif isinstance(node, ast.Subscript):
            self.expression(node.value, names)
            self.expression(node.slice, names)
        elif not isinstance(node, ast.Constant | ast.Name):
            raise Uncertain

    def _must_not_call(self, nodes: list[ast.expr]) -> None:
        if any(isinstance(each, ast.Call | ast.Attribute) for node in nodes for each in ast.walk(node)):
            raise Uncertain

    def _call(self, node: ast.Call, names: dict[str, str]) -> None:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise Uncertain
        name = names.get(node.func.id, node.func.id)
        if name in BUILTIN_NAMES or name in self.own:
            if name not in _PURE:
                raise Uncertain
            for each in node.args:
                self.expression(each, names)
            return
        try:
            forms = [crossing.encode(ast.literal_eval(each), _NOTHING) for each in node.args]
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            raise Uncertain from None
        if len(self.calls) >= MOST:
            raise Uncertain
        self.calls.append((name, crossing.dumps([forms, {"d": []}])))


_PURE = {
    "abs", "all", "any", "bool", "dict", "float", "frozenset", "int", "isinstance", "len", "list", "max", "min", "repr", "round",
    "set", "sorted", "str", "sum", "tuple", "type",
}  # fmt: skip
