"""What a way to make samples consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from syncode.engines import Ask
from syncode.schemas.records import Row
from syncode.stages.synth.settings import Settings
from syncode.text.kinds import Kind


class Make(Protocol):
    """The ask stage of a method: a row in, its samples out, or the row marked `drop` with the raw reply kept beside it."""

    async def __call__(self, row: Row, ask: Ask, *, settings: Settings, seed: int) -> list[Row]:
        """Return the samples of one row."""


@dataclass(frozen=True)
class Method:
    """A way to make samples: which kinds of rows it takes, the fields of them that it uses, and its stage."""

    takes: tuple[Kind, ...]
    fields: type
    make: Make
