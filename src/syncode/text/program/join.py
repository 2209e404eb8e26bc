"""Joins a piece of an answer with what it needs of the other pieces: imports, helpers, tables, corrections."""

import ast
import re
from collections.abc import Sequence, Set

from syncode.text import python
from syncode.text.program import names
from syncode.text.program.candidates import Candidate
from syncode.text.program.first import put_before
from syncode.text.program.remarks import said_of
from syncode.text.python import Unit


def joined(chosen: Candidate, others: Sequence[Candidate], asked: Sequence[str], language: str) -> tuple[str, int]:
    """Return the chosen piece behind the imports and helpers that it needs of the other pieces, and how many gave some."""
    usable = [
        (number, each) for number, each in enumerate(others) if each.rank != 2 and names.readable(each.code, language)
    ]
    pieces = [(number, unit) for number, each in usable for unit in names.units(each.code, language)]
    places: dict[str, list[int]] = {}
    for place, (_, unit) in enumerate(pieces):
        for name in unit.names:
            places.setdefault(name, []).append(place)
    needed = [name for name in asked if not names.defines(chosen.code, name, language)]
    taken: dict[int, Unit] = {}
    queue = [*needed, *_missing(chosen.code, places.keys(), language)]
    seen = set(asked[:1])
    while queue:
        name = queue.pop(0)
        if name in seen:
            continue
        seen.add(name)
        found = _giver(places.get(name, ()), pieces, asked)
        if found is None or found in taken:
            continue
        taken[found] = pieces[found][1]
        queue += [
            each
            for each in _missing(pieces[found][1].text, places.keys(), language)
            if not names.declared(chosen.code, each)
        ]
    if language == "python":
        taken |= _fillers(pieces, taken, asked) | _everything(pieces, chosen.code)
    else:
        taken |= _imports(usable, pieces, chosen.code, language)
    if not taken:
        return chosen.code, 0
    head = "".join(taken[place].text for place in sorted(taken))
    return put_before(head, chosen.code, language), len({pieces[place][0] for place in taken})


def _missing(code: str, offered: Set[str], language: str) -> list[str]:
    """Return the names that code uses and lacks, and that other pieces have."""
    lacking = names.used(code, language) & offered
    return sorted(name for name in lacking if language == "python" or not names.declared(code, name))


def _giver(places: Sequence[int], pieces: Sequence[tuple[int, Unit]], asked: Sequence[str]) -> int | None:
    """Return the last of the places of a name that can give it; a statement that calls the entry point is a usage example."""
    calls = re.compile(rf"\b{re.escape(asked[0])}\b") if asked else None
    return next(
        (
            place
            for place in reversed(places)
            if pieces[place][1].defines or calls is None or not calls.search(pieces[place][1].text)
        ),
        None,
    )


def _imports(
    usable: Sequence[tuple[int, Candidate]], pieces: Sequence[tuple[int, Unit]], code: str, language: str
) -> dict[int, Unit]:
    """Return the lines of blocks that hold nothing but imports, where the chosen code has not the same."""
    alone = {
        number
        for number, each in usable
        if all(names.is_import(line) for line in names.bare(each.code, language).split("\n") if line.strip())
    }
    return {
        place: unit for place, (number, unit) in enumerate(pieces) if number in alone and unit.text.strip() not in code
    }


def _fillers(pieces: Sequence[tuple[int, Unit]], taken: dict[int, Unit], asked: Sequence[str]) -> dict[int, Unit]:
    """Return the statements that fill a table which was taken (`T.append(0)`, `for x in y: T[x] = 1`), none that is a usage."""
    values = {name for unit in taken.values() if not unit.defines for name in unit.names}
    found = {}
    for place, (_, unit) in enumerate(pieces):
        called = any(re.search(rf"\b{re.escape(name)}\b", unit.text) for name in asked)
        if place not in taken and not unit.defines and not called and any(_fills(unit.text, name) for name in values):
            found[place] = unit
    return found


def _fills(text: str, name: str) -> bool:
    methods = r"append|add|extend|update|insert|setdefault|sort|reverse"
    changes = rf"\s*(?:\[[^\n]*\]\s*[-+*/|&^%]*=(?!=)|\.(?:{methods})\(|[-+*/|&^%]+=)"
    return re.search(rf"(?<![\w.]){re.escape(name)}{changes}", text) is not None


def _everything(pieces: Sequence[tuple[int, Unit]], code: str) -> dict[int, Unit]:
    """Return the blocks of imports that work as a whole: with a call that sets something, or with a `*` that may give a name."""
    found: dict[int, Unit] = {}
    offered = {name for _, unit in pieces for name in unit.names}
    lacks = bool(python.lacking(code) - offered)
    blocks: dict[int, dict[int, Unit]] = {}
    for place, (number, unit) in enumerate(pieces):
        blocks.setdefault(number, {})[place] = unit
    for own in blocks.values():
        imported = {name for unit in own.values() if _is_import(unit) for name in unit.names}
        calls = [unit for unit in own.values() if not _is_import(unit)]
        sets = bool(calls) and all(_SETS.match(unit.text) and unit.text.partition(".")[0] in imported for unit in calls)
        if sets or (lacks and not calls and "*" in imported):
            found |= own
    return found


_SETS = re.compile(r"(?:\w+\.)+(?:set|seed|filterwarnings|simplefilter)\w*\(")
"""A call that changes how what follows runs, and does nothing else."""


def _is_import(unit: Unit) -> bool:
    return unit.text.startswith(("import ", "from "))


def opened(code: str, asked: Sequence[str], language: str) -> str:
    """Return a Python program whose function stands in a class with its name at the top too, as tests call it.

    If it takes no object, whatever else stands in the class comes with it, but for what takes one.
    Nothing is done where the tests know the class, or where an object of it cannot be made without arguments.
    """
    tree = python.parsed(code) if language == "python" and asked[0] else None
    if tree is None or asked[0] in python.bound(tree):
        return code
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name not in asked:
            own = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
            if asked[0] not in own or ("__init__" in own and _needs(own["__init__"]) > 1):
                continue
            inside = python.bound(ast.Module(node.body, []))
            alone = [name for name in inside if name not in own or not _takes_object(own[name])]
            calls = [f"{name} = {node.name}.{name}" for name in alone if name not in python.bound(tree)]
            if _takes_object(own[asked[0]]):
                calls = [f"{asked[0]} = {node.name}().{asked[0]}"]
            return "\n".join([code.rstrip(), "", "", *calls, ""])
    return code


def _takes_object(function: ast.FunctionDef) -> bool:
    first = (function.args.posonlyargs + function.args.args)[:1]
    return bool(first) and first[0].arg in ("self", "cls")


def _needs(function: ast.FunctionDef) -> int:
    return len(function.args.posonlyargs + function.args.args) - len(function.args.defaults)


def corrections(chosen: Candidate, apart: Sequence[Candidate], asked: Sequence[str], language: str) -> str:
    """Return what goes behind a Python program: functions of it that a later block is said to correct, without the rest of it."""
    if language != "python" or chosen not in apart or (tree := python.parsed(chosen.code)) is None:
        return ""
    own = {name for name, how in python.bound(tree).items() if how == 3}
    found = []
    for each in apart[apart.index(chosen) + 1 :]:
        units = python.units(each.code) if each.rank != 2 and said_of(each.before, each.code) == "for" else []
        defined = [unit for unit in units if unit.defines and not _is_import(unit)]
        if defined and all(unit.names <= own and not unit.names & set(asked[:1]) for unit in defined):
            found += [unit.text for unit in units if unit.defines]
    return "".join(found)
