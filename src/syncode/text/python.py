"""What can be said of Python text without running it: whether it parses, which names it binds and lacks, where code ends."""

import ast
import builtins
import re
import symtable
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from syncode.text import damage

Function = ast.FunctionDef | ast.AsyncFunctionDef
_KNOWN = frozenset(dir(builtins)) | {
    "__name__",
    "__file__",
    "__doc__",
    "__builtins__",
    "__spec__",
    "__package__",
    "__annotations__",
}
_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True)
class Unit:
    """A statement at the top of a program with the names that it binds."""

    names: frozenset[str]
    text: str
    defines: bool  # a function, a class or an import: it does nothing by itself


@lru_cache(maxsize=32)
def parsed(code: str) -> ast.Module | None:
    """Return the tree of a program, None if it does not parse. The tree is shared: no one may change it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in foreign code
            return ast.parse(code)
    except _ERRORS:
        return None


def parses(code: str) -> bool:
    """Return whether a text is a program that is not empty."""
    return bool(code.strip()) and parsed(code) is not None


@lru_cache(maxsize=32)
def bound(tree: ast.Module) -> dict[str, int]:
    """Return the names that the top of a program binds, those in `if` and `try` too, and how: 3 defined, 2 given a value.

    1: brought in from elsewhere (an import, a loop's variable) or made of what had the name before (`add = cached(add)`).
    The answer is shared: no one may change it.
    """
    found: dict[str, int] = {}
    for node in tree.body:
        for name, how in _ways(node):
            found[name] = max(how, found.get(name, 0))
    return found


def _ways(node: ast.stmt) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.If | ast.Try):
        for inner in ast.iter_child_nodes(node):
            for each in getattr(inner, "body", ()) if isinstance(inner, ast.ExceptHandler) else (inner,):
                if isinstance(each, ast.stmt):
                    yield from _ways(each)
        return
    how = 3 if isinstance(node, Function | ast.ClassDef) else 1
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        how = 3 if isinstance(node.value, ast.Lambda) else 2
    value = getattr(node, "value", None)
    read = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)} if how == 2 and value else set()
    yield from ((name, 1 if name in read else how) for name in _bound(node))


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, Function | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        return
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _bound(inner)  # type: ignore[arg-type]
        else:
            yield from (
                each.id for each in ast.walk(inner) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
            )


def lacking(code: str) -> set[str]:
    """Return the names that a program uses and neither binds nor has built in; nothing for one that does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            top = symtable.symtable(code, "program", "exec")
    except _ERRORS:
        return set()
    made = {
        symbol.get_name()
        for symbol in top.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }
    used = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    tables = list(top.get_children())
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_global():
                (made if symbol.is_assigned() else used).add(symbol.get_name())
    return used - made - _KNOWN


def units(code: str) -> list[Unit]:
    """Return the statements at the top of a program, each with its comments above it; nothing if it does not parse."""
    tree = parsed(code)
    if tree is None:
        return []
    lines = code.split("\n")
    found = []
    for node in tree.body:
        first = _first_line(node) - 1
        text = "\n".join(lines[first : node.end_lineno]) + "\n"
        kinds = Function | ast.ClassDef | ast.Import | ast.ImportFrom
        found.append(Unit(frozenset(_bound(node)), text, isinstance(node, kinds)))
    return found


def is_stub(tree: ast.Module, name: str) -> bool:
    """Return whether every function of that name in a program has no body to speak of: a docstring, `pass`, `...`."""
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, Function) and node.name == name]
    return bool(bodies) and all(all(_does_nothing(node) for node in body) for body in bodies)


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise):
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


_PROMPT = re.compile(r"^[ \t]*(?:>>>|In \[\d+\]:) ?(.*)$")
_GOES_ON = re.compile(r"^[ \t]*\.\.\.(?:\.?:)? ?(.*)$|^[ \t]+\.\.\.: ?(.*)$")
_MAGIC = re.compile(r"^([ \t]*)(?:%%?[A-Za-z]|![A-Za-z./]).*$", re.MULTILINE)


