"""The only member of a zip archive."""

import zipfile
import zlib
from collections.abc import Iterator

from syncode.errors import DataError
from syncode.storage.containers import BLOCK_BYTES, CUT_SHORT, Blocks, Damaged, spooled


def unzipped(name: str, blocks: Blocks) -> Blocks:
    """Return the only member of a zip archive. Its table of contents is at its end: a pipe goes to a file first."""
    kept = spooled(blocks)
    try:
        archive = zipfile.ZipFile(kept)
        members = [
            item for item in archive.infolist() if not item.is_dir() and not item.filename.startswith("__MACOSX/")
        ]
        if any(item.filename == "[Content_Types].xml" for item in members):
            raise DataError(f"{name}: an office document: save the table as CSV (UTF-8)")
        if len(members) != 1:
            raise DataError(
                f"{name}: a zip archive of {len(members)} files: unpack it, then name the files or the folder"
            )
        return Blocks(_member(archive, members[0]))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise DataError(f"{name}: not readable as a zip archive ({error})") from error


def _member(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(item) as stream:
            while block := stream.read(BLOCK_BYTES):
                yield block
    except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:  # RuntimeError: a password is wanted
        raise Damaged(f"{CUT_SHORT} ({error})") from error
