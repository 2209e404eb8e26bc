"""A command for tests: hands rows on, or discards them all."""

import sys
from typing import Annotated, TypedDict

import typer

from syncode import cli, stream
from syncode.commands.options import flat
from syncode.schemas.records import dropped


class Text(TypedDict):
    """A row of these tests."""

    id: str
    text: str


@flat
def command(flow: stream.Flow, discard: Annotated[bool, typer.Option("--discard")] = False) -> None:
    """Hand rows on."""
    stream.map(lambda row: [dropped(row, "copy.all", "asked to") if discard else row], Text, Text, flow)


if __name__ == "__main__":
    sys.modules["syncode.commands.copy_rows"] = sys.modules["__main__"]
    cli.COMMANDS["copy"] = ("copy_rows:command", "Hand rows on.")
    sys.argv.insert(1, "copy")
    cli.main()
