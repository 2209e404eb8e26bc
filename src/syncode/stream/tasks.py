"""Reads the tasks that a command is given beside its rows: each name stands for one question."""

from collections.abc import Iterable, Iterator

from syncode.errors import DataError
from syncode.schemas.records import Row, content_id
from syncode.stream.reads import TASKS
from syncode.stream.rows import Place, read

ABOUT = ("labels", "lineage")
"""What is said about a task: it is the same one before and after `classify`."""


def read_tasks(sources: Iterable[str]) -> Iterator[Row]:
    """Yield the checked tasks of some files, each once. Memory: about 0.3 KB per task.

    A task that stands twice with equal content is the same one; 7 and "7" are one id. If the second one has labels that the first
    one has not, it is yielded again with all of them. Raises DataError, with both places, for two different tasks of one id, and
    for two values of one label: what is tested, judged or broken down would depend on which of them came last.
    """
    place = Place()
    seen: dict[str, tuple[str, str | None, Row]] = {}
    for task in read(sources, TASKS, place):
        name = str(task["id"])
        content = content_id({**{key: value for key, value in task.items() if key not in ABOUT}, "id": name})
        before, at, known = seen.get(name, (content, place.at, {}))
        if before != content:
            raise DataError(
                f"task {name!r} stands twice with different content ({at}, {place.at}): give one another id"
            )
        labels: Row = {**known.get("labels", {}), **(task.get("labels") or {})}
        for label, value in known.get("labels", {}).items():
            if labels[label] != value:
                raise DataError(
                    f"task {name!r} has two values of the label {label!r}: {value!r} ({at}) and {labels[label]!r} "
                    f"({place.at}): keep one of them"
                )
        if name not in seen:
            yield task
        elif labels != known["labels"]:
            yield {**task, "id": known["id"], "labels": labels}
        seen[name] = (content, at, {"id": known.get("id", task["id"]), "labels": labels})
