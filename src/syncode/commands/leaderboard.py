"""`syncode leaderboard`: verdicts in, tables out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from syncode import stream
from syncode.commands.options import refuse, without
from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.stream.reads import ANSWERS, HITS

if TYPE_CHECKING:
    from syncode.verdicts.board import Board

Rows = Annotated[stream.Flow, without("workers")]
VERDICTS = stream.Reads("leaderboard", ("verdict", "execution"))


def command(flow: Rows, options: Annotated[BoardOptions, without("margin")]) -> None:
    """Rank models by their verdicts: win, tie and loss shares, a score, its 95 % interval, and what is missing.

    Example: syncode leaderboard verdicts.jsonl --by category
    """
    from syncode.commands.leaderboard_corrected import read_people
    from syncode.reports.leaderboard.page import page
    from syncode.reports.leaderboard.text import as_texts
    from syncode.stages.leaderboard.build import boards, complaint, one_of
    from syncode.stages.leaderboard.people import with_people
    from syncode.stages.leaderboard.prepared import preparation
    from syncode.verdicts.known import known_tasks
    from syncode.verdicts.texts import texts_of

    if options.format != "html":
        refuse(options, ("answers",), "without --format html")
    options, before = preparation(options, stream.read(filter(None, [options.contamination]), HITS))
    tasks = known_tasks(stream.read_tasks(options.tasks))
    people = read_people(options.people, options.key) if options.people else None
    made: list[Board] = []

    def rows(verdicts: Iterator[Row]) -> list[Row]:
        found = boards(before(verdicts), options, flow.seed, tasks)
        made.extend(with_people(each, people) if people else each for each in found)
        return [row for board in made for row in board.rows]

    if options.format == "jsonl":
        stream.report(rows, VERDICTS, None, flow)
    else:
        stream.absorb(rows, flow, VERDICTS)
        if options.format == "html":
            one_of([board.games for board in made])
            texts = texts_of(stream.read_tasks(options.tasks), stream.read(options.answers, ANSWERS), made[0].games)
            stream.write_text(page(made[0], texts, flow.seed), flow)
        else:
            stream.write_text(as_texts(made, options.format), flow)
    if options.format in ("jsonl", "csv") and not flow.quiet:
        for warning in dict.fromkeys(warning for board in made for warning in board.warnings):
            stream.say(f"note: {warning}")
    if wrong := [found for board in made if (found := complaint(board, options))]:
        raise DataError("; ".join(wrong))
