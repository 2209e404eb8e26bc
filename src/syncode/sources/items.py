"""The one stream of items over everything named on the command line, and the one way to an item's bytes."""

import base64
import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NotRequired, TypedDict

from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.sources.archives import is_archive, records
from syncode.sources.folders import walk
from syncode.sources.licenses import Licenses


class Item(TypedDict):
    """One thing to crawl.

    `kind` is `path` or `warc`, `path` the file as it is opened, `name` its path below what was named on the command line.
    `problem` says why there is nothing to read, as `<rule>: <why>`. The rest is what a WARC record says of itself; `block`
    is its content in base64.
    """

    kind: str
    path: str
    name: str
    license: NotRequired[str]
    problem: NotRequired[str]
    record: NotRequired[str]
    url: NotRequired[str]
    fetched: NotRequired[str]
    media: NotRequired[str]
    block: NotRequired[str]


def items(paths: Sequence[str], most: int) -> Iterator[Row]:
    """Yield an item for every file below the paths and every record of every archive, in sorted order.

    `most` is the size in bytes above which a record's content is not carried along. Raises UsageError where no path is
    given and DataError where one is not a file or folder.
    """
    if not paths:
        raise UsageError("nothing to crawl: name a folder, a file or a WARC archive")
    licenses = Licenses()
    for path in paths:
        if not Path(path).exists():
            raise DataError(f"{path}: there is no such file or folder")
        if not (Path(path).is_dir() or Path(path).is_file()):
            raise DataError(f"{path}: is a device, pipe or socket; crawl reads files and folders")
        for found in walk(path):
            if "problem" in found:
                yield found
            elif is_archive(found["path"]):
                yield from records(found, most)
            else:
                license_name = licenses.near(found["path"])
                yield {**found, "license": license_name} if license_name else found


def load(item: Row, most: int) -> bytes:
    """Return the bytes of an item, at most `most` + 1 of them: more than `most` says that it is too large.

    A `.gz` file is decompressed. Raises DataError, with `<rule>: <why>` as its text, where it cannot be read.
    """
    if "block" in item:
        return base64.b64decode(item["block"])
    try:
        with Path(item["path"]).open("rb") as raw:
            if not Path(item["path"]).name.endswith(".gz"):
                return raw.read(most + 1)
            return gzip.GzipFile(fileobj=raw).read(most + 1)  # stops at the size asked for: no bomb
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"bad_gzip: {error}") from error
    except OSError as error:
        raise DataError(f"unreadable: {os.strerror(error.errno) if error.errno else error}") from error
