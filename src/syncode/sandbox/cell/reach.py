"""Reads in the text of tests whether they can run in a process without the answer, and which of its names they use."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

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
    "deepcopy", "deprecated_call", "getrecursionlimit", "getrefcount", "getsizeof", "getsource", "mock", "modules", "patch",
    "redirect_stderr", "redirect_stdout", "seed", "setrecursionlimit", "settrace", "stderr", "stdin", "stdout", "warns",
}  # fmt: skip
FIXTURES = {"caplog", "capfd", "capsys", "monkeypatch", "recwarn", "tmp_path", "tmpdir"}
"""What tests use when they reach into the process, the files or the clock of the answer (chosen here)."""


PLAIN_MODULES = {
    "bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq", "itertools", "json", "main", "math",
    "numpy", "operator", "random", "re", "solution", "statistics", "string", "typing",
}  # fmt: skip
LASTING = {
    "delattr", "f_back", "f_builtins", "f_globals", "f_locals", "getattr", "gi_frame", "register", "set_printoptions",
    "setattr", "setcontext", "seterr", "tb_frame",
}  # fmt: skip
"""What can change, or lead to, something that outlives the tests: a module, a class, a frame (chosen here)."""


def kind(tree: ast.Module) -> tuple[str, str]:
    """Return how tests run: "together" with the answer, and why, or "apart" from it, or "plain": apart, and leaving no trace."""
    if why := reaches(tree):
        return "together", why
    return ("plain" if all(map(_leaves_no_trace, ast.walk(tree))) else "apart"), ""


def _leaves_no_trace(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return isinstance(node.ctx, ast.Load) and not node.attr.startswith("_") and node.attr not in LASTING
    if isinstance(node, ast.Name):
        return node.id not in LASTING and (not node.id.startswith("__") or node.id == "__name__")
    if isinstance(node, ast.Import):
        return all(alias.name in PLAIN_MODULES for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module in PLAIN_MODULES and all(alias.name not in LASTING for alias in node.names)
    return not isinstance(node, ast.ClassDef)


def reaches(tree: ast.Module) -> str | None:
    """Return what tests use of the process that the answer runs in, or None if they only call it and look at values."""
    elsewhere = {id(node.func) for node in ast.walk(tree) if _has_a_namespace(node)}
    return next((found for node in ast.walk(tree) if id(node) not in elsewhere for found in _reaches(node)), None)


def _has_a_namespace(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether code is executed in a namespace of its own: it sees no more of the answer than what is put in there."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("eval", "exec")
        and len(node.args) > 1
    )


def _reaches(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        if node.id in NAMES:
            yield node.id
    elif isinstance(node, ast.Attribute):
        if node.attr in PARTS:
            yield node.attr
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if _is_unshared(alias.name))
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        yield from (alias.name for alias in node.names if alias.name in PARTS or _is_unshared(f"{module}.{alias.name}"))
    elif isinstance(node, ast.FunctionDef):
        yield from (each.arg for each in node.args.args if each.arg in FIXTURES)
    elif isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
        yield "async"


def _is_unshared(module: str) -> bool:
    return module.partition(".")[0] in MODULES or module.startswith("unittest.mock")


def names_in(tree: ast.Module) -> tuple[list[str], list[str]]:
    """Return the names that tests read or import from the answer's file, and those of them that Python has built in."""
    read: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            read.add(node.id)
        elif isinstance(node, ast.ImportFrom) and node.module in ("main", "solution"):
            read.update(alias.name for alias in node.names)
    return sorted(read - BUILTIN_NAMES), sorted(read & BUILTIN_NAMES)
