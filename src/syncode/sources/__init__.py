"""Raw material for `crawl`: folders, files and WARC archives as a stream of items, and the bytes behind each item.

An item is a small row that names one thing to read. A stage reads its bytes with `load`, in its own
process; only the records of an archive, which can be read from the start alone, carry theirs along.
"""

from syncode.sources.items import Item, items, load

__all__ = ["Item", "items", "load"]
