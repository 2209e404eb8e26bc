"""`syncode leaderboard`: verdicts in, tables out."""

from syncode import io, stream
from syncode.commands.options import flat
from syncode.errors import DataError
from syncode.stages.leaderboard.settings import BoardOptions, build, complaint


@flat
def command(flow: stream.Flow, options: BoardOptions) -> None:
    """Rank models by their verdicts: win, tie and loss shares, a score, its 95 % interval, and what is missing.

    Example: syncode leaderboard verdicts.jsonl --by category
    """
    from syncode.stages.leaderboard.render import as_text

    boards = []

    def rows(incoming):  # type: ignore[no-untyped-def]
        boards.append(build(incoming, options, flow.seed))
        return boards[0].rows

    if options.format == "jsonl":
        stream.report(rows, None, None, flow)
    else:
        rows(stream.read(flow.source or (io.STDIN,), None))  # type: ignore[no-untyped-call]
        stream.write_text(as_text(boards[0], options.format), flow)
    if wrong := complaint(boards[0], options):
        raise DataError(wrong)
