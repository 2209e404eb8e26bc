"""`syncode agree sample`: verdicts in, a blind sheet of pairs for people out."""

from dataclasses import replace
from functools import partial
from typing import Annotated

from syncode import stream
from syncode.commands.options import without
from syncode.errors import UsageError
from syncode.stages.agree.settings import SampleOptions


def command(flow: Annotated[stream.Flow, without("workers")], options: SampleOptions) -> None:
    """Draw pairs for people to label: a blind CSV sheet and a page that works offline; names and weights go into the key.

    Example: syncode agree sample verdicts.jsonl --tasks tasks.jsonl --answers answers.jsonl --n 323 --page label.html > sheet.csv
    """
    from syncode.reports.labelling.page import label_page
    from syncode.reports.labelling.sheet import key_text, sheet_text
    from syncode.stages.agree.ratings import ratings_of
    from syncode.stages.agree.sample import draw_items
    from syncode.stream.reads import ANSWERS
    from syncode.verdicts.games import Choice, collect
    from syncode.verdicts.texts import texts_of

    if not options.tasks or not options.answers:
        raise UsageError("people must see questions and answers: --tasks FILE and --answers FILE")
    games = stream.absorb(partial(collect, choice=Choice("plain")), flow, stream.Reads("agree sample", ("verdict",)))
    items = draw_items(games, ratings_of(games, lambda name: False, "game"), options, flow.seed)
    texts = texts_of(stream.read_tasks(options.tasks), stream.read(options.answers, ANSWERS), games)
    sheet = sheet_text(items, texts)
    if options.page:
        stream.write_text(label_page(items, texts, options.people), replace(flow, output=options.page))
    stream.write_text(key_text(items), replace(flow, output=options.key))
    stream.write_text(sheet, flow)
