"""Splits JSON text that is no JSONL into its values: the elements of an array, or objects printed over several lines.

It keeps no more than the value that has not ended, and hands on the bytes of each as they came. Whether a value is right is
for its reader to say: here only quotes and brackets are looked at.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# No group is repeated possessively: before 3.11.5 Python then goes on behind a part that did not match (gh-106052).
_PLAIN = re.compile(rb'[^"\[\]{}]*+(?:"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"[^"\[\]{}]*+)*', re.DOTALL)
_IN_TEXT = re.compile(rb'[^"\\\n]*+(?:\\.[^"\\\n]*+)*', re.DOTALL)
_BETWEEN = re.compile(rb"[\s,]*+")
_BARE = re.compile(rb'[^\s,\[\]{}"]*+')

_QUOTE, _BACKSLASH, _NEWLINE, _OPEN_ARRAY, _CLOSE_ARRAY = b'"\\\n[]'
_OPEN, _CLOSE = b"[{", b"]}"


class NotSplit(Exception):
    """The text is not JSON, in a way that hides where its values end; `line` is where."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@dataclass
class Splitter:
    """Takes text piece by piece and returns the values that ended in it, each with the line on which it begins (1, ...).

    An array at the top is taken apart; what follows it, another array or objects, too.
    """

    line: int = 1  # of what is read next
    count: int = 0  # values that have ended
    array: bool = False  # whether an array at the top is open
    depth: int = 0  # of brackets inside the value that is read
    in_text: bool = False  # whether a text inside the value is open
    _bare: bool = False  # inside a number or a word
    _pieces: list[bytes] = field(default_factory=list)  # of the value that is read
    _begun: int = 0  # its first line, 0 between values
    _carry: bytes = b""  # a backslash whose second half has not come yet

    @property
    def inside(self) -> str | None:
        """What is open where the text ends now: None if it may end."""
        if self.in_text:
            return f"a text of element {self.count + 1}"
        if self._begun:
            return f"element {self.count + 1}"
        return "an array" if self.array else None

    def feed(self, block: bytes) -> list[tuple[int, bytes]]:
        """Return the values that end in this piece of text. Raises NotSplit."""
        if self._carry:
            block, self._carry = self._carry + block, b""
        found: list[tuple[int, bytes]] = []
        position = start = counted = 0
        while position < len(block):
            if not self._begun:
                position = _BETWEEN.match(block, position).end()  # type: ignore[union-attr]
                self.line += block.count(b"\n", counted, position)
                counted = position
                if position < len(block):
                    start, position = position, self._begin(block[position], position)
                continue
            position, ended = self._within(block, position)
            if ended:
                self._pieces.append(block[start:position])
                found.append((self._begun, _one_line(self._pieces)))
                self.count, self._begun, self._pieces = self.count + 1, 0, []
                self.line += block.count(b"\n", counted, position)
                counted = position
            elif self.in_text and position < len(block) and block[position] == _NEWLINE:
                self.line += block.count(b"\n", counted, position)
                raise NotSplit(self.line, f"element {self.count + 1} holds a text whose closing quote is missing")
        self.line += block.count(b"\n", counted)
        if self._begun:
            self._pieces.append(block[start : len(block) - len(self._carry)])
        return found

    def end(self) -> list[tuple[int, bytes]]:
        """Return the number or word that only the end of the text ends. Raises NotSplit where something is open."""
        found = []
        if self._bare:
            found = [(self._begun, _one_line(self._pieces))]
            self.count, self._begun, self._pieces, self._bare = self.count + 1, 0, [], False
        if self.inside:
            raise NotSplit(self._begun or self.line, f"the file is cut short: it ends inside {self.inside}")
        return found

    def _begin(self, first: int, position: int) -> int:
        """Begin a value or the array around them at this byte; return where to go on."""
        if first == _OPEN_ARRAY and not self.array:
            self.array = True
            return position + 1
        if first == _CLOSE_ARRAY and self.array:
            self.array = False
            return position + 1
        if first in _CLOSE:
            raise NotSplit(self.line, f"{chr(first)!r} closes what is not open, after element {self.count}")
        self._begun, self.depth = self.line, 0
        self._bare = first not in _OPEN and first != _QUOTE
        return position

    def _within(self, block: bytes, position: int) -> tuple[int, bool]:
        """Go on inside a value; return how far, and whether it ended there."""
        if self._bare:
            position = _BARE.match(block, position).end()  # type: ignore[union-attr]
            self._bare = position == len(block)
            return position, not self._bare
        if self.in_text:
            position = _IN_TEXT.match(block, position).end()  # type: ignore[union-attr]
            if position == len(block) or block[position] == _NEWLINE:
                return position, False
            if block[position] == _BACKSLASH:
                self._carry = b"\\"
                return len(block), False
            self.in_text = False
            return position + 1, self.depth == 0
        if self.depth:
            position = _PLAIN.match(block, position).end()  # type: ignore[union-attr]
            if position == len(block):
                return position, False
        byte = block[position]
        self.in_text = byte == _QUOTE
        self.depth += (byte in _OPEN) - (byte in _CLOSE)
        return position + 1, self.depth == 0 and not self.in_text


def _one_line(pieces: list[bytes]) -> bytes:
    value = b"".join(pieces)
    # Line ends stand only between the parts of a value: its text holds them as \n.
    if b"\n" in value or b"\r" in value:
        return b" ".join(map(bytes.strip, value.splitlines()))
    return value


def split(blocks: Iterable[bytes], splitter: Splitter) -> Iterator[list[tuple[int, bytes]]]:
    """Yield the values of each block, with the lines on which they begin. Raises NotSplit."""
    for block in blocks:
        if found := splitter.feed(block):
            yield found
    if found := splitter.end():
        yield found
