"""`syncode crawl`: folders, files and web archives in, documents out."""

from functools import partial
from typing import Annotated

from syncode import stream
from syncode.commands.options import without
from syncode.stages.crawl.settings import Limits

GRAIN = 64  # items handed to a worker at once: pages take milliseconds and carry their bytes (chosen here)


def command(flow: Annotated[stream.Flow, without("seed")], limits: Limits) -> None:
    """Turn folders of code, Markdown and HTML, single files and WARC archives into documents.

    SOURCE is a folder, a file or an archive (.warc, .arc, .wet, also .gz), told apart by content. HTML becomes Markdown with
    fenced code. What is not a document (binary, empty, too large, hidden, damaged) is counted and goes to --rejects.

    Example: syncode crawl src/ pages.warc.gz --rejects dropped.jsonl > documents.jsonl
    """
    from syncode import sources
    from syncode.schemas.records import Document
    from syncode.stages.crawl.document import crawl

    load = partial(sources.load, most=limits.max_bytes)
    found = sources.items(flow.source, limits.max_bytes)
    stream.map(partial(crawl, load=load, limits=limits), None, Document, flow, rows=found, grain=GRAIN)
