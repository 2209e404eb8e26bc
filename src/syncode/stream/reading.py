"""How a line becomes a row for a stage: the reading edge of every command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from syncode.errors import nearest
from syncode.schemas.check import checker, never_null
from syncode.schemas.records import Row, rule_of, value_at
from syncode.schemas.wire import loads
from syncode.stream.reads import Reads
from syncode.text import chats
from syncode.text.kinds import Kind, kind_of, made_id, named

INVALID = "input.invalid"
"""The rule of a line that is not a row, or not one with the fields that the stage reads."""
STRAY = "input.kind"
"""The rule of a row of a kind that the command does not take: verdicts that are piped into `execute`."""
NO_FIELD = "input.no_field"
"""The rule of a row without the field that `--text-field` names."""
CHATS: frozenset[Kind] = frozenset(("sample", "task"))
_SPOKEN: frozenset[Kind] = CHATS | {"answer"}
_MISSING = object()
TEXT_FIELD: Mapping[Kind, str] = dict.fromkeys(
    ("other", "program"), "--text-field NAME says which field is a document's text"
)


class Carried(Row):
    """A row with the line that it came as. A stage that hands the very row on has it written as it came, byte for byte."""

    __slots__ = ("line",)

    def __init__(self, row: Row, line: bytes) -> None:
        super().__init__(row)
        self.line = line


class Copied(str):
    """The text of a document that stands in another field of its row: it goes in as `text`, and not out."""

    __slots__ = ("before",)
    before: object

    @classmethod
    def of(cls, row: Row, text: str) -> Self:
        """Return the text, which remembers what the row calls `text` itself."""
        made = cls(text)
        made.before = row.get("text", _MISSING)
        return made

    @staticmethod
    def undone(row: Row) -> Row:
        """Return a row without the copy, if it still holds one."""
        text = row.get("text")
        if not isinstance(text, Copied):
            return row
        if text.before is _MISSING:
            return {key: value for key, value in row.items() if key != "text"}
        return {**row, "text": text.before}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row for the stage, or else why it is not taken.

    `wrong` is said of a line that is bad. A row that is set aside for another reason has the `rule`: an earlier stage's (`why`
    is empty then, and `line` goes to the rejects as it came), or one of this edge.
    """

    row: Row
    line: bytes = b""
    wrong: str = ""
    rule: str = ""
    why: str = ""
    stray: Kind | None = None

    @property
    def taken(self) -> bool:
        """Whether the stage gets the row."""
        return not (self.wrong or self.rule)


Reader = Callable[[bytes], Parsed]


def reader(reads: Reads | type | None, carry: bool = True) -> Reader:
    """Return the function that reads a line: a row for the stage, or why it is not one.

    A row that an earlier stage has marked `drop` keeps its mark and is not worked on. Rows carry their lines, if so asked.
    """
    taken = reads if isinstance(reads, Reads) else None
    fields = taken.fields if taken else reads
    without = ("messages",) if taken else ()
    name = f"row for {taken.command}" if taken else ""
    check = checker(fields, without, name=name) if isinstance(fields, type) else None
    nulls = never_null(fields) if isinstance(fields, type) else frozenset()

    def read(line: bytes) -> Parsed:
        try:
            row = loads(line)
        except ValueError as error:
            return Parsed({}, wrong=f"not JSON ({error})")
        if not isinstance(row, dict):
            return Parsed({}, wrong=(check(row) if check else None) or "not a JSON object")
        line = line.strip()  # a carriage return is not ours to hand on
        mark = row.get("drop")
        if mark and not (taken and taken.marked):
            return Parsed(row, line, rule=rule_of(mark))
        if "drop" in row and not mark:  # null: no one dropped it
            row, line = {key: value for key, value in row.items() if key != "drop"}, b""
        if taken:
            fitted = _fitted(row, taken)
            if isinstance(fitted, Parsed):
                return fitted
            row = fitted
        if any(row.get(key, "") is None for key in nulls):
            row = {key: value for key, value in row.items() if value is not None or key not in nulls}
        wrong = check(row) if check else None
        return Parsed(Carried(row, line) if carry and line else row, wrong=wrong or "")

    return read


def _fitted(row: Row, reads: Reads) -> Row | Parsed:
    """Return the row with the text and the id that the command needs, or why it is not taken."""
    kind, text = kind_of(row), None
    if reads.text:
        text = value_at(row, reads.text)
        if isinstance(text, str):
            row, kind = {**row, "text": Copied.of(row, text)}, "document"
        elif kind not in _SPOKEN:
            return Parsed(row, rule=NO_FIELD, why=_no_field(row, reads.text, text))
    if not reads.kinds:
        return row
    if _is_to_be_read(row, kind, reads) and (fault := chats.fault(row)):
        return Parsed(row, wrong=fault)
    if kind not in reads.kinds:
        wrong = checker(reads.fields, ("messages",), partial=True)(row) if reads.fields and kind == "other" else None
        if wrong:
            return Parsed(row, wrong=wrong)
        why = f"{reads.command} takes {named(reads.kinds)}, these are {named([kind])}"
        return Parsed(row, rule=STRAY, why=why, stray=kind)
    if reads.named and row.get("id") is None:
        return {"id": made_id(row, kind), **{key: value for key, value in row.items() if key != "id"}}
    return row


def _is_to_be_read(row: Row, kind: Kind, reads: Reads) -> bool:
    """Return whether the turns of a row will be read by a command: those of chats, and of answers that keep theirs."""
    if kind == "answer":
        return kind in reads.kinds and row.get("messages") is not None
    return kind in CHATS and bool(CHATS & set(reads.kinds))


def _no_field(row: Row, name: str, value: object) -> str:
    if value is not None:
        return f"{name!r} should be text"
    near = nearest(name, row)
    told = f"did you mean {' or '.join(near)}?" if near else f"the row has {', '.join(list(row)[:8]) or 'none'}"
    return f"no field {name!r} ({told})"
