"""What a statement of Python reads, binds and may change, as far as its text shows; in doubt it changes."""

import ast
import builtins
import re
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

_OPAQUE = frozenset({"exec", "globals", "__import__"})
_STORING = frozenset({"setattr", "delattr"})
_ACTS = _OPAQUE | _STORING | {"eval", "next", "vars", "locals", "map", "filter"}
_READING = frozenset(dir(builtins)) - _ACTS
"""Functions that change none of their arguments and call none."""
_GIVING = frozenset(
    {
        "max",
        "min",
        "sorted",
        "enumerate",
        "zip",
        "reversed",
        "iter",
        "list",
        "tuple",
        "set",
        "frozenset",
        "dict",
        "getattr",
    }
)
"""Those of them that give back items of their arguments."""
_KEEPING = frozenset(
    name
    for kind in (str, int, tuple, frozenset, types.MappingProxyType, re.Pattern)
    for name in dir(kind)
    if not name.startswith("_")
)
"""Methods that change nothing: those of types whose values do not change, which lists and dicts share."""
_ASKS = frozenset({"input", "open"})
_EXITS = frozenset({"exit", "quit", "_exit", "abort"})
_STREAMS = frozenset({"stdin", "stdout", "stderr", "argv"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler | ast.MatchAs | ast.MatchStar
_Scope = _Function | ast.ClassDef | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass
class Effects:
    """Names by what is done with them, in the statement and in the functions that it defines."""

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)  # bound by a function that declares them global
    handed: set[str] = field(default_factory=set)  # the object may be changed by others, or get another name
    stored: set[str] = field(default_factory=set)  # something is stored in the object
    used: set[str] = field(default_factory=set)  # a method of the object is called that may change it
    performed: set[str] = field(default_factory=set)  # called as a statement of its own, so for what the call does
    methods: set[tuple[str, str]] = field(default_factory=set)  # the same, called as a method
    opaque: bool = False  # binds or reads names that the text does not show
    evaluates: bool = False  # reads names that the text does not show
    asks: bool = False  # reads what no one gives to a test
    demands: bool = False  # asserts, raises or exits, outside of functions
    redirects: bool = False  # puts something else in the place of the program's input or output


def effects(node: ast.stmt, examined: frozenset[str], flat: frozenset[str]) -> Effects:
    """Return the effects of a statement at the top of a program.

    `examined`: functions whose calls for a value are examples: what is given to them is not changed. `flat`: names of lists and
    tables of plain values, whose items cannot be changed.
    """
    reader = _Reader(examined, flat)
    reader.visit(node)
    return reader.found


class _Reader:
    def __init__(self, examined: frozenset[str], flat: frozenset[str]) -> None:
        self.found = Effects()
        self._examined, self._flat = examined, flat
        self._reading = False  # only the value of the node is looked at
        self._local: list[set[str]] = []
        self._depth = 0  # of functions

    def visit(self, node: ast.AST) -> None:
        """Take a node and all that is in it."""
        _HOW.get(type(node), _Reader._children)(self, node)

    def _children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self.visit(child)

    def _look(self, nodes: Iterable[ast.AST | None], reading: bool) -> None:
        before, self._reading = self._reading, reading
        for node in nodes:
            if node is not None:
                self.visit(node)
        self._reading = before

    def _inside(self, own: set[str], nodes: Iterable[ast.AST | None], reading: bool = False) -> None:
        self._local.append(own)
        self._look(nodes, reading)
        self._local.pop()

    def _is_local(self, name: str) -> bool:
        return any(name in scope for scope in self._local)

    def _is_flat(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._flat

    def _bind(self, name: str) -> None:
        if not self._is_local(name):
            (self.found.sets if self._depth else self.found.binds).add(name)

    def _name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id)
        elif not self._is_local(node.id):
            self.found.reads.add(node.id)
            self.found.opaque |= node.id in _OPAQUE
            self.found.evaluates |= node.id == "eval"
            self.found.asks |= node.id in _ASKS
            if not self._reading:
                self.found.handed.add(node.id)

    def _expression(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self._call(node.value, performed=True)
        else:
            self._look([node.value], True)

    def _value(self, node: ast.Call) -> None:
        self._call(node, performed=False)

    def _call(self, node: ast.Call, performed: bool) -> None:
        function, reading = node.func, False
        self.found.demands |= not self._depth and last_of(function) in _EXITS
        if isinstance(function, ast.Name):
            self._look([function], True)
            name = function.id
            if not self._is_local(name):
                reads_only = self._reading or performed if name in _GIVING else name in _READING
                reading = reads_only or (name in self._examined and not performed)
                self.found.performed |= {name} if performed else set()
                self.found.stored |= {root_of(each) or "" for each in node.args[:1]} if name in _STORING else set()
        elif isinstance(function, ast.Attribute):
            reading = function.attr in _KEEPING
            self._method(function, performed)
        else:
            self._look([function], False)
        given = [each.value if isinstance(each, ast.Starred) else each for each in node.args]
        given += [keyword.value for keyword in node.keywords]
        for each in given:
            self._look(
                [each], reading or (isinstance(function, ast.Name) and function.id in _GIVING and self._is_flat(each))
            )

    def _method(self, function: ast.Attribute, performed: bool) -> None:
        """Take the call of a method; on a class that is examined, a call for a value is an example."""
        self.found.asks |= function.attr in _STREAMS
        root = root_of(function)
        is_example = not performed and isinstance(function.value, ast.Name) and root in self._examined
        if root and performed and not self._is_local(root):
            self.found.methods.add((root, function.attr))
        if root and function.attr not in _KEEPING and not is_example and not self._is_local(root):
            self.found.used.add(root)
        gives_plain = self._reading or performed or self._is_flat(function.value)
        self._look([function.value], (function.attr in _KEEPING and gives_plain) or is_example)

    def _attribute(self, node: ast.Attribute) -> None:
        self.found.asks |= node.attr in _STREAMS
        self._part(node, is_stream=node.attr in _STREAMS)

    def _item(self, node: ast.Subscript) -> None:
        self._look([node.slice], True)
        self._part(node)

    def _part(self, node: ast.Attribute | ast.Subscript, is_stream: bool = False) -> None:
        if isinstance(node.ctx, ast.Load):
            self._look([node.value], self._reading or self._is_flat(node.value))
        elif is_stream:
            self.found.redirects = True
        else:
            root = root_of(node)
            if root and not self._is_local(root):
                self.found.stored.add(root)
            self._look([node.value], False)

    def _operation(self, node: ast.AST) -> None:
        self._look(ast.iter_child_nodes(node), True)

    def _raise(self, node: ast.Raise) -> None:
        self.found.demands |= not self._depth
        self._children(node)

    def _assert(self, node: ast.Assert) -> None:
        self.found.demands |= not self._depth
        self._look([node.test, node.msg], True)

    def _condition(self, node: ast.If | ast.While | ast.IfExp) -> None:
        self._look([node.test], True)
        self._look((child for child in ast.iter_child_nodes(node) if child is not node.test), self._reading)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.comprehension) -> None:
        self._look([node.iter], self._is_flat(node.iter))
        self._look((child for child in ast.iter_child_nodes(node) if child is not node.iter), False)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        own = {name for each in node.generators for name in _bound(each.target)}
        self._inside(own, ast.iter_child_nodes(node), self._reading)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._bind(node.name)
        self._look([*node.decorator_list, node.returns], False)
        self._body(node, list(node.body))

    def _lambda(self, node: ast.Lambda) -> None:
        self._body(node, [node.body])

    def _body(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, body: Sequence[ast.AST]) -> None:
        arguments = [each for each in ast.walk(node.args) if isinstance(each, ast.arg)]
        self._look([*(each.annotation for each in arguments), *node.args.defaults, *node.args.kw_defaults], False)
        declared = {name for each in ast.walk(node) if isinstance(each, ast.Global) for name in each.names}
        own = {each.arg for each in arguments}.union(*map(_bound, body))
        self._depth += 1
        self._inside(own - declared, body)
        self._depth -= 1

    def _class(self, node: ast.ClassDef) -> None:
        """A method does not see the names of its class."""
        self._bind(node.name)
        self._look([*node.decorator_list, *node.bases, *node.keywords], False)
        scopes = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
        own = {name for each in node.body for name in _bound(each)}
        self._inside(own, [each for each in node.body if each not in scopes])
        for each in scopes:
            self._look([*each.decorator_list, each.returns], False)
            self._body(each, each.body)

    def _handler(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name)
        self._children(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self._bind((alias.asname or alias.name).partition(".")[0])


def root_of(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes, items and calls begins with, `a` of `a.b[0].c()`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def last_of(node: ast.expr) -> str | None:
    """Return the last name of a function that is called, `c` of `a.b.c`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that code binds in its own scope."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, _Named) and node.name:
        yield node.name
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    if not isinstance(node, _Scope):
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)


_HOW: dict[type[ast.AST], Callable[[_Reader, Any], None]] = {
    ast.Name: _Reader._name,
    ast.Expr: _Reader._expression,
    ast.Call: _Reader._value,
    ast.Attribute: _Reader._attribute,
    ast.Subscript: _Reader._item,
    ast.Lambda: _Reader._lambda,
    ast.Raise: _Reader._raise,
    ast.Assert: _Reader._assert,
    ast.ClassDef: _Reader._class,
    **dict.fromkeys((ast.ExceptHandler, ast.MatchAs, ast.MatchStar), _Reader._handler),
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef), _Reader._function),
    **dict.fromkeys((ast.Import, ast.ImportFrom), _Reader._import),
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.comprehension), _Reader._loop),
    **dict.fromkeys((ast.If, ast.While, ast.IfExp), _Reader._condition),
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), _Reader._comprehension),
    **dict.fromkeys(
        (ast.BinOp, ast.UnaryOp, ast.Compare, ast.FormattedValue, ast.JoinedStr, ast.Slice), _Reader._operation
    ),
}
"""How each kind of node is read; the others by what is in them."""
