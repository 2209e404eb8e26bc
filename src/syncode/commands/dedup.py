"""`syncode dedup`: rows in, one of each set of copies out."""

from functools import partial

from syncode import stream
from syncode.commands.options import TextField, flat
from syncode.stages.dedup import Dedup, Named, dedup
from syncode.text.kinds import Kind


@flat
def command(flow: stream.Flow, options: Dedup, documents: TextField) -> None:
    """Drop exact and near copies of documents (by text) and chats (by question, and by the code of the answer).

    A near copy has a Jaccard similarity of word n-grams of at least --threshold with a row that is kept: MinHash finds the
    pair, the n-grams themselves decide. All rows are held in memory: about three times the size of the input, and 9 KB a row.

    Example: syncode dedup samples.jsonl --keep-by labels.score --rejects copies.jsonl > unique.jsonl
    """
    kinds: tuple[Kind, ...] = ("document", "sample", "task", "answer")
    reads = stream.Reads("dedup", kinds, Named, named=True, text=documents.text_field)
    stream.fold(partial(dedup, options=options), reads, None, flow)
