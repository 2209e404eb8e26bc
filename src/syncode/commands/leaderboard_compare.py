"""`syncode leaderboard compare`: what changed from one model to another, by class and by question."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from syncode import stream
from syncode.commands.options import only
from syncode.schemas.records import Row
from syncode.stages.leaderboard.questions.settings import CompareOptions
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.stream.reads import ANSWERS

if TYPE_CHECKING:
    from syncode.stages.leaderboard.questions.results import Results

VERDICTS = stream.Reads("leaderboard", ("verdict", "execution"))


def command(
    flow: Annotated[stream.Flow, only("source", "output", "quiet")],
    options: Annotated[BoardOptions, only("by", "score", "baseline", "judges", "tasks", "answers")],
    form: CompareOptions,
) -> None:
    """Compare two models, or one before and after, question by question: by class, with the questions that flipped.

    SOURCE is OLD and NEW: two files, each with the verdicts or executions of one model; or the names of two models, and then the
    files that hold both. NEW minus OLD, paired by question, for each class of --by with Holm's correction, and a test of whether
    the change differs between the classes.

    Example: syncode leaderboard compare base.jsonl tuned.jsonl --by category --tasks tasks.jsonl
    """
    from syncode.reports.questions import as_text
    from syncode.stages.leaderboard.questions.beside import beside
    from syncode.stages.leaderboard.questions.compare import compare_rows, sides, words_of

    files, models = words_of(flow.source, [word for word in flow.source if not Path(word).exists()], form)
    known = beside(stream.read_tasks(options.tasks), stream.read(options.answers, ANSWERS))
    groups = [files] if models or len(files) != 2 else [[name] for name in files]
    results = [_read(group, options, form, known.tasks) for group in groups]
    found = compare_rows(*sides(results, models, form), options.by, known, form.all)
    if form.format == "jsonl":
        stream.emit(found, None, flow)
    else:
        stream.write_text(as_text(found, form.all), flow)


def _read(files: Sequence[str], options: BoardOptions, form: CompareOptions, tasks: Mapping[str, Row]) -> "Results":
    """Return the results in some files; what is wrong with a row is said with its place."""
    from syncode.stages.leaderboard.questions.results import results_of
    from syncode.stream.rows import Place

    place = Place()
    with place.named():
        return results_of(stream.read(files, VERDICTS, place), options, form.measure, tasks)
