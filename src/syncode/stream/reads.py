"""What a command takes: the kinds of rows, and what it needs of each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncode.text.kinds import Kind


@dataclass(frozen=True)
class Reads:
    """What a command takes: its name, the kinds of rows, the fields it uses, and whether it needs an `id`.

    `messages` among the fields are not checked as a field: a chat may come in any form that `text.chats` reads. A row
    without `id` gets one from its content if the command needs one. `text` is the field that holds the text of documents.
    """

    command: str
    kinds: "tuple[Kind, ...]"
    fields: type | None = None
    named: bool = False
    text: str | None = None
