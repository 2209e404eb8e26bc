"""Source -> stage -> sink: reads rows, runs one of the three shapes of stage over them, writes and accounts for every row.

`map` is row -> rows in worker processes, `fold` is rows -> rows with state (`report` where rows are absorbed into a table),
`ask` is an async row -> rows that talks to a model. All of them check rows at both edges, keep input order, take out rows
marked `drop`, print one summary line on stderr and leave no half-written file.
"""

from syncode.stream.ask import Load, ask
from syncode.stream.counts import Counts
from syncode.stream.flow import Flow
from syncode.stream.rows import Reads, read
from syncode.stream.run import absorb, fold, map, report, write_text  # noqa: A004 (the shape's name, always used as stream.map)

__all__ = ["Counts", "Flow", "Load", "Reads", "absorb", "ask", "fold", "map", "read", "report", "write_text"]
