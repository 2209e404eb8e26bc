"""The only modules that open files: records, Parquet, spreadsheets, SQLite."""

from syncode.storage.records import STDIN, Chunk, Writer, is_device, open_writer, printable, read_chunks

__all__ = ["STDIN", "Chunk", "Writer", "is_device", "open_writer", "printable", "read_chunks"]
