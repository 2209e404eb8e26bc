"""Leaves out of a Python program what the called function does not need: examples of use, a call of main, own tests."""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from syncode.text import python
from syncode.text.effects import Effects, effects

_SETS = re.compile(
    r"set|seed|manual_seed|use|filter|simplefilter|register|disable|enable|add|append|insert|update|extend|load|config"
    r"|basicConfig|stack_size|option|patch|install|init",
    re.IGNORECASE,
)
"""How the methods of modules begin that change how a program runs (`sys.setrecursionlimit`, `random.seed`)."""
_ENDS = frozenset(
    [
        *("kill", "main", "testmod", "run", "run_until_complete", "start", "serve_forever"),
        *("sleep", "wait", "pause", "show", "mainloop", "system", "write", "flush", "read", "readline", "readlines"),
    ]
)
"""Methods of modules that end a program, wait, show or run something else; any other may be needed."""
_MOST_STATEMENTS = (
    1000  # at the top of a program; with more it stays as it is, since the work grows with their square; chosen here
)
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Import = ast.Import | ast.ImportFrom
_PLAIN = ast.Constant | ast.BinOp | ast.UnaryOp | ast.Tuple | ast.operator | ast.unaryop | ast.expr_context


def without_usage(code: str, asked: Iterable[str]) -> str:
    """Return a program without the statements at its top that the names which are asked for do not depend on.

    Definitions and imports stay. So does each statement that binds a name which they use, or may change its object: stores in
    it, calls a method of it, or gives it to a function, itself or in the functions that it calls; and each that changes a setting
    of a module, or asserts, raises or exits at the top: a program that calls itself wrong is taken at its word. An example, which
    calls an asked function for its value, changes nothing. In doubt a statement stays.
    """
    tree = python.parsed(code)
    wanted = frozenset(name for name in asked if name)
    if tree is None or len(tree.body) > _MOST_STATEMENTS or all(map(_lasts, tree.body)):
        return code
    try:
        program = _Program.of(tree, wanted)
    except RecursionError:
        return code
    if not wanted & set(program.binders):
        return code
    needless = program.needless()
    return python.without(code, needless) if needless else code