def repaired(code: str) -> str | None:
    """Return a program as it was meant, None if nothing helps.

    Mends what chats, pages and notebooks do to code: an indent of all lines, spaces that are none, prompts of a session, magics,
    typographic signs, entities, escaped line ends, numbers of lines, signs of a diff.
    """
    for attempt in _attempts(code):
        if parses(attempt):
            return without_words(attempt)
    return None


def _attempts(code: str) -> Iterator[str]:
    if (unescaped := damage.unescaped(code, "python")) != code:  # `a &lt; b` parses
        yield unescaped
    yield code
    yield (spaced := textwrap.dedent(damage.with_plain_spaces(code, "python")))
    yield (code := textwrap.dedent(code.translate(damage.SPACES)))
    if _PROMPT.match(code.lstrip("\n").partition("\n")[0]):
        yield (code := transcript(code))
    if "%" in code or "!" in code:
        yield _MAGIC.sub(r"\1pass", code)
    yield damage.with_plain_signs(spaced, "python")
    yield textwrap.dedent(damage.unnumbered(spaced))
    yield textwrap.dedent(damage.patched(spaced))
    if "\\n" in code and "\n" not in code.strip():
        yield code.replace("\\n", "\n").replace('\\"', '"')


def transcript(code: str) -> str:
    """Return what was typed in a session; what the interpreter printed is left out."""
    typed: list[str] = []
    open_block = False
    for line in code.split("\n"):
        if match := _PROMPT.match(line):
            typed.append(match[1])
            open_block = True
        elif open_block and (match := _GOES_ON.match(line)):
            typed.append(match[1] or match[2] or "")
        else:
            open_block = False
    return "\n".join(typed) + "\n"


_CONTINUES = re.compile(r"(?:else|elif|except|finally)\b|[)\]}#]")
_MOST_STATEMENTS = 10_000  # lines at the left border above which a text is taken for no program; chosen here
_ATTEMPT = 200  # characters that the start of a parser costs as much as; measured roughly
_EXTENSIONS = 30  # statements that an open bracket or string may run over before it is given up; chosen here


def runs(text: str) -> list[str]:
    """Return the programs that stand in prose: the longest stretches of whole statements, in order.

    Each statement at the left border is parsed alone, so the time is linear in the text; words that happen to parse (`Note`,
    `well-known`) are prose.
    """
    lines = textwrap.dedent(text.translate(damage.SPACES)).split("\n")
    starts = [
        number
        for number, line in enumerate(lines)
        if line.strip() and not line[0].isspace() and not _CONTINUES.match(line)
    ]
    if not starts or len(starts) > _MOST_STATEMENTS:
        return []
    whole = "\n".join(lines).strip("\n") + "\n"
    if parses(whole) and not is_words(whole):
        return [without_words(whole)]
    budget = 4 * len(text) + 50_000  # characters parsed while looking for the end of open brackets
    found: list[str] = []
    current: list[str] = []
    at = 0
    while at < len(starts):
        piece, after, cost = _statement(lines, starts, at, budget)
        budget -= cost
        if piece is not None:
            current.append(piece)
        elif current:
            found.append("\n".join(current).rstrip() + "\n")
            current = []
        if piece is None and (inner := _indented(lines, starts, at)):
            found.append(inner)
        at = after
    return [*found, "\n".join(current).rstrip() + "\n"] if current else found


def _statement(lines: list[str], starts: list[int], at: int, budget: int) -> tuple[str | None, int, int]:
    """Return the statement that begins at a start (None: prose), the number of the next start, and what looking cost."""
    text = "\n".join(lines[starts[at] : _end(starts, at, lines)])
    cost = 0
    if (tree := parsed(text)) is not None:
        return (None if _is_words(tree) else text), at + 1, 0
    quotes = next((mark for mark in ('"""', "'''") if text.count(mark) % 2), None)
    opened = text.lstrip().startswith("@") or text.rstrip().endswith(("\\", ",", "(", "[", "{"))
    opened = opened or sum(map(text.count, "([{")) > sum(map(text.count, ")]}"))
    if quotes is None and not opened:
        return None, at + 1, 0
    for more in range(at + 1, min(at + _EXTENSIONS, len(starts))):
        text += "\n" + "\n".join(lines[starts[more] : _end(starts, more, lines)])
        if quotes is not None and text.count(quotes) % 2:
            continue
        cost += len(text) + _ATTEMPT
        if cost > budget:
            break
        if parsed(text) is not None:
            return text, more + 1, cost
    return None, at + 1, cost


