"""Ids by which rows of several files meet."""

from typing import Any

from syncode.schemas.records import Name, Row


class Names:
    """The ids of some rows. The same whole number meets itself as 7 and as "7": programs on the way write either."""

    def __init__(self) -> None:
        self._known: dict[str, Name] = {}

    def add(self, name: Name) -> None:
        """Let later rows meet this one."""
        self._known.setdefault(str(name), name)

    def met(self, row: Row, key: str = "task_id") -> Row:
        """Return the row with the reference in `key` written as the row that it names writes its id."""
        named: Any = row.get(key)
        found = self._known.get(str(named), named)
        return row if found is named or type(found) is type(named) else {**row, key: found}
