"""Source -> stage -> sink: reads rows, runs one of the three shapes of stage over them, writes and accounts for every row.

`map` is row -> rows in worker processes, `fold` is rows -> rows with state (`report` where rows are absorbed into a table),
`ask` is an async row -> rows that talks to a model. All of them check rows at both edges, keep input order, take out rows
marked `drop`, print one summary line on stderr and leave no half-written file.

A name is imported when it is used: the help of a command needs `Flow` only.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncode.stream.asking import ask
    from syncode.stream.counts import Counts
    from syncode.stream.flow import Flow
    from syncode.stream.rows import read
    from syncode.stream.run import absorb, fold, map, report, write_text  # noqa: A004 (the shape's name, always used as stream.map)
else:
    _HOMES = {
        "ask": "asking",
        "Counts": "counts",
        "Flow": "flow",
        "read": "rows",
        **dict.fromkeys(("absorb", "fold", "map", "report", "write_text"), "run"),
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = ["Counts", "Flow", "absorb", "ask", "fold", "map", "read", "report", "write_text"]
