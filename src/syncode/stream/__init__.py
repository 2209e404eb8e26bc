"""Source -> stage -> sink: reads rows, runs one of the five shapes of stage over them, writes and accounts for every row.

`map` is row -> rows in worker processes, `fold` is rows -> rows with state, `ask` is an async row -> rows that talks to a model,
`report` absorbs rows into a few others (`absorb` into a text) and `emit` makes rows out of nothing. All of them check rows
at both edges, keep input order, take out rows marked `drop`, print one summary line on stderr and leave no half-written file.

A name is imported when it is used: the help of a command needs `Flow` only.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncode.stream.asking import Load, ask
    from syncode.stream.counts import Added, Counts
    from syncode.stream.flow import Flow, TextField
    from syncode.stream.people import say
    from syncode.stream.reads import Reads
    from syncode.stream.rows import read
    from syncode.stream.run import absorb, emit, fold, map, report, write_text  # noqa: A004 (always used as stream.map)
    from syncode.stream.tasks import read_tasks
else:
    _HOMES = {
        **dict.fromkeys(("Load", "ask"), "asking"),
        **dict.fromkeys(("Added", "Counts"), "counts"),
        **dict.fromkeys(("Flow", "TextField"), "flow"),
        "Reads": "reads",
        "say": "people",
        "read": "rows",
        "read_tasks": "tasks",
        **dict.fromkeys(("absorb", "emit", "fold", "map", "report", "write_text"), "run"),
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "Added",
    "Counts",
    "Flow",
    "Load",
    "Reads",
    "TextField",
    "absorb",
    "ask",
    "emit",
    "fold",
    "map",
    "read",
    "read_tasks",
    "report",
    "say",
    "write_text",
]
