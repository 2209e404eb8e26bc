"""Stands in for the fixtures that pytest brings itself: folders, output, environment, log records."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

_ABSENT = object()


class MonkeyPatch:
    """What `monkeypatch` gives: changes that are undone after the test."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []

    def setattr(self, target: Any, name: Any, value: Any = _ABSENT, raising: bool = True) -> None:
        """Set an attribute: `(object, name, value)`, or `("module.name", value)`."""
        if value is _ABSENT:
            path, value = target, name
            target, name = _resolved(path)
        before = (
            vars(target).get(name, getattr(target, name, _ABSENT))
            if hasattr(target, "__dict__")
            else getattr(target, name)
        )
        if before is _ABSENT and raising:
            raise AttributeError(f"{target!r} has no attribute {name!r}")
        own = not hasattr(target, "__dict__") or name in vars(target)
        self._undo.append(lambda: setattr(target, name, before) if own else delattr(target, name))
        setattr(target, name, value)

    def delattr(self, target: Any, name: Any = _ABSENT, raising: bool = True) -> None:
        """Delete an attribute."""
        if name is _ABSENT:
            target, name = _resolved(target)
        before = getattr(target, name, _ABSENT)
        if before is _ABSENT:
            if raising:
                raise AttributeError(name)
            return
        self._undo.append(lambda: setattr(target, name, before))
        delattr(target, name)

    def setitem(self, mapping: Any, name: Any, value: Any) -> None:
        """Set an item of a mapping."""
        self._remember(mapping, name)
        mapping[name] = value

    def delitem(self, mapping: Any, name: Any, raising: bool = True) -> None:
        """Delete an item of a mapping."""
        if name not in mapping and not raising:
            return
        self._remember(mapping, name)
        del mapping[name]

    def setenv(self, name: str, value: object, prepend: str | None = None) -> None:
        """Set a variable of the environment."""
        text = str(value)
        if prepend and name in os.environ:
            text = f"{text}{prepend}{os.environ[name]}"
        self.setitem(os.environ, name, text)

    def delenv(self, name: str, raising: bool = True) -> None:
        """Delete a variable of the environment."""
        self.delitem(os.environ, name, raising)

    def chdir(self, path: Any) -> None:
        """Change the working folder."""
        before = os.getcwd()  # noqa: PTH109 - as text, to go back
        self._undo.append(lambda: os.chdir(before))
        os.chdir(path)

    def syspath_prepend(self, path: Any) -> None:
        """Put a folder in front of those that modules are imported from."""
        before = sys.path[:]
        self._undo.append(lambda: sys.path.__setitem__(slice(None), before))
        sys.path.insert(0, str(path))

    @contextlib.contextmanager
    def context(self) -> Iterator[MonkeyPatch]:
        """Give another one, whose changes are undone at the end of the block."""
        inner = MonkeyPatch()
        try:
            yield inner
        finally:
            inner.undo()

    def undo(self) -> None:
        """Undo all changes, the last one first."""
        while self._undo:
            self._undo.pop()()

    def _remember(self, mapping: Any, name: Any) -> None:
        before = mapping.get(name, _ABSENT) if hasattr(mapping, "get") else mapping[name]
        self._undo.append(lambda: mapping.pop(name, None) if before is _ABSENT else mapping.__setitem__(name, before))


def _resolved(path: str) -> tuple[Any, str]:
    """Return the object that holds what a dotted path names, and the last name."""
    import importlib

    place, _, name = path.rpartition(".")
    parts = place.split(".")
    for count in range(len(parts), 0, -1):
        with contextlib.suppress(ImportError):
            found: Any = importlib.import_module(".".join(parts[:count]))
            for part in parts[count:]:
                found = getattr(found, part)
            return found, name
    raise ImportError(path)


class Captured(tuple[str, str]):
    """What `capsys.readouterr()` returns."""

    __slots__ = ()
    out = property(lambda self: self[0])
    err = property(lambda self: self[1])


class Capture:
    """What `capsys` gives: stdout and stderr of the test."""

    def __init__(self) -> None:
        self._kept = sys.stdout, sys.stderr
        self._texts = io.StringIO(), io.StringIO()
        sys.stdout, sys.stderr = self._texts

    def readouterr(self) -> Captured:
        """Return what was written since the last call."""
        found = Captured(text.getvalue() for text in self._texts)
        for text in self._texts:
            text.seek(0)
            text.truncate()
        return found

    @contextlib.contextmanager
    def disabled(self) -> Iterator[None]:
        """Write to the real streams within the block."""
        captured = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self._kept
        try:
            yield
        finally:
            sys.stdout, sys.stderr = captured

    def close(self) -> None:
        """Give the streams back, with what has not been read."""
        sys.stdout, sys.stderr = self._kept
        for stream, text in zip(self._kept, self._texts, strict=True):
            stream.write(text.getvalue())


class Log:
    """What `caplog` gives: the records of `logging`."""

    def __init__(self) -> None:
        import logging

        self.records: list[Any] = []
        self._root = logging.getLogger()
        self._level = self._root.level
        self.handler = logging.Handler()
        self.handler.emit = self.records.append  # type: ignore[assignment]
        self._root.addHandler(self.handler)

    @property
    def messages(self) -> list[str]:
        """The messages, arguments put in."""
        return [record.getMessage() for record in self.records]

    @property
    def text(self) -> str:
        """All that was logged, a line per record."""
        return "".join(f"{record.levelname} {record.name}: {record.getMessage()}\n" for record in self.records)

    @property
    def record_tuples(self) -> list[tuple[str, int, str]]:
        """Name, level and message of each record."""
        return [(record.name, record.levelno, record.getMessage()) for record in self.records]

    def set_level(self, level: Any, logger: str | None = None) -> None:
        """Let a logger (else the root) pass records of this level on."""
        import logging

        logging.getLogger(logger).setLevel(level)

    @contextlib.contextmanager
    def at_level(self, level: Any, logger: str | None = None) -> Iterator[None]:
        """Do so within the block."""
        import logging

        chosen = logging.getLogger(logger)
        before = chosen.level
        chosen.setLevel(level)
        try:
            yield
        finally:
            chosen.setLevel(before)

    def clear(self) -> None:
        """Forget the records."""
        self.records.clear()

    def close(self) -> None:
        """Listen no more."""
        self._root.removeHandler(self.handler)
        self._root.setLevel(self._level)


class Folders:
    """What `tmp_path_factory` gives."""

    def mktemp(self, basename: str, numbered: bool = True) -> Any:
        """Return a new folder."""
        import pathlib
        import tempfile

        name = re.sub(r"\W", "_", basename)
        return pathlib.Path(tempfile.mkdtemp(prefix=name if numbered else f"{name}-"))


def _patching() -> Iterator[MonkeyPatch]:
    made = MonkeyPatch()
    yield made
    made.undo()


def _capturing() -> Iterator[Capture]:
    made = Capture()
    yield made
    made.close()


def _logging() -> Iterator[Log]:
    made = Log()
    yield made
    made.close()


def _warning() -> Iterator[list[Any]]:
    import warnings

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield found


def _folder() -> Any:
    return Folders().mktemp("test")


FIXTURES: dict[str, Any] = {
    "tmp_path": _folder, "tmpdir": _folder, "tmp_path_factory": Folders, "tmpdir_factory": Folders, "monkeypatch": _patching,
    "capsys": _capturing, "capfd": _capturing, "caplog": _logging, "recwarn": _warning,
}  # fmt: skip
"""By the names that tests ask for; a generator goes on after the test."""
