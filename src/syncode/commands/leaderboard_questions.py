"""`syncode leaderboard units`, `compare` and `questions`: single questions instead of a table of models."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from syncode import stream
from syncode.commands.options import only, without
from syncode.errors import UsageError
from syncode.schemas.records import Row
from syncode.stages.leaderboard.questions.settings import CompareOptions, ItemOptions, Measured, UnitOptions
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.stream.reads import ANSWERS

STDIN = "-"

if TYPE_CHECKING:
    from syncode.stages.leaderboard.questions.results import Results

VERDICTS = stream.Reads("leaderboard", ("verdict", "execution"))
COUNTED = ("score", "baseline", "judges")


def units(
    flow: Annotated[stream.Flow, without("workers", "seed")],
    options: Annotated[BoardOptions, only(*COUNTED, "tasks", "answers")],
    form: UnitOptions,
) -> None:
    """Write one row per question and model: outcome, flips, lengths, tokens, cost, tests passed, labels and digests.

    Example: syncode leaderboard units verdicts.jsonl --tasks tasks.jsonl --answers answers.jsonl -o units.parquet
    """
    from syncode.engines.pacing.budget import load_prices
    from syncode.reports.tables import as_csv
    from syncode.stages.leaderboard.questions.beside import beside
    from syncode.stages.leaderboard.questions.units import UnitRow, unit_rows

    prices = load_prices(form.prices)
    known = beside(stream.read_tasks(options.tasks), stream.read(options.answers, ANSWERS))

    def made(rows: Iterator[Row]) -> list[Row]:
        return list(unit_rows(_results(rows, options, None, known.tasks), known, prices))

    if form.format == "csv":
        stream.write_text(as_csv(stream.absorb(made, flow, VERDICTS), list(UnitRow.__annotations__)), flow)
    else:
        stream.report(made, VERDICTS, UnitRow, flow)


def compare(
    flow: Annotated[stream.Flow, only("source", "output", "quiet")],
    options: Annotated[BoardOptions, only("by", *COUNTED, "tasks", "answers")],
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
    from syncode.stages.leaderboard.questions.compare import compare_rows, side

    known = beside(stream.read_tasks(options.tasks), stream.read(options.answers, ANSWERS))
    files, names = _files_and_models(flow.source, form)
    groups = [[name] for name in files] if len(files) == 2 and not any(names) else [files]
    results = [_read(group, options, form, known.tasks) for group in groups]
    old, new = results[0], results[-1]
    shared = {*old.models} & {*new.models} if old is not new else ()
    sides = side(old, names[0] or form.old, "--old", shared), side(new, names[1] or form.new, "--new", shared)
    if old is new and sides[0].model == sides[1].model:
        raise UsageError(f"OLD and NEW are both {sides[0].model}: name two models, or two files")
    found = compare_rows(*sides, options.by, known, form.all)
    if form.format == "jsonl":
        stream.emit(found, None, flow)
    else:
        stream.write_text(as_text(found, form.all), flow)


def questions(
    flow: Annotated[stream.Flow, without("workers")],
    options: Annotated[BoardOptions, only(*COUNTED, "tasks")],
    form: ItemOptions,
) -> None:
    """Measure the questions themselves: how telling, how hard, where the judge wavers, and which few keep the ranking.

    Example: syncode leaderboard questions verdicts.jsonl --tasks tasks.jsonl
    """
    from syncode.reports.questions import as_text
    from syncode.stages.leaderboard.questions.items import item_rows

    tasks = {str(task["id"]): task for task in stream.read_tasks(options.tasks)}

    def made(rows: Iterator[Row]) -> list[Row]:
        return item_rows(_results(rows, options, form, tasks), form, flow.seed)

    if form.format == "jsonl":
        stream.report(made, VERDICTS, None, flow)
    else:
        stream.write_text(as_text(stream.absorb(made, flow, VERDICTS), form.all), flow)


def _results(rows: Iterable[Row], options: BoardOptions, form: Measured | None, tasks: Mapping[str, Row]) -> "Results":
    from syncode.stages.leaderboard.questions.results import results_of
    from syncode.verdicts.games import Choice

    choice = Choice(options.score, options.baseline, options.judges)
    return results_of(rows, choice, form.measure if form else None, tasks)


def _read(files: Sequence[str], options: BoardOptions, form: Measured, tasks: Mapping[str, Row]) -> "Results":
    """Return the results in some files; what is wrong with a row is said with its place."""
    from syncode.stream.rows import Place

    place = Place()
    with place.named():
        return _results(stream.read(files, VERDICTS, place), options, form, tasks)


def _files_and_models(words: Sequence[str], form: CompareOptions) -> tuple[list[str], tuple[str | None, str | None]]:
    """Return which words are files, and the two models that are named if two of them are not. Raises UsageError."""
    models = [word for word in words if word != STDIN and not Path(word).exists() and not set("*?[") & set(word)]
    files = [word for word in words if word not in models]
    if len(models) == 2 and not (form.old or form.new):
        return files or [STDIN], (models[0], models[1])
    if models:
        raise UsageError(
            f"{models[0]}: there is no such file; OLD and NEW are two files, or two models of the files that follow"
        )
    if len(files) != 2 and not (form.old and form.new):
        raise UsageError("name two files, OLD and NEW; or two models, OLD and NEW, and the files that hold both")
    return files, (None, None)
