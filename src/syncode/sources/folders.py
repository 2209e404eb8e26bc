"""The files of a folder: in sorted order, without version control and hidden files, never through a link."""

import os
from collections.abc import Iterator
from pathlib import Path

from syncode.schemas.records import Row
from syncode.storage import printable

_VERSION_CONTROL = frozenset((".git", ".hg", ".svn", ".bzr", "CVS", "_darcs", ".jj"))


def walk(root: str) -> Iterator[Row]:
    """Yield `{kind, path, name}` for every file; what is passed over is one item with a `problem`, so that it is counted.

    A hidden folder is one item, whatever it holds. A link named as the root is followed, one inside is not: what it points
    to is read where it stands, or lies outside the tree.
    """
    if not Path(root).is_dir():
        yield _item(root, Path(root).name)
        return
    stack = [(root, "")]
    while stack:
        path, name = stack.pop()
        try:
            entries = sorted(os.scandir(path), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield _item(path, name, f"unreadable: {error.strerror}")
            continue
        folders = []
        for entry in entries:
            below = f"{name}/{entry.name}" if name else entry.name
            problem = _problem(entry)
            if problem:
                yield _item(entry.path, below, problem)
            elif entry.is_dir():
                folders.append((entry.path, below))
            else:
                yield _item(entry.path, below)
        stack += reversed(folders)


def _problem(entry: os.DirEntry[str]) -> str | None:
    if entry.is_symlink():
        return f"link: to {printable(str(Path(entry.path).readlink()))}"
    if entry.name in _VERSION_CONTROL:
        return "hidden: version control"
    if entry.name.startswith("."):
        return "hidden: the name starts with a dot"
    if not entry.is_dir() and not entry.is_file():
        return "special: a device, pipe or socket"
    return None


def _item(path: str, name: str, problem: str | None = None) -> Row:
    item: Row = {"kind": "path", "path": path, "name": name}
    if path != printable(path):
        item = {"kind": "path", "path": printable(path), "name": printable(name)}
        problem = problem or "unreadable: the file name is not UTF-8"
    return {**item, "problem": problem} if problem else item