def _end(starts: list[int], at: int, lines: list[str]) -> int:
    return starts[at + 1] if at + 1 < len(starts) else len(lines)


def is_words(code: str) -> bool:
    """Return whether a text that parses is a word or two of prose (`Sure`, `well-known`)."""
    tree = parsed(code)
    return tree is not None and bool(tree.body) and _is_words(tree)


def _is_words(tree: ast.Module) -> bool:
    """Return whether statements do nothing and are not strings: words of prose (`Time: O(n)`)."""
    return all(
        _is_idle(node)
        and not (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )
        and (isinstance(node, ast.Expr) or bool(_names(node) - _KNOWN))
        for node in tree.body
    )


def _is_idle(node: ast.stmt) -> bool:
    """Return whether a statement has no effect: an expression that calls nothing, an annotation that gives no value."""
    if isinstance(node, ast.Expr):
        return not any(isinstance(each, ast.Call | ast.Await | ast.Yield | ast.NamedExpr) for each in ast.walk(node))
    return isinstance(node, ast.AnnAssign) and node.value is None


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}


def without_words(code: str) -> str:
    """Return a program without words that happen to parse: idle statements at its top with names that it lacks (`Time: O(n)`)."""
    tree = parsed(code)
    idle = [node for node in tree.body if _is_idle(node)] if tree else []
    if (
        tree is None
        or not idle
        or any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in tree.body)
    ):
        return code
    missing = lacking(code)
    words = [node for node in idle if _names(node) & missing]
    return without(code, words) if len(words) < len(tree.body) else code


def without(code: str, statements: Sequence[ast.stmt]) -> str:
    """Return a program without some of the statements at its top; `pass` stands for one that shares its line with others."""
    tree = parsed(code)
    if tree is None or not statements:
        return code
    lines = [line.encode() for line in code.split("\n")]
    taken = [line for node in tree.body for line in {_first_line(node), node.end_lineno or 0}]
    for node in reversed(statements):
        first, last = _first_line(node), node.end_lineno or 0
        shares = taken.count(first) > 1 or taken.count(last) > 1
        rest = (
            [lines[first - 1][: node.col_offset] + b"pass" + lines[last - 1][node.end_col_offset :]] if shares else []
        )
        lines[first - 1 : last] = rest
    return b"\n".join(lines).decode()


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = node.decorator_list if isinstance(node, Function | ast.ClassDef) else []
    return min([node.lineno, *(each.lineno for each in decorators)])


def _indented(lines: list[str], starts: list[int], at: int) -> str | None:
    """Return the program that stands indented below a line of prose."""
    body = lines[starts[at] + 1 : _end(starts, at, lines)]
    if not any(line.strip() for line in body) or (body[0].strip() and not body[0].startswith((" ", "\t"))):
        return None
    code = textwrap.dedent("\n".join(body))
    return code + "\n" if parses(code) and not _is_words(ast.parse(code)) else None


def after_first(code: str) -> int:
    """Return the number of lines that have to stay first: the docstring and imports from `__future__`."""
    tree = parsed(code)
    if tree is None:
        return 0
    last = 0
    for number, node in enumerate(tree.body):
        is_text = (
            number == 0
            and isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        )
        if not is_text and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        following = tree.body[number + 1].lineno if number + 1 < len(tree.body) else None
        if following == node.end_lineno:  # `from __future__ import x; y = 1` on one line
            return last
        last = node.end_lineno or last
    return last
