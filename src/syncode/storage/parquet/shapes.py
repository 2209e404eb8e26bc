"""What columns rows need: the types that their values agree on, found row by row in constant memory."""

import types
from dataclasses import dataclass, field
from typing import Any, Literal, Union, get_args, get_origin, is_typeddict

from syncode.schemas.check import hints
from syncode.schemas.records import Row
from syncode.schemas.wire import dumps

Kind = Literal["null", "bool", "int", "float", "text", "list", "struct", "json"]

RESIDUE = "_extra"
"""The column for what the others cannot hold exactly, as one JSON object per row; it is there only if there is any."""

MOST_FIELDS = 64  # of an object before it counts as a map whose keys are data (chosen here)
MOST_COLUMNS = 512  # of one file (chosen here); keys beyond them go to the residue
DEEPEST = 8  # levels of lists and objects that become columns (chosen here)
_WHOLE_IN_FLOAT = 1 << 53  # the largest whole number below which a 64-bit float holds them all
_LARGEST_FLOAT = 1 << 1023
_WHOLE = 1 << 63
_KINDS: dict[type, Kind] = {bool: "bool", int: "int", float: "float", str: "text", list: "list", dict: "struct"}


@dataclass
class Shape:
    """The type of the values seen under one key. What is `declared` as text or a number by a record stays that."""

    kind: Kind = "null"
    declared: bool = False
    seen: int = 0  # values, null among them
    nulls: int = 0
    objects: int = 0
    whole: int = 0  # whole numbers
    widest: int = 0  # the largest of them, without its sign
    other: int = 0  # values in declared text that are none
    missed: int = 0  # values of a row under keys that get no column
    item: "Shape | None" = None
    fields: "dict[str, Shape]" = field(default_factory=dict)
    optional: "dict[str, Shape]" = field(default_factory=dict)  # declared fields that become some when they are seen

    def observe(self, value: Any, depth: int = 0) -> None:
        """Widen the shape so that it holds one more value."""
        self.seen += 1
        if value is None:
            self.nulls += 1
        elif self.kind != "json":
            self._widen(value, _KINDS[type(value)], depth)

    def _widen(self, value: Any, kind: Kind, depth: int) -> None:
        if kind == "int":
            self.whole += 1
            self.widest = max(self.widest, abs(value))
        if self.kind == "null":
            self.kind = kind
        elif self.kind != kind:
            self.kind = self._wider(kind)
        if depth > DEEPEST and kind in ("list", "struct"):
            self.kind = "json"
        elif kind == "list" and self.kind == "list":
            self.item = item = self.item or Shape()
            for each in value:
                item.observe(each, depth + 1)
        elif kind == "struct" and self.kind == "struct":
            self.objects += 1
            for key, each in value.items():
                self._field(key, depth).observe(each, depth + 1)

    def _wider(self, kind: Kind) -> Kind:
        if self.declared and self.kind == "text":
            self.other += 1
            return "text"
        return "float" if {self.kind, kind} == {"int", "float"} else "json"

    def _field(self, key: str, depth: int) -> "Shape":
        if key in self.fields:
            return self.fields[key]
        alike = any(key.lower() == known.lower() for known in self.fields)  # one name for DuckDB
        if depth == 0 and (alike or not key or "\0" in key or key == RESIDUE or len(self.fields) >= MOST_COLUMNS):
            self.missed += 1
            return Shape()
        if depth and (alike or not key or "\0" in key or len(self.fields) >= MOST_FIELDS):
            self.kind = "json"
            return Shape()
        return self.fields.setdefault(key, self.optional.get(key) or Shape())

    def settle(self) -> "Shape":
        """Decide what no value has decided, and return the shape. What is null throughout stays so: it joins any other type."""
        if self.item:
            self.item.settle()
        for each in self.fields.values():
            each.settle()
        if self.kind == "list" and self.item is None:
            self.item = Shape()
        elif (
            (self.kind == "text" and self.other and self.other == self.seen - self.nulls)
            or (self.kind == "struct" and not self.fields)
            or (self.kind == "int" and self.widest >= _WHOLE)
            or (self.kind == "float" and self.widest > (_LARGEST_FLOAT if self.declared else _WHOLE_IN_FLOAT))
        ):
            self.kind = "json"
        return self

    @property
    def all_whole(self) -> bool:
        """Whether all numbers are whole and floats hold them, in a column of floats."""
        numbers = self.seen - self.nulls
        return self.kind == "float" and 0 < self.whole == numbers and self.widest <= _WHOLE_IN_FLOAT

    def keeps_null(self, name: str) -> bool:
        """Whether an empty cell of a field means null: the key is there in all objects."""
        known = self.fields[name]
        return known.nulls > 0 and known.seen == self.objects and known.kind != "json"