@dataclass(frozen=True)
class _Program:
    statements: Sequence[ast.stmt]
    found: Sequence[Effects]  # of each statement
    binders: dict[str, list[int]]  # the statements that bind each name
    asked: frozenset[str]

    @classmethod
    def of(cls, tree: ast.Module, asked: frozenset[str]) -> "_Program":
        flat = _flat(tree)
        found = [effects(node, asked, flat) for node in tree.body]
        binders: dict[str, list[int]] = {}
        for number, each in enumerate(found):
            for name in each.binds:
                binders.setdefault(name, []).append(number)
        return cls(tree.body, found, binders, asked)

    def needless(self) -> list[ast.stmt]:
        """Return the statements that can go."""
        lasting = [number for number, node in enumerate(self.statements) if _lasts(node)]
        open_ = set(range(len(self.statements))).difference(lasting)
        touched = {place: self._touched(place) for place in open_}
        more = {place for place, names in touched.items() if names is None}
        names = set(self.asked).union(*(_at_definition(self.statements[number]) for number in lasting))
        while True:
            names = names.union(*(self.found[place].reads | self.found[place].binds for place in more))
            open_ -= more
            reached = self._reached(names)
            asks = any(self.found[place].asks for name in reached for place in self.binders.get(name, ()))
            more = {
                place
                for place in open_
                if reached & (touched[place] or set()) or (asks and self.found[place].redirects)
            }
            if not more:
                return [self.statements[place] for place in sorted(open_)]

    def _reached(self, names: Iterable[str]) -> set[str]:
        """Return names with those that the statements which bind them read; all names where code is evaluated."""
        seen: set[str] = set()
        queue = set(names)
        while queue:
            name = queue.pop()
            seen.add(name)
            for number in self.binders.get(name, ()):
                part = self.found[number]
                queue |= (self.binders.keys() if part.opaque or part.evaluates else part.reads) - seen
        return seen

    def _touched(self, place: int) -> set[str] | None:
        """Return the names that a statement binds or may change, None if it has to stay whatever is reached."""
        own = self.found[place]
        parts = [own, *(self.found[number] for number in sorted(self._run(own) - {place}))]
        if (
            any(map(self._is_imported, own.stored))  # of a module, which is seen everywhere
            or (own.demands and not any(part.asks for part in parts))
            or any(part.opaque for part in parts)
            or self._sets(place, parts)
        ):
            return None
        changed = own.binds | self._with_state(own)
        changed |= {name for name in own.performed if self._is_decorated(name)}  # which may keep what it returned
        for part in parts:
            changed |= part.stored | part.sets
            changed |= {name for name in part.used if not self._is_imported(name)}
            changed |= {name for name in part.handed if self._can_change(name)}
        return changed

    def _run(self, own: Effects) -> set[int]:
        """Return the statements that make what a statement may run; examples of what is asked for are not followed."""
        ran: set[int] = set()
        seen: set[str] = set()
        queue = (own.reads - self.asked) | own.performed
        while queue:
            name = queue.pop()
            seen.add(name)
            for number in self.binders.get(name, ()):
                if number not in ran and not isinstance(self.statements[number], _Import):
                    ran.add(number)
                    queue |= ((self.found[number].reads - self.asked) | self.found[number].performed) - seen
        return ran

    def _is_imported(self, name: str) -> bool:
        nodes = [self.statements[number] for number in self.binders.get(name, ())]
        return bool(nodes) and all(isinstance(node, _Import) for node in nodes)

    def _can_change(self, name: str) -> bool:
        """Return whether a name stands for something that others may change: no function, no module, no plain value."""
        nodes = [self.statements[number] for number in self.binders.get(name, ())]
        return not all(isinstance(node, _Definition | _Import) or _is_plain(node) for node in nodes)

    def _is_decorated(self, name: str) -> bool:
        nodes = [self.statements[number] for number in self.binders.get(name, ())]
        return any(isinstance(node, _Definition) and bool(node.decorator_list) for node in nodes)

    def _with_state(self, own: Effects) -> set[str]:
        """Return the classes that keep data of their own and whose methods a statement calls for what they do."""
        ran = [self.statements[number] for number in self._run(own)] if own.methods or own.performed else []
        return {node.name for node in ran if isinstance(node, ast.ClassDef) and not all(map(_is_fixed, node.body))}

    def _sets(self, place: int, parts: Sequence[Effects]) -> bool:
        """Return whether a statement changes a setting of a module; not where it also asks for what no one gives to a test."""
        asks = any(part.asks for part in parts)
        called = [
            method
            for part in (parts[:1] if asks else parts)
            for root, method in part.methods
            if self._is_imported(root)
        ]
        if any(_SETS.match(method) for method in called):
            return True
        alone = isinstance(self.statements[place], ast.Expr) and len(parts) == 1 and not parts[0].reads & self.asked
        return alone and any(method not in _ENDS for method in called)


def _lasts(node: ast.stmt) -> bool:
    """Return whether a statement stays in any case: it defines or imports, or is a text."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, _Definition | _Import)


def _at_definition(node: ast.stmt) -> set[str]:
    """Return the names that a definition reads before it is called: in decorators, defaults, annotations, a class's body."""
    if isinstance(node, ast.ClassDef):
        outside = [*node.decorator_list, *node.bases, *(each.value for each in node.keywords)]
        return {name for each in node.body for name in _at_definition(each)} | _reads(*outside)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return _reads(node.args, *node.decorator_list, *([node.returns] if node.returns else []))
    return set() if isinstance(node, _Import) else _reads(node)


def _reads(*nodes: ast.AST) -> set[str]:
    return {each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name)}


def _is_plain(node: ast.stmt) -> bool:
    """Return whether a statement binds a name to a value that cannot be changed: numbers and texts, and what is made of them."""
    is_value = isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
    return is_value and all(isinstance(each, _PLAIN) for each in ast.walk(node.value))  # type: ignore[attr-defined]


def _is_fixed(node: ast.stmt) -> bool:
    """Return whether a statement in a class gives it nothing that can be changed."""
    return _lasts(node) or isinstance(node, ast.Pass) or _is_plain(node) or getattr(node, "value", node) is None


def _flat(tree: ast.Module) -> frozenset[str]:
    """Return the names that are given lists, sets or tables of plain values, and nothing else."""
    found: dict[str, bool] = {}
    for node in tree.body:
        shown = node.value if isinstance(node, ast.Assign) else None
        items = shown.values if isinstance(shown, ast.Dict) else getattr(shown, "elts", [])
        is_flat = bool(items) and all(isinstance(each, ast.Constant | ast.UnaryOp) for each in items)
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                found[each.id] = found.get(each.id, True) and is_flat
    return frozenset(name for name, is_flat in found.items() if is_flat)
