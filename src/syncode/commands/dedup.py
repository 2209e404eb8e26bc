"""`syncode dedup`: rows in, one of each set of copies out."""

from functools import partial
from typing import Annotated

from syncode import stream
from syncode.commands.options import refuse, without
from syncode.stages.dedup.settings import Dedup
from syncode.stream.reads import TEXTS


def command(
    flow: Annotated[stream.Flow, without("workers", "seed")], options: Dedup, documents: stream.TextField
) -> None:
    """Drop exact and near copies of documents (by text) and chats (by question, and by the code of the answer).

    A near copy has a Jaccard similarity of word n-grams of at least --threshold with a row that is kept: MinHash finds the
    pair, the n-grams themselves decide. All rows are held in memory: about three times the size of the input, and 9 KB per row.

    Example: syncode dedup samples.jsonl --keep-by labels.score --rejects copies.jsonl > unique.jsonl
    """
    from syncode.stages.dedup.run import Named, dedup

    if options.method == "exact":
        refuse(options, ("num_perm", "threshold", "ngram"), "with --method exact")
    reads = stream.Reads("dedup", TEXTS, Named, named=True, text=documents.text_field)
    stream.fold(partial(dedup, options=options), reads, None, flow)
