"""What stands beside results in other files: tasks, and the answers that were judged or run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from syncode.schemas.records import Row
from syncode.text.shown import answer_text, question


@dataclass(frozen=True)
class Beside:
    """Tasks by id, and answers by their own id and by (model, task id): the first one that came, which is the one judged.

    Memory: the rows themselves.
    """

    tasks: Mapping[str, Row] = field(default_factory=dict)
    by_id: Mapping[str, Row] = field(default_factory=dict)
    by_model: Mapping[tuple[str, str], Row] = field(default_factory=dict)

    def question(self, name: str) -> str | None:
        """Return the text of a task, None if it is not known."""
        task = self.tasks.get(name)
        return None if task is None else question(task, False)

    def answer(self, ids: Sequence[object], model: str, name: str) -> Row | None:
        """Return an answer by one of its ids, else by its model and task, None if it is not known."""
        found = next((self.by_id[str(each)] for each in ids if str(each) in self.by_id), None)
        if found is not None or any(each is not None for each in ids):
            return found
        return self.by_model.get((model, name))

    def text(self, ids: Sequence[object], model: str, name: str) -> str | None:
        """Return the text of an answer, None if it is not known."""
        found = self.answer(ids, model, name)
        if found is not None:
            return answer_text(found)
        reference = (self.tasks.get(name, {}).get("references") or {}).get(model)
        return None if reference is None else str(reference)


def beside(tasks: Iterable[Row], answers: Iterable[Row]) -> Beside:
    """Return what stands beside results; of several answers of a model to a task the first counts, as in `judge`."""
    known = {str(task["id"]): task for task in tasks}
    by_id: dict[str, Row] = {}
    by_model: dict[tuple[str, str], Row] = {}
    for answer in answers:
        by_id.setdefault(str(answer["id"]), answer)
        by_model.setdefault((answer["model"], str(answer["task_id"])), answer)
    return Beside(known, by_id, by_model)
