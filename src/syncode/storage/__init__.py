"""The only modules that open files: records in any form, Parquet, spreadsheets, SQLite."""

from syncode.storage.containers import printable
from syncode.storage.records import Chunk, read_chunks, read_text
from syncode.storage.shards import STDIN
from syncode.storage.writers import Writer, is_device, open_text, open_writer, refuse_binary_name

__all__ = [
    "STDIN",
    "Chunk",
    "Writer",
    "is_device",
    "open_text",
    "open_writer",
    "printable",
    "read_chunks",
    "read_text",
    "refuse_binary_name",
]
