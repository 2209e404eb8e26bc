"""Wrong versions of a Python answer: stubs that do nothing, and mutants with one planted mistake each."""

import ast
import copy
from collections.abc import Iterator

from syncode.schemas.records import draw

Function = ast.FunctionDef | ast.AsyncFunctionDef

CONSTANTS: tuple[object, ...] = (None, True, 0, 1, "", [])
"""What stubs return (chosen here): the values that lazy tests expect most often."""


def stubs(code: str) -> list[str]:
    """Return the code with every function's body replaced by `return CONSTANT`: one version a constant; [] for no function."""
    tree = _parsed(code)
    if tree is None or not any(isinstance(node, Function) for node in ast.walk(tree)):
        return []
    versions = []
    for constant in CONSTANTS:
        stub = copy.deepcopy(tree)
        for node in ast.walk(stub):
            if isinstance(node, Function) and node.name != "__init__":
                node.body = [ast.Return(value=ast.parse(repr(constant), mode="eval").body)]
        versions.append(_text(stub))
    return versions


def mutants(code: str, count: int, seed: int, row_id: str) -> list[str]:
    """Return up to `count` different mutants, drawn by (seed, row id) from all that one change gives."""
    tree = _parsed(code)
    if tree is None:
        return []
    original = _text(tree)
    found = dict.fromkeys(text for text in _all(tree) if text != original)
    return sorted(found, key=lambda text: draw(seed, row_id, purpose=text))[:count]


def _parsed(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _text(tree: ast.Module) -> str:
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _all(tree: ast.Module) -> Iterator[str]:
    """Yield the program once for each change at each place inside a function."""
    places = [node for function in ast.walk(tree) if isinstance(function, Function) for node in ast.walk(function)]
    for index, place in enumerate(places):
        for number in range(len(_changes(place))):
            mutant = copy.deepcopy(tree)
            again = [
                node for function in ast.walk(mutant) if isinstance(function, Function) for node in ast.walk(function)
            ]
            field, value = _changes(again[index])[number]
            setattr(again[index], field, value)
            yield _text(mutant)


_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COMPUTE: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip


def _changes(node: ast.AST) -> list[tuple[str, object]]:
    """Return the changes of one node as (field, new value): the classic operators of mutation testing."""
    match node:
        case ast.Compare(ops=[first, *rest]) if type(first) in _COMPARE:
            return [("ops", [_COMPARE[type(first)](), *rest])]
        case ast.BinOp(op=operation) | ast.AugAssign(op=operation) if type(operation) in _COMPUTE:
            return [("op", _COMPUTE[type(operation)]())]
        case ast.BoolOp(op=operation):
            return [("op", ast.Or() if isinstance(operation, ast.And) else ast.And())]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return [("op", ast.UAdd())] if isinstance(operand, ast.Constant) else []
        case ast.Constant(value=bool(value)):
            return [("value", not value)]
        case ast.Constant(value=int(value) | float(value)):
            return [("value", value + 1)]
        case ast.If(test=test) | ast.While(test=test):
            return [("test", ast.UnaryOp(op=ast.Not(), operand=copy.deepcopy(test)))]
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            return [("value", ast.Constant(value=None))]
    return []
