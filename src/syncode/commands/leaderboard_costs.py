"""`syncode leaderboard costs`: what a ranking cost."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal

from syncode import stream
from syncode.commands.options import only, without
from syncode.schemas.records import Row
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.stream.reads import ANSWERS

VERDICTS = stream.Reads("leaderboard", ("verdict", "execution"))


@dataclass(frozen=True)
class CostOptions:
    """How costs are worked out and written."""

    prices: str | None = field(
        default=None,
        metadata={
            "metavar": "FILE",
            "file": "reads",
            "help": "TOML file with prices, as of journal; else tokens only.",
        },
    )
    format: Literal["table", "jsonl"] = field(
        default="table", metadata={"group": "Report", "help": "Tables for people, or rows."}
    )


def command(
    flow: Annotated[stream.Flow, without("workers", "seed")],
    options: Annotated[BoardOptions, only("score", "baseline", "judges", "answers")],
    costs: CostOptions,
) -> None:
    """Add up tokens and money: per model, per judge and verdict, and per pair of models that the verdicts tell apart.

    What a server did not report is unknown, and what it is part of, too. The price of single requests is taken: rows do not say
    whether they came by a cheaper batch (`syncode journal` knows).

    Example: syncode leaderboard costs verdicts.jsonl --answers answers.jsonl --prices prices.toml
    """
    from syncode.engines.pacing.budget import load_prices
    from syncode.reports.costs import as_text
    from syncode.stages.leaderboard.build import build
    from syncode.stages.leaderboard.costs import cost_rows

    prices, answers = load_prices(costs.prices), stream.read(options.answers, ANSWERS)

    def made(rows: Iterator[Row]) -> list[Row]:
        return cost_rows(build(rows, options, 0), answers, prices)

    if costs.format == "jsonl":
        stream.report(made, VERDICTS, None, flow)
    else:
        stream.write_text(as_text(stream.absorb(made, flow, VERDICTS)), flow)
