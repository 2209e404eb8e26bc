"""Reads in the text of tests whether they can run in a process without the answer, and which of its names they use."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from syncode.sandbox.cell.crossing import BUILTIN_NAMES

MODULES = {
    "asyncio", "builtins", "concurrent", "ctypes", "doctest", "gc", "hypothesis", "importlib", "inspect", "logging", "matplotlib",
    "mock", "multiprocessing", "os", "pandas", "pathlib", "shutil", "signal", "socket", "sqlite3", "subprocess", "tempfile",
    "threading", "tracemalloc", "warnings", "weakref",
}  # fmt: skip
NAMES = {
    "__file__", "__import__", "dir", "eval", "exec", "globals", "id", "input", "locals", "open", "vars",
}  # fmt: skip
PARTS = {
    "MagicMock", "__closure__", "__code__", "__dict__", "__globals__", "argv", "assertLogs", "assertNoLogs", "assertWarns",
    "deprecated_call", "getrecursionlimit", "getrefcount", "getsizeof", "getsource", "mock", "modules", "patch",
    "redirect_stderr", "redirect_stdout", "seed", "setrecursionlimit", "settrace", "stderr", "stdin", "stdout", "warns",
}  # fmt: skip
FIXTURES = {"caplog", "capfd", "capsys", "monkeypatch", "recwarn", "tmp_path", "tmpdir"}
"""What tests use when they reach into the process, the files or the clock of the answer (chosen here)."""


PLAIN_MODULES = {
    "bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq", "itertools", "json", "main",
    "math", "numpy", "operator", "random", "re", "solution", "statistics", "string", "typing",
}  # fmt: skip
LASTING = {
    "delattr", "f_back", "f_builtins", "f_globals", "f_locals", "getattr", "gi_frame", "register", "set_printoptions",
    "setattr", "setcontext", "seterr", "tb_frame",
}  # fmt: skip
"""What can change, or lead to, something that outlives the tests: a module, a class, a frame (chosen here)."""


def nodes(tree: ast.Module) -> list[ast.AST]:
    """Return the nodes of a tree but for constants and contexts: what `ast.walk` yields, in a third of its time."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                waiting += [each for each in value if isinstance(each, ast.AST) and type(each) is not ast.Constant]
            elif isinstance(value, ast.AST) and type(value) not in _LEAVES:
                waiting.append(value)
    return found


_LEAVES = (ast.Constant, ast.Load, ast.Store)


def kind(found: list[ast.AST]) -> tuple[str, str]:
    """Return how tests run: "together" with the answer, and why, or "apart" from it, or "plain": apart, leaving no trace."""
    elsewhere = {id(node.func) for node in found if isinstance(node, ast.Call) and _has_a_namespace(node)}
    plain = True
    for node in found:
        reader = _READERS.get(type(node))
        if reader is not None and id(node) not in elsewhere:
            why, lasting = reader(node)
            if why:
                return "together", why
            plain = plain and not lasting
    return ("plain" if plain and not elsewhere else "apart"), ""


def _has_a_namespace(node: ast.Call) -> bool:
    """Whether code is executed in a namespace of its own: it sees no more of the answer than what is put in there."""
    return isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec") and len(node.args) > 1


def _name(node: Any) -> tuple[str, bool]:
    name = node.id
    return name if name in NAMES else "", name in LASTING or (name.startswith("__") and name != "__name__")


def _attribute(node: Any) -> tuple[str, bool]:
    name = node.attr
    return name if name in PARTS else "", type(node.ctx) is not ast.Load or name.startswith("_") or name in LASTING


def _import(node: Any) -> tuple[str, bool]:
    names = [alias.name for alias in node.names]
    return next(filter(_is_unshared, names), ""), not PLAIN_MODULES.issuperset(names)


def _import_from(node: Any) -> tuple[str, bool]:
    module, names = node.module or "", [alias.name for alias in node.names]
    found = (name for name in names if name in PARTS or _is_unshared(f"{module}.{name}"))
    return next(found, ""), module not in PLAIN_MODULES or not LASTING.isdisjoint(names)


def _function(node: Any) -> tuple[str, bool]:
    return next((each.arg for each in node.args.args if each.arg in FIXTURES), ""), False


_READERS: dict[type, Callable[[Any], tuple[str, bool]]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.FunctionDef: _function,
    ast.ClassDef: lambda _: ("", True),
    **dict.fromkeys((ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith), lambda _: ("async", True)),
}
"""What a node reaches of the answer's process, and whether it may leave something behind in its own."""


def _is_unshared(module: str) -> bool:
    return module.partition(".")[0] in MODULES or module.startswith("unittest.mock")


Names = tuple[list[str], list[str], set[str], set[str]]


def names_in(found: list[ast.AST]) -> Names:
    """Return the names that tests read or import from the answer's file, those that Python has built in, the packages, and
    the names that the tests give a value of their own, wherever: what the answer does with its own of that name is not theirs.
    """
    read: set[str] = set()
    packages: set[str] = set()
    bound: set[str] = set()
    for node in found:
        if isinstance(node, ast.Name):
            read.add(node.id)
            if type(node.ctx) is not ast.Load:
                bound.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.ImportFrom) and node.module in ("main", "solution"):
            read.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            packages.add((node.module or "").partition(".")[0])
            bound.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            packages.update(alias.name.partition(".")[0] for alias in node.names)
            bound.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    return sorted(read - BUILTIN_NAMES), sorted(read & BUILTIN_NAMES), packages, bound
