"""From raw lines to checked rows and back: the two edges of every stage."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from syncode import storage
from syncode.errors import DataError, RowError
from syncode.schemas.check import checker
from syncode.schemas.records import Row, content_id, dropped
from syncode.schemas.wire import dumps, loads
from syncode.stream.reads import Reads
from syncode.text import chats
from syncode.text.kinds import Kind, kind_of, named

Stage = Callable[[Row], Iterable[Row]]

INVALID = "input.invalid"
"""The rule of a line that is not a row, or not one with the fields that the stage reads."""
STRAY = "input.kind"
"""The rule of a row of a kind that the command does not take: verdicts that are piped into `execute`."""
CHATS: frozenset[Kind] = frozenset(("sample", "task"))
MARKED = "input.marked"
"""The rule of a row that comes in with a `drop` that is not text."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row and its line as it came (empty: it has changed), or else why it is not taken.

    `wrong` is said of a line that is bad; a row that is set aside for another reason has its `rule` and its reject line.
    """

    row: Row
    line: bytes = b""
    wrong: str = ""
    rule: str = ""
    stray: Kind | None = None

    @property
    def taken(self) -> bool:
        """Whether the stage gets the row."""
        return not (self.wrong or self.rule or self.stray)


Reader = Callable[[bytes], Parsed]


class Reject(NamedTuple):
    """A row for the rejects: its rule, its line, and whether an earlier stage has dropped it."""

    rule: str
    line: bytes
    earlier: bool = False


@dataclass(frozen=True)
class Bad:
    """A line that is no row: where it stands, what is wrong with it, and the line itself."""

    at: str
    why: str
    line: bytes

    def error(self) -> DataError:
        """Return the error that stops a run without `--rejects`."""
        return DataError(f"{self.at}: {self.why} (with --rejects FILE such lines are set aside and the run goes on)")

    def reject(self) -> Reject:
        """Return the rule and the line as a row of the rejects file."""
        text = self.line.decode("utf-8", "replace")
        return Reject(INVALID, dumps({"drop": f"{INVALID}: {self.why}", "at": self.at, "line": text}))


@dataclass
class Done:
    """What a stage made of some lines: JSON lines to write, lines to reject with their rules, and a bad one that ends the run."""

    read: int = 0
    added: int = 0
    lines: list[bytes] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    strays: Counter[Kind] = field(default_factory=Counter)
    bad: Bad | None = None

    def refuse(self, bad: Bad, strict: bool) -> None:
        """Take a line that is no row: the end of the run where that is strict, else a reject in its place among the others."""
        if strict:
            self.bad = bad
        else:
            self.rejects.append(bad.reject())

    def set_aside(self, parsed: "Parsed", reads: "Reads | type | None") -> None:
        """Take a row that the stage does not see: one with a mark of an earlier stage, or of a kind that is not taken."""
        if parsed.stray is None or not isinstance(reads, Reads):
            self.rejects.append(Reject(parsed.rule, parsed.line, earlier=True))
            return
        why = f"{reads.command} takes {named(reads.kinds)}, these are {named([parsed.stray])}"
        self.strays[parsed.stray] += 1
        self.rejects.append(Reject(STRAY, dumps(dropped(parsed.row, STRAY, why))))

    def size(self) -> int:
        """Return the bytes of all lines."""
        return sum(map(len, self.lines)) + sum(len(reject.line) for reject in self.rejects)

    def extend(self, other: "Done") -> None:
        """Take what was made of the lines that follow."""
        self.read += other.read
        self.added += other.added
        self.lines += other.lines
        self.rejects += other.rejects
        self.strays += other.strays
        self.bad = other.bad

    def take(self, rows: Iterable[Row], check: Callable[[object], str | None] | None, same: tuple[Row, bytes]) -> int:
        """Sort the rows a stage returned into written and rejected, and return how many there were.

        `same` is the input row and its line: a stage that hands the very row on does not pay for writing it again.
        Raises ValueError for a row that is not what the stage says it writes.
        """
        count = 0
        for row in rows:
            count += 1
            drop = row.get("drop")
            if drop is not None:
                self.rejects.append(Reject(str(drop).partition(":")[0], dumps(row)))
                continue
            wrong = check(row) if check else None
            if wrong:
                raise ValueError(f"the stage wrote a row that breaks its contract: {wrong}")
            self.lines.append(same[1] if row is same[0] and same[1] else dumps(row))
        return count


def reader(reads: Reads | type | None) -> Reader:
    """Return the function that reads a line: a row for the stage, or why it is not one.

    A row that an earlier stage has marked `drop` keeps its mark and is not worked on.
    """
    taken = reads if isinstance(reads, Reads) else None
    fields = taken.fields if taken else reads
    without = ("messages",) if taken else ()
    check = checker(fields, without) if isinstance(fields, type) else None
    typed = checker(fields, without, partial=True) if isinstance(fields, type) else None

    def read(line: bytes) -> Parsed:
        try:
            row = loads(line)
        except ValueError as error:
            return Parsed({}, wrong=f"not JSON ({error})")
        if not isinstance(row, dict):
            return Parsed({}, wrong=(check(row) if check else None) or "not a JSON object")
        line = line.strip()  # a carriage return is not ours to hand on
        mark = row.get("drop")
        if mark:
            rule = mark.partition(":")[0] if isinstance(mark, str) else MARKED
            return Parsed(row, line, rule=rule)
        if "drop" in row:  # null: nobody dropped it
            row, line = {key: value for key, value in row.items() if key != "drop"}, b""
        if taken:
            row, line, stray = _taken(row, line, taken)
            if stray is not None:
                wrong = _fault(row) if CHATS & set(taken.kinds) else None
                wrong = wrong or (typed(row) if typed and stray == "other" else None)
                return Parsed(row, wrong=wrong) if wrong else Parsed(row, stray=stray)
        return Parsed(row, line, wrong=(check(row) if check else None) or (_fault(row) if taken else None) or "")

    return read


def _taken(row: Row, line: bytes, reads: Reads) -> tuple[Row, bytes, Kind | None]:
    """Return the row with the text and the id that the command needs, and its kind if that is not among those it takes."""
    if reads.text and "text" not in row and isinstance(text := _at(row, reads.text), str):
        row, line = {**row, "text": text}, b""
    kind: Kind = "document" if reads.text and isinstance(row.get("text"), str) else kind_of(row)
    if kind not in reads.kinds:
        return row, line, kind
    if reads.named and row.get("id") is None:
        row, line = {"id": content_id("row", {key: row[key] for key in sorted(row) if key != "id"}), **row}, b""
    return row, line, None


def _at(row: Row, path: str) -> object:
    """Return the value of a field, named by its key or by a path of keys (`meta.text`)."""
    if path in row:
        return row[path]
    value: object = row
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _fault(row: Row) -> str | None:
    return chats.fault(row) if chats.has_chat(row) else None


def unusable(reads: Reads, strays: Counter[Kind]) -> DataError:
    """Return the error of a run that was given rows, none of which its command takes."""
    total = strays.total()
    rows = "the only row cannot" if total == 1 else f"none of the {total} rows can"
    found = named(list(strays)).replace(" or ", " and ")
    return DataError(
        f"{rows} be used: {'it is one of' if total == 1 else 'they are'} {found}; {reads.command} takes {named(reads.kinds)}"
    )


def apply(stage: Stage, reads: Reads | type | None, writes: type | None, chunk: storage.Chunk, strict: bool) -> Done:
    """Run a map stage over a chunk of lines, up to the first bad one where the run is `strict`."""
    read = reader(reads)
    check_out = checker(writes) if writes else None
    done = Done()
    for number, line in enumerate(chunk.lines, chunk.first):
        if not line.strip():
            continue
        done.read += 1
        parsed = read(line)
        if parsed.wrong:
            done.refuse(Bad(f"{chunk.source}:{number}", parsed.wrong, line), strict)
            if strict:
                break
            continue
        if not parsed.taken:
            done.set_aside(parsed, reads)
            continue
        try:
            count = done.take(stage(parsed.row), check_out, (parsed.row, parsed.line))
            if count == 0:
                raise ValueError("the stage returned no row: a row that is not wanted is returned with `drop`")
        except Exception as error:
            error.add_note(f"while at {chunk.source}:{number}")
            raise
        done.added += count - 1
    return done


def chunks(sources: Iterable[str], limit: int | None, grain: int) -> Iterator[storage.Chunk]:
    """Yield the lines of all sources in order, at most `grain` at a time, stopping after `limit` non-blank ones."""
    left = limit
    if left == 0:
        return
    for source in sources:
        for chunk in storage.read_chunks(source):
            for start in range(0, len(chunk.lines), grain):
                lines = chunk.lines[start : start + grain]
                if left is not None:
                    lines = _first(lines, left)
                    left -= sum(1 for line in lines if line.strip())
                yield storage.Chunk(chunk.source, chunk.first + start, lines)
                if left == 0:
                    return


def _first(lines: list[bytes], count: int) -> list[bytes]:
    seen = 0
    for index, line in enumerate(lines):
        seen += bool(line.strip())
        if seen == count:
            return lines[: index + 1]
    return lines


class Place:
    """Where the row stands that was read last, as (source, line); None before the first one and after the end."""

    def __init__(self) -> None:
        self.at: tuple[str, int] | None = None

    @contextmanager
    def named(self) -> Iterator[None]:
        """Put the place in front of what is wrong with a row."""
        try:
            yield
        except RowError as error:
            raise DataError(f"{self.at[0]}:{self.at[1]}: {error}" if self.at else str(error)) from error


def read(sources: Iterable[str], reads: Reads | type | None, place: Place | None = None) -> Iterator[Row]:
    """Yield the checked rows of some files: a command's second input. Rows that an earlier stage has dropped are left out.

    Raises DataError with `file:line` for a row that is wrong or of a kind that is not taken.
    """
    take = reader(reads)
    place = place or Place()
    for chunk in chunks(sources, None, 1 << 20):
        for number, line in enumerate(chunk.lines, chunk.first):
            if not line.strip():
                continue
            parsed = take(line)
            if parsed.stray and isinstance(reads, Reads):
                kinds = named([parsed.stray])
                raise DataError(
                    f"{chunk.source}:{number}: these are {kinds}; {reads.command} takes {named(reads.kinds)}"
                )
            if parsed.wrong:
                raise DataError(f"{chunk.source}:{number}: {parsed.wrong}")
            if parsed.taken:
                place.at = chunk.source, number
                yield parsed.row
    place.at = None
