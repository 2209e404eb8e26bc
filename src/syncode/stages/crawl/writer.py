"""Puts Markdown together from the events of a walk: paragraphs, headings, lists, quotes, tables and fenced code."""

import re

from syncode.text.fences import fenced

_OPENS_FENCE = re.compile(r"^[ \t]*(?:>[ \t]?|(?:[-*+]|\d+[.)])[ \t]+)*(?=`{3}|~{3})")
_BREAK = "\0"  # a line break inside a paragraph; HTML cannot hold this character


class Writer:
    """Collects inline text until a block ends, then writes it with the prefix of the lists and quotes it stands in."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._inline: list[str] = []
        self._code: list[int] = []  # where in `_inline` the open code spans begin
        self._level = 0  # of the heading being written
        self._titled = False
        self._prefix: list[str] = []  # one entry for each open item and quote
        self._marker: str | None = None  # of the item whose first line is still to come
        self._lists: list[int | None] = []  # next number of each open list, None for bullets
        self._tight = False  # the last block was a list item

    def text(self, text: str) -> None:
        """Add running text; white space is folded when the block ends."""
        self._inline.append(text.replace(_BREAK, ""))

    def line_break(self) -> None:
        """Start a new line in the paragraph."""
        self._inline.append(_BREAK)

    def open_code(self) -> None:
        """Start a code span."""
        self._code.append(len(self._inline))

    def close_code(self) -> None:
        """End the code span: its text in backticks, more of them than it has inside."""
        if not self._code:
            return  # a block in it has ended it already
        start = self._code.pop()
        words = " ".join("".join(self._inline[start:]).replace(_BREAK, " ").split())
        if words and not self._code:
            ticks = "`" * (max(map(len, re.findall("`+", words)), default=0) + 1)
            space = " " if "`" in (words[0], words[-1]) else ""
            self._inline[start:] = [f"{ticks}{space}{words}{space}{ticks}"]

    def heading(self, level: int) -> None:
        """Start a heading."""
        self.paragraph()
        self._level = level

    def paragraph(self) -> None:
        """End what is being written, if there is anything."""
        text = "".join(self._inline) if self._inline else ""
        if not text or text.isspace():
            self._inline, self._code, self._level = [], [], 0
            return
        self._inline, self._code = [], []
        lines = [" ".join(line.split()) for line in text.split(_BREAK)]
        lines = [_harmless(line) for line in lines if line]
        if lines and self._level:
            self._titled |= self._level == 1
            lines = ["#" * self._level + " " + " ".join(lines)]
        self._level = 0
        if lines:
            self._block(lines)

    def code(self, code: str, language: str | None) -> None:
        """Write a fenced block, at the left margin whatever it stands in: an indent would change the code.

        That ends the list for a reader of the Markdown, so what follows in the item is not indented either.
        """
        self.paragraph()
        if code.strip():
            self._blocks.append(fenced(code, language))
            self._prefix = [""] * len(self._prefix)
            self._marker, self._tight = None, False

    def table(self, rows: list[list[str]]) -> None:
        """Write rows of cells, the first as the head, padded to the widest row."""
        self.paragraph()
        rows = [[cell.replace("|", "\\|") for cell in row] for row in rows if any(row)]
        if not rows:
            return
        width = max(map(len, rows))
        lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
        self._block([lines[0], "|" + " --- |" * width, *lines[1:]])

    def open_list(self, start: int | None) -> None:
        """Start a list, numbered from `start` or with bullets."""
        self.paragraph()
        self._lists.append(start)

    def close_list(self) -> None:
        """End a list."""
        self.paragraph()
        if self._lists:
            self._lists.pop()
        self._tight = bool(self._lists)

    def open_item(self) -> None:
        """Start a list item; one outside a list is a bullet."""
        self.paragraph()
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        self._marker = "- " if number is None else f"{number}. "
        self._prefix.append(" " * len(self._marker))

    def close_item(self) -> None:
        """End a list item."""
        self.paragraph()
        self._marker = None
        if self._prefix:
            self._prefix.pop()

    def open_quote(self) -> None:
        """Start a quotation."""
        self.paragraph()
        self._prefix.append("> ")

    def close_quote(self) -> None:
        """End a quotation."""
        self.paragraph()
        if self._prefix:
            self._prefix.pop()

    def finish(self, title: str = "") -> str:
        """Return the Markdown; a page without a first-level heading gets its title as one."""
        self.paragraph()
        if title and self._blocks and not self._titled:
            self._blocks.insert(0, f"# {title}")
        return "\n\n".join(self._blocks)

    def _block(self, lines: list[str]) -> None:
        """Write lines behind the prefix; the items of a list follow each other without a blank line."""
        prefix = "".join(self._prefix)
        item = self._marker is not None and bool(self._prefix)
        first = "".join(self._prefix[:-1]) + (self._marker or "") if item else prefix
        self._marker = None
        block = "\n".join([(first + lines[0]).rstrip(), *(prefix + line for line in lines[1:])])
        if item and self._tight and self._blocks:
            self._blocks[-1] += "\n" + block
        else:
            self._blocks.append(block)
        self._tight = item


def _harmless(line: str) -> str:
    """Return a line of prose so that it cannot be read as the start of a fenced block."""
    match = _OPENS_FENCE.match(line)
    return f"{line[: match.end()]}\\{line[match.end() :]}" if match else line
