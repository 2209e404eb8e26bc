"""The tests of a row that are data, with their hash; those of the last row asked about are kept, for a task has many answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncode.errors import DataError
from syncode.schemas.records import content_id
from syncode.stages.execute.given import NoTests
from syncode.text.cases import Cases, cases_of


@dataclass(frozen=True)
class Data:
    """Tests that are data. `sha`: of all that decides about an output: 32 hex digits."""

    cases: Cases
    sha: str


def data_of(row: Mapping[str, Any]) -> Data | None:
    """Return the tests that a row holds as data, or None. Raises NoTests for such tests that cannot be read."""
    if _last and _last[0][0] is row:
        return _last[0][1]
    try:
        cases = cases_of(row)
    except DataError as error:
        raise NoTests(str(error)) from error
    found = None
    if cases is not None:
        sha = content_id("cases", [vars(case) for case in cases.cases], repr({**vars(cases), "cases": ()}))
        found = Data(cases, sha)
    _last[:] = [(row, found)]
    return found


_last: list[tuple[Mapping[str, Any], Data | None]] = []
