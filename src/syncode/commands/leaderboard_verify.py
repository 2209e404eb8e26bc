"""`syncode leaderboard verify`: a published table in, what cannot be true of it out."""

from typing import Annotated

from syncode import stream
from syncode.commands.options import only
from syncode.errors import DataError, UsageError
from syncode.stages.verify.settings import VerifyOptions


def command(flow: Annotated[stream.Flow, only("source", "output", "quiet")], options: VerifyOptions) -> None:
    """Check a published table of percentages (CSV): impossible cells, wrong N, columns and averages out of place; exit 3.

    Example: syncode leaderboard verify table3.csv --sizes ui=45,dev=131,db=22 --n 397
    """
    from syncode.reports.verify import as_text
    from syncode.stages.verify.check import defects, verify_rows
    from syncode.storage import read_text

    if len(flow.source) != 1:
        raise UsageError("name one CSV table")
    found = verify_rows(read_text(flow.source[0]), flow.source[0], options)
    if options.format == "jsonl":
        stream.emit(found, None, flow)
    else:
        stream.write_text(as_text(found), flow)
    if wrong := defects(found):
        raise DataError(f"{flow.source[0]}: " + ", ".join(f"{name} {count}" for name, count in wrong.most_common()))
