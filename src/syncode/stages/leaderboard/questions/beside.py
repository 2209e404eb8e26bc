"""What stands beside results in other files: tasks, and the answers that were judged or run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.text.digests import answer_sha
from syncode.text.shown import answer_text, question


@dataclass(frozen=True)
class Beside:
    """Tasks by id, and answers by their own id and by (model, task id), in the order in which they came.

    Memory: the rows themselves.
    """

    tasks: Mapping[str, Row] = field(default_factory=dict)
    by_id: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    by_model: Mapping[tuple[str, str], Sequence[Row]] = field(default_factory=dict)

    def question(self, name: str) -> str | None:
        """Return the text of a task, None if it is not known."""
        task = self.tasks.get(name)
        return None if task is None else question(task, False)

    def answer(self, ids: Sequence[object], model: str, name: str, shas: Collection[str] = ()) -> Row | None:
        """Return an answer by one of its ids, else by its model and task, None if it is not known.

        Of several ones it is the first, which is the one judged, or the one whose digest is among `shas`, if there are any.
        Raises DataError for answers that are not those that were judged or run.
        """
        found = [row for each in ids for row in self.by_id.get(str(each), ())]
        if not found and all(each is None for each in ids):
            found = list(self.by_model.get((model, name), ()))
        fitting = [row for row in found if not shas or answer_sha(answer_text(row)) in shas]
        if found and not fitting:
            raise DataError(
                f"the answer {str(found[0]['id'])!r} of {model!r} to {name!r} is not the one that was judged or run (answer_sha)"
            )
        return fitting[0] if fitting else None

    def text(self, ids: Sequence[object], model: str, name: str, shas: Collection[str] = ()) -> str | None:
        """Return the text of an answer, None if it is not known."""
        found = self.answer(ids, model, name, shas)
        if found is not None:
            return answer_text(found)
        reference = (self.tasks.get(name, {}).get("references") or {}).get(model)
        return None if reference is None else str(reference)


def beside(tasks: Iterable[Row], answers: Iterable[Row]) -> Beside:
    """Return what stands beside results."""
    by_id: dict[str, list[Row]] = defaultdict(list)
    by_model: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for answer in answers:
        by_id[str(answer["id"])].append(answer)
        by_model[(answer["model"], str(answer["task_id"]))].append(answer)
    return Beside({str(task["id"]): task for task in tasks}, by_id, by_model)