def declared(record: type | None) -> Shape:
    """Return the shape of a row of a record, before any was seen: its scalars, and lists and objects of declared types.

    All keys of the row are there; of objects inside, those that they need. Objects whose keys are data, and values of any
    type, are JSON text: their columns must not depend on the rows.
    """
    fields = {} if record is None else {key: _shape(kind) for key, kind in hints(record).items() if key != "drop"}
    return Shape("struct", fields=fields)


_SCALARS: dict[Any, Kind] = {str: "text", int: "int", float: "float", bool: "bool"}


def _shape(kind: Any) -> Shape:
    origin, inner = get_origin(kind), get_args(kind)
    if kind in _SCALARS:
        return Shape(_SCALARS[kind], declared=True)
    if origin is Literal:
        return Shape("text", declared=True)
    if origin in (Union, types.UnionType):
        some = [each for each in inner if each is not types.NoneType]
        return Shape("text", declared=True) if str in some else _shape(some[0]) if len(some) == 1 else Shape()
    if origin is list:
        return Shape("list", item=_shape(inner[0]))
    if is_typeddict(kind):
        shapes = {key: _shape(each) for key, each in hints(kind).items()}
        needed = {key: shapes.pop(key) for key in hints(kind) if key in kind.__required_keys__}
        return Shape("struct", fields=needed, optional=shapes)
    return Shape("json")


def cell_of(value: Any, shape: Shape) -> tuple[Any, bool]:
    """Return the cell for a value, and whether the value can be recovered from it exactly."""
    if shape.kind == "json":
        return dumps(value).decode(), True
    if value is None:
        return None, True
    if shape.kind == "text" and not isinstance(value, str):
        return dumps(value).decode(), False
    if shape.kind == "float" and isinstance(value, int):
        return float(value), shape.all_whole
    if shape.kind == "list":
        assert shape.item is not None
        cells = [cell_of(each, shape.item) for each in value]
        return [cell for cell, _ in cells], all(exact for _, exact in cells)
    return cells_of(value, shape) if shape.kind == "struct" else (value, True)


def cells_of(row: Row, shape: Shape) -> tuple[Row, bool]:
    """Return the cells of an object, and whether it can be recovered from them exactly."""
    cells: Row = {}
    all_exact = True
    for key, value in row.items():
        known = shape.fields[key]
        cells[key], exact = cell_of(value, known)
        all_exact &= exact and (value is not None or known.kind == "json" or shape.keeps_null(key))
    return cells, all_exact


def columns_of(row: Row, shape: Shape) -> Row:
    """Return the cells of a whole row; what they cannot hold exactly stands in the residue too."""
    cells: Row = {}
    residue: Row = {}
    for key, value in row.items():
        known = shape.fields.get(key)
        if known is None:
            residue[key] = value
            continue
        cells[key], exact = cell_of(value, known)
        if not exact or (value is None and known.kind != "json" and not shape.keeps_null(key)):
            residue[key] = value
    return {**cells, RESIDUE: dumps(residue).decode()} if residue else cells


def loses(shape: Shape) -> bool:
    """Return whether some value of this shape cannot be recovered from its cell exactly."""
    if shape.kind == "json":
        return False
    if shape.missed or shape.other or (shape.item and loses(shape.item)):
        return True
    if shape.kind == "float" and shape.whole and not shape.all_whole:
        return True
    known = shape.fields.items()
    return any(
        loses(each) or (each.nulls and each.kind != "json" and not shape.keeps_null(name)) for name, each in known
    )


def reading(shape: Shape) -> dict[str, Any]:
    """Return how the columns are read back, as JSON for the file's metadata; empty if cells say it all.

    `json`: text that holds JSON; `null`: an empty cell is null, not an absent key; `whole`: the numbers are whole; under
    `item` and `fields` the same of what a list or an object holds.
    """
    found: dict[str, Any] = {}
    if shape.kind == "json":
        found["json"] = True
    if shape.all_whole:
        found["whole"] = True
    if shape.kind == "list" and shape.item and (item := reading(shape.item)):
        found["item"] = item
    if shape.kind == "struct":
        inner = {name: {**reading(each), "null": True} if shape.keeps_null(name) else reading(each)
                 for name, each in shape.fields.items()}  # fmt: skip
        if inner := {name: each for name, each in inner.items() if each}:
            found["fields"] = inner
    return found
