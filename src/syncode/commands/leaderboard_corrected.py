"""`syncode leaderboard corrected`: a ranking with the labels of people behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Literal

from syncode import stream
from syncode.commands.options import only, without
from syncode.schemas.records import Row
from syncode.stages.leaderboard.settings import KEY, PEOPLE, BoardOptions

if TYPE_CHECKING:
    from syncode.stages.leaderboard.people import People

VERDICTS = stream.Reads("leaderboard", ("verdict", "execution"))


@dataclass(frozen=True)
class PeopleOptions:
    """Where the labels of people are."""

    people: tuple[str, ...] = field(metadata=PEOPLE)
    key: str | None = field(default=None, metadata=KEY)
    format: Literal["table", "jsonl"] = field(
        default="table", metadata={"group": "Report", "help": "Tables for people, or rows."}
    )


def read_people(files: Sequence[str], key_file: str | None) -> "People":
    """Return the labels of people in these files, as `agree` reads them."""
    from syncode.stages.agree.human import human_rows, read_key
    from syncode.stages.leaderboard.people import people_of
    from syncode.storage import read_text

    key = read_key(read_text(key_file), key_file) if key_file else None
    return people_of(chain.from_iterable(human_rows(read_text(name), name, key) for name in files))


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
    from syncode.stages.leaderboard.build import build
    from syncode.stages.leaderboard.people import corrected_rows

    people = read_people(labels.people, labels.key)

    def made(rows: Iterator[Row]) -> list[Row]:
        return corrected_rows(build(rows, options, 0), people)

    if labels.format == "jsonl":
        stream.report(made, VERDICTS, None, flow)
    else:
        stream.write_text(as_text(stream.absorb(made, flow, VERDICTS)), flow)
