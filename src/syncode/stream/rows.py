"""From raw lines to checked rows and back: the two edges of every stage."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from syncode import storage
from syncode.errors import DataError, RowError
from syncode.schemas.check import checker
from syncode.schemas.records import Row, dropped
from syncode.schemas.wire import dumps, loads
from syncode.stream.reading import INVALID, TEXT_FIELD, Carried, Copied, Parsed, reader
from syncode.stream.reads import Reads
from syncode.text.kinds import Kind, named

Stage = Callable[[Row], Iterable[Row]]


class Reject(NamedTuple):
    """A row for the rejects: its rule, its line, and whether an earlier stage has dropped it."""

    rule: str
    line: bytes
    earlier: bool = False


@dataclass(frozen=True)
class Bad:
    """A line that is not a row: where it stands, what is wrong with it, and the line itself."""

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

    def turn_away(self, parsed: Parsed, at: str, line: bytes, strict: bool) -> None:
        """Take a line that the stage does not see, from a place like `file:line`.

        It is not a row (the end of the run if that is strict, else a reject in its place among the others), an earlier stage has
        dropped it, or it is not what the command takes.
        """
        if parsed.wrong:
            bad = Bad(at, parsed.wrong, line)
            if strict:
                self.bad = bad
            else:
                self.rejects.append(bad.reject())
            return
        if not parsed.why:
            self.rejects.append(Reject(parsed.rule, parsed.line, earlier=True))
            return
        if parsed.stray is not None:
            self.strays[parsed.stray] += 1
        row = dropped(Copied.undone(parsed.row), parsed.rule, parsed.why)
        self.rejects.append(Reject(parsed.rule, dumps(row)))

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

    def take(self, rows: Iterable[Row], check: Callable[[object], str | None] | None) -> int:
        """Sort the rows a stage returned into written and rejected, and return how many there were.

        A row that carries its line has not changed, and is written as it came. Raises ValueError for a row that is not what the
        stage says it writes.
        """
        count = 0
        for row in rows:
            count += 1
            drop = row.get("drop")
            if drop is not None:
                self.rejects.append(Reject(str(drop).partition(":")[0], dumps(Copied.undone(row))))
                continue
            wrong = check(row) if check else None
            if wrong:
                raise ValueError(f"the stage wrote a row that breaks its contract: {wrong}")
            self.lines.append(row.line if isinstance(row, Carried) else dumps(Copied.undone(row)))
        return count


def unusable(reads: Reads, strays: Counter[Kind], fields: Iterable[str]) -> DataError:
    """Return the error of a run that was given rows, none of which its command takes; `fields` are those of one of them."""
    found = named(list(strays), "and")
    keys = ", ".join(list(fields)[:8])
    found += f" (with the fields {keys})" if "other" in strays and keys else ""
    known = {**(TEXT_FIELD if "document" in reads.kinds else {}), **reads.hints}
    hints = "".join(f"; {hint}" for hint in dict.fromkeys(known[kind] for kind in strays if kind in known))
    takes = f"{reads.command} takes {named(reads.kinds)}{hints}"
    return DataError(f"no row can be used ({strays.total()} read): these are {found}; {takes}")


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
        if not parsed.taken:
            done.turn_away(parsed, chunk.at(number), line, strict)
            if done.bad:
                break
            continue
        try:
            count = done.take(stage(parsed.row), check_out)
            if count == 0:
                raise ValueError("the stage returned no row: a row that is not wanted is returned with `drop`")
        except Exception as error:
            error.add_note(f"while at {chunk.at(number)}")
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
                part = chunk.part(start, start + grain)
                if left is not None:
                    part = part.part(0, len(_first(part.lines, left)))
                    left -= sum(1 for line in part.lines if line.strip())
                yield part
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
    """Where the row stands that was read last; None before the first one and after the end."""

    def __init__(self) -> None:
        self.at: str | None = None

    @contextmanager
    def named(self) -> Iterator[None]:
        """Put the place in front of what is wrong with a row."""
        try:
            yield
        except RowError as error:
            raise DataError(f"{self.at}: {error}" if self.at else str(error)) from error


def read(
    sources: Iterable[str],
    reads: Reads | type | None,
    place: Place | None = None,
    aside: Callable[[Row], None] | None = None,
    strict: bool = True,
) -> Iterator[Row]:
    """Yield the checked rows of some files: a command's second input. Rows that an earlier stage has dropped are left out.

    Raises DataError with `file:line` for a row that is wrong or of a kind that is not taken. `aside` is given the rows that are
    left out, with their marks, and those of other kinds too; if not `strict`, also what is put down for a line that is wrong.
    """
    take = reader(reads, carry=False)
    place = place or Place()
    for chunk in chunks(sources, None, 1 << 20):
        for number, line in enumerate(chunk.lines, chunk.first):
            if not line.strip():
                continue
            parsed = take(line)
            if parsed.wrong and aside is not None and not strict:
                aside(loads(Bad(chunk.at(number), parsed.wrong, line).reject().line))
                continue
            if parsed.wrong or (parsed.why and aside is None):
                raise DataError(f"{chunk.at(number)}: {parsed.wrong or parsed.why}")
            if parsed.taken:
                place.at = chunk.at(number)
                yield parsed.row
            elif aside is not None:
                aside(dropped(parsed.row, parsed.rule, parsed.why) if parsed.why else parsed.row)
    place.at = None
