"""`syncode leaderboard corrected`: a ranking with the labels of people behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Annotated, Literal

from syncode import stream
from syncode.commands.options import only, without
from syncode.schemas.records import Row
from syncode.stages.leaderboard.settings import BoardOptions

VERDICTS = stream.Reads("leaderboard", ("verdict", "execution"))


@dataclass(frozen=True)
class PeopleOptions:
    """Where the labels of people are."""

    people: tuple[str, ...] = field(
        metadata={
            "file": "reads",
            "again": True,
            "metavar": "FILE",
            "help": "Labels of people (CSV), as agree reads them.",
        }
    )
    key: str | None = field(
        default=None, metadata={"file": "reads", "help": "The key of a blind sheet from `agree sample`."}
    )
    format: Literal["table", "jsonl"] = field(
        default="table", metadata={"group": "Report", "help": "Tables for people, or rows."}
    )


def command(
    flow: Annotated[stream.Flow, without("workers", "seed")],
    options: Annotated[BoardOptions, only("score", "baseline", "judges")],
    labels: PeopleOptions,
) -> None:
    """Correct a ranking by people who labelled some of its pairs: scores, pairs and ranks, with honest intervals.

    Prediction-powered inference: the judge's verdicts count as far as they go with people's (`trust`), so that a judge that leans
    one way moves nothing. The labelled pairs should be a random sample, as `agree sample` draws them.

    Example: syncode leaderboard corrected verdicts.jsonl --people labels.csv --key key.csv
    """
    from syncode.reports.corrected import as_text
    from syncode.stages.agree.human import human_rows, read_key
    from syncode.stages.leaderboard.build import build
    from syncode.stages.leaderboard.people import corrected_rows, people_of
    from syncode.storage import read_text

    key = read_key(read_text(labels.key), labels.key) if labels.key else None
    people = people_of(chain.from_iterable(human_rows(read_text(name), name, key) for name in labels.people))

    def made(rows: Iterator[Row]) -> list[Row]:
        return corrected_rows(build(rows, options, 0), people)

    if labels.format == "jsonl":
        stream.report(made, VERDICTS, None, flow)
    else:
        stream.write_text(as_text(stream.absorb(made, flow, VERDICTS)), flow)
