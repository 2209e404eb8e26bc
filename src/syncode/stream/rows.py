"""From raw lines to checked rows and back: the two edges of every stage."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from syncode import storage
from syncode.errors import DataError, RowError
from syncode.schemas.check import checker
from syncode.schemas.records import Row
from syncode.schemas.wire import dumps, loads

Stage = Callable[[Row], Iterable[Row]]

INVALID = "input.invalid"
"""The rule of a line that is no row, or not the row that the stage reads."""


@dataclass(frozen=True)
class Bad:
    """A line that is no row: where it stands, what is wrong with it, and the line itself."""

    at: str
    why: str
    line: bytes

    def error(self) -> DataError:
        """Return the error that stops a run without `--rejects`."""
        return DataError(f"{self.at}: {self.why} (with --rejects FILE such lines are set aside and the run goes on)")

    def reject(self) -> tuple[str, bytes]:
        """Return the rule and the line as a row of the rejects file."""
        text = self.line.decode("utf-8", "replace")
        return INVALID, dumps({"drop": f"{INVALID}: {self.why}", "at": self.at, "line": text})


@dataclass
class Done:
    """What a stage made of some lines: JSON lines to write, lines to reject with their rules, and a bad one that ends the run."""

    read: int = 0
    added: int = 0
    lines: list[bytes] = field(default_factory=list)
    rejects: list[tuple[str, bytes]] = field(default_factory=list)
    bad: Bad | None = None

    def refuse(self, bad: Bad, strict: bool) -> None:
        """Take a line that is no row: the end of the run where that is strict, else a reject in its place among the others."""
        if strict:
            self.bad = bad
        else:
            self.rejects.append(bad.reject())

    def size(self) -> int:
        """Return the bytes of all lines."""
        return sum(map(len, self.lines)) + sum(len(line) for _, line in self.rejects)

    def extend(self, other: "Done") -> None:
        """Take what was made of the lines that follow."""
        self.read += other.read
        self.added += other.added
        self.lines += other.lines
        self.rejects += other.rejects
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
                self.rejects.append((str(drop).partition(":")[0], dumps(row)))
                continue
            wrong = check(row) if check else None
            if wrong:
                raise ValueError(f"the stage wrote a row that breaks its contract: {wrong}")
            self.lines.append(same[1] if row is same[0] and same[1] else dumps(row))
        return count


def parse(line: bytes, check: Callable[[object], str | None] | None) -> tuple[Row, bytes] | str:
    """Return the row and its line, or what is wrong with it. A `drop` mark from an earlier stage is taken off."""
    try:
        row = loads(line)
    except ValueError as error:
        return f"not JSON ({error})"
    wrong = check(row) if check else (None if isinstance(row, dict) else "not a JSON object")
    if wrong:
        return wrong
    if "drop" in row:
        row = {key: value for key, value in row.items() if key != "drop"}
        return row, b""
    return row, line.strip()  # a carriage return is not ours to hand on


def apply(stage: Stage, reads: type | None, writes: type | None, chunk: storage.Chunk, strict: bool) -> Done:
    """Run a map stage over a chunk of lines, up to the first bad one where the run is `strict`."""
    check_in = checker(reads) if reads else None
    check_out = checker(writes) if writes else None
    done = Done()
    for number, line in enumerate(chunk.lines, chunk.first):
        if not line.strip():
            continue
        done.read += 1
        parsed = parse(line, check_in)
        if isinstance(parsed, str):
            done.refuse(Bad(chunk.at(number), parsed, line), strict)
            if strict:
                break
            continue
        try:
            count = done.take(stage(parsed[0]), check_out, parsed)
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


def read(sources: Iterable[str], reads: type | None, place: Place | None = None) -> Iterator[Row]:
    """Yield the checked rows of some files: a command's second input. Raises DataError with `file:line`."""
    check = checker(reads) if reads else None
    place = place or Place()
    for chunk in chunks(sources, None, 1 << 20):
        for number, line in enumerate(chunk.lines, chunk.first):
            if not line.strip():
                continue
            parsed = parse(line, check)
            if isinstance(parsed, str):
                raise DataError(f"{chunk.at(number)}: {parsed}")
            place.at = chunk.at(number)
            yield parsed[0]
    place.at = None
