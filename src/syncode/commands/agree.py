"""`syncode agree`: verdicts in, how far they can be trusted out."""

from syncode import io, stream
from syncode.commands.options import flat
from syncode.stages.agree.settings import AgreeOptions, report


@flat
def command(flow: stream.Flow, options: AgreeOptions) -> None:
    """Tell how far verdicts can be trusted: consistency under exchange of the answers, and taste for the first place.

    Example: syncode agree verdicts.jsonl
    """
    from syncode.stages.agree.render import as_text

    if options.format == "jsonl":
        stream.report(lambda rows: report(rows, options, flow.seed), None, None, flow)
    else:
        stream.write_text(as_text(report(stream.read(flow.source or (io.STDIN,), None), options, flow.seed)), flow)
