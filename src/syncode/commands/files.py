"""Which files a command line reads and which it writes: none may be both, and none may be written twice."""

import contextlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from syncode.commands.options import Command, options_of
from syncode.errors import SyncodeError, UsageError
from syncode.storage import STDIN, is_device, printable
from syncode.storage.shards import files_of, inode_of
from syncode.stream.flow import Flow

Identity = tuple[int, int] | str
"""Device and inode of a file that exists, else its real path."""


class Named(NamedTuple):
    """A path that an option gives, and what messages call the option."""

    said: str
    path: str


def refuse_clashes(name: str, command: Command, values: Mapping[str, Any]) -> None:
    """Raise UsageError where a command line would write over what it reads, write to one place twice, or read stdin twice.

    `name` is the command's, `values` are those of its options. An option says with `file` in its metadata what its paths are.
    """
    read: list[Named] = []
    written: list[Named] = []
    for option in options_of(command):
        value = values[option.name]
        if value is None and option.name == "output":
            value = STDIN
        paths = [str(each) for each in (value if isinstance(value, list | tuple) else (value,)) if each]
        if option.name == "source" and not paths:
            paths = [STDIN]
        if option.file:
            (read if option.file == "reads" else written).extend(Named(option.said, path) for path in paths)
    piped = [said for said, path in read if path == STDIN and said != "SOURCE"]
    if len(piped) + (("SOURCE", STDIN) in read) > 1:
        other = [*piped[1:], "SOURCE"][0]
        raise UsageError(f"{piped[0]} - and {other} cannot both come from stdin: name a file for one of them")
    refuse_overlap(read, written, trees=name == "crawl")


def refuse_listed(by: str, paths: Iterable[str], flow: Flow) -> None:
    """Raise UsageError where a file that no option names, but `by` (a recipe), would be overwritten."""
    targets = (("--output", flow.output), ("--rejects", flow.rejects), ("--summary", flow.summary))
    refuse_overlap([Named(by, path) for path in paths if path], [Named(flag, to) for flag, to in targets if to])


def refuse_overlap(read: Iterable[Named], written: Iterable[Named], *, trees: bool = False) -> None:
    """Raise UsageError where one of the paths written is among those read, or stands there twice.

    `trees`: of a folder every file is read, not only those that hold rows.
    """
    taken: dict[Identity, Named] = {}
    for said, path in written:
        if not _is_stdout(path) and is_device(path) and not Path(path).is_dir():
            continue
        shown = "stdout" if _is_stdout(path) else printable(path)
        for identity in (STDIN, *_stream(sys.stdout)) if _is_stdout(path) else (_identity(path),):
            if identity in taken:
                raise UsageError(f"{taken[identity].said} and {said} would both go to {shown}")
            taken[identity] = Named(said, shown)
    if not any(isinstance(identity, tuple) for identity in taken):  # nothing that is written is there yet
        return
    for said, source in read:
        for file, identity in _files(source, taken, trees=trees):
            if identity in taken:
                writer = taken[identity]
                raise UsageError(f"{writer.said} {writer.path} would overwrite {printable(file)}, which {said} reads")


def _files(source: str, taken: Iterable[Identity], *, trees: bool) -> Iterator[tuple[str, Identity]]:
    """Yield the files behind a path that is read: itself, those of a folder or a pattern, or what stdin comes from.

    Behind a colon too, as in `local:model.gguf`. What is not there cannot be overwritten.
    """
    if source == STDIN:
        yield from (("stdin", identity) for identity in _stream(sys.stdin))
        return
    if trees and Path(source).is_dir():
        yield from _below(source, taken)
        return
    found = [source, source.partition(":")[2]]
    with contextlib.suppress(SyncodeError, OSError):  # the command's own reading says it better
        found += files_of(source)
    yield from ((path, _identity(path)) for path in found if path and Path(path).exists())


def _below(folder: str, taken: Iterable[Identity]) -> Iterator[tuple[str, Identity]]:
    """Yield those of the files that are taken which `crawl` finds below a folder: not hidden ones, and never through a link."""
    wanted = set(taken)
    for place, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for entry in (Path(place, each) for each in names if not each.startswith(".")):
            if not entry.is_symlink() and (identity := _identity(str(entry))) in wanted:
                yield str(entry), identity


def _is_stdout(path: str) -> bool:
    return path in (STDIN, "/dev/stdout")


def _identity(path: str) -> Identity:
    try:
        return inode_of(path)
    except OSError:
        return os.path.realpath(path)


def _stream(stream: Any) -> Iterator[Identity]:
    """Yield the file that stdin comes from or stdout goes to, where it is one: not a pipe or a terminal."""
    with contextlib.suppress(AttributeError, OSError, ValueError):  # closed, or a stand-in without descriptor
        found = os.fstat(stream.fileno())
        if stat.S_ISREG(found.st_mode):
            yield found.st_dev, found.st_ino
