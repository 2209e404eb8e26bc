"""What a command takes: the kinds of rows, and what it needs of each."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from syncode.schemas.records import Answer, Message, Name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncode.text.kinds import Kind


class GivenTask(TypedDict):
    """What is asked of a task that people bring: as `Task`, but its tests may be inputs with their outputs."""

    id: Name
    messages: list[Message]
    category: NotRequired[str]
    subcategory: NotRequired[str]
    difficulty: NotRequired[str]
    language: NotRequired[str]
    tests: NotRequired[str | list[Any] | dict[str, Any]]
    entry_point: NotRequired[str]
    references: NotRequired[dict[str, str]]


@dataclass(frozen=True)
class Reads:
    """What a command takes: its name, the kinds of rows (none: all, unread), the fields it uses, and whether it needs an `id`.

    `messages` among the fields are not checked as a field: a chat may come in any form that `text.chats` reads. A row
    without `id` gets one from its content if the command needs one. `text` is the field that holds the text of documents.
    `marked`: rows that an earlier stage has dropped come in too. `hints` say what helps with rows of other kinds.
    """

    command: str
    kinds: "tuple[Kind, ...]"
    fields: type | None = None
    named: bool = False
    text: str | None = None
    marked: bool = False
    hints: "Mapping[Kind, str]" = field(default_factory=dict)


TEXTS: "tuple[Kind, ...]" = ("document", "sample", "task", "answer")
"""What can be read and compared by what it says: documents and chats, with and without an answer."""
TASKS = Reads("--tasks", ("task", "sample", "several"), GivenTask, named=True)
ANSWERS = Reads("--answers", ("answer",), Answer, named=True)
"""Second inputs of several commands."""
