"""A command for tests: hands rows on, or discards them all."""

import sys
from dataclasses import dataclass
from typing import TypedDict

from syncode import cli, stream
from syncode.schemas.records import dropped


class Text(TypedDict):
    """A row of these tests."""

    id: str
    text: str


@dataclass(frozen=True)
class CopyOptions:
    """Whether any row is kept."""

    discard: bool = False


def command(flow: stream.Flow, options: CopyOptions) -> None:
    """Hand rows on."""
    stream.map(lambda row: [dropped(row, "copy.all", "asked to") if options.discard else row], Text, Text, flow)


if __name__ == "__main__":
    sys.modules["syncode.commands.copy_rows"] = sys.modules["__main__"]
    cli.COMMANDS["copy"] = "copy_rows:command"
    sys.argv.insert(1, "copy")
    cli.main()
