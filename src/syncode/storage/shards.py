"""The files behind one SOURCE: a file itself, or the data files of a folder or of a pattern, in natural order."""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from syncode.errors import DataError, UsageError

STDIN = "-"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_DATA = re.compile(r"\.(jsonl|ndjson|json|parquet|pq|csv|tsv|arrow|feather)(\.(gz|zst|bz2|xz|zip))?$", re.IGNORECASE)
_NOT_ROWS = re.compile(
    # What the Hugging Face hub and `datasets` put beside the rows, and what Spark and dbt leave there.
    r"(README|LICENSE|cache-|dataset_infos?\.json$|dataset_dict\.json$|state\.json$|metadata\.json$|config\.json$|_)",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"(?:^|[-_./])(train|test|validation|valid|val|dev|eval)(?=[-_./]|$)")
_SAME_SPLIT = {"valid": "validation", "val": "validation", "dev": "validation", "eval": "validation"}


def files_of(source: str) -> list[str]:
    """Return the files to read for a path, a folder or a quoted pattern such as `'data/train-*.parquet'`.

    A name is a name first, with brackets and stars too. A folder gives its data files and those of its folders, in natural
    order (2 before 10), without hidden ones and what a data set keeps beside its rows. Raises UsageError for an address, and
    for a folder that holds several splits: test rows must not slip into training.
    """
    if Path(source).is_dir():
        return _in_folder(source)
    if os.path.lexists(source):
        return [source]
    if _ADDRESS.match(source):
        raise UsageError(f"{source}: an address, not a file: fetch it first (hf download, curl), or pipe it into stdin")
    if not glob.has_magic(source):
        return [source]
    found = [path for path in glob.glob(source, recursive=True) if Path(path).is_file()]  # noqa: PTH207 (takes absolute patterns)
    if not found:
        raise DataError(f"{source}: there is no such file, and as a pattern it matches none")
    return natural(found)


def natural(paths: Iterable[str]) -> list[str]:
    """Return paths in the order in which people count: numbers in them by value."""

    def key(path: str) -> list[tuple[int, int, str]]:
        parts = re.split(r"([0-9]+)", path)
        return [(0, int(part), "") if index % 2 else (1, 0, part) for index, part in enumerate(parts)]

    return sorted(sorted(paths), key=key)


def _in_folder(folder: str) -> list[str]:
    found = natural(_data_files(folder))
    if not found:
        raise DataError(f"{folder}: a folder without data files (.jsonl, .json, .parquet, .csv, .arrow, packed or not)")
    splits: dict[str, str] = {}
    for path in found:
        if match := _SPLIT.search(os.path.relpath(path, folder)):
            splits.setdefault(_SAME_SPLIT.get(match[1], match[1]), path)
    if len(splits) > 1:
        raise UsageError(
            f"{folder}: a folder with the splits {', '.join(sorted(splits))}: name the files of one, or of each that is "
            f"meant, as SOURCE or as a quoted pattern (one of them is {next(iter(splits.values()))})"
        )
    return found


def _data_files(folder: str) -> Iterator[str]:
    """Yield the data files, also behind links to folders; each folder is read once, however many links lead to it."""
    seen = {inode_of(folder)}
    for place, folders, names in os.walk(folder, onerror=_unreadable, followlinks=True):
        inside = sorted(name for name in folders if not name.startswith("."))
        folders.clear()
        for name in inside:
            if (found := inode_of(os.path.join(place, name))) not in seen:  # noqa: PTH118 (os.walk works on texts)
                seen.add(found)
                folders.append(name)
        for name in names:
            if not name.startswith(".") and not _NOT_ROWS.match(name) and _DATA.search(name):
                yield str(Path(place, name))


def inode_of(path: str) -> tuple[int, int]:
    """Return the device and the inode of a file or folder: the same ones under every name that leads to it."""
    found = Path(path).stat()
    return found.st_dev, found.st_ino


def _unreadable(error: OSError) -> None:
    raise DataError(f"{error.filename}: {error.strerror}") from error
