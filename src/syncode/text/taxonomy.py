"""The 7 classes and 40 subclasses of CodeArena as data, and the ways to find one: by id, name or printed label."""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Subclass:
    """One of the 40. `id` is `<class>/<slug>` (chosen here), `name` the full name, `label` its abbreviation in Figure 4."""

    id: str
    name: str
    label: str

    @property
    def category(self) -> str:
        """The id of the class that it belongs to."""
        return self.id.partition("/")[0]


@dataclass(frozen=True)
class Class:
    """One of the 7. `id` is short (`dev`), `name` as in Table 1 and Figure 2."""

    id: str
    name: str
    subclasses: tuple[Subclass, ...]


@cache
def classes() -> tuple[Class, ...]:
    """Return the classes in the order of arXiv 2412.05210, with their subclasses."""
    published = json.loads(files(__package__).joinpath("taxonomy.json").read_text(encoding="utf-8"))
    return tuple(
        Class(one["id"], one["name"], tuple(Subclass(**each) for each in one["subclasses"]))
        for one in published["classes"]
    )


@cache
def subclasses() -> tuple[Subclass, ...]:
    """Return all subclasses, class by class."""
    return tuple(each for one in classes() for each in one.subclasses)


@cache
def subclass_ids() -> tuple[str, ...]:
    """Return the ids of all subclasses, class by class."""
    return tuple(each.id for each in subclasses())


def find_subclass(text: str) -> Subclass | None:
    """Return the subclass that an id, a name or a label means, however it is spelled, or None.

    Case, blanks and punctuation do not matter, `&` is `and`: `Data & Numerical`, `data-structures`, `dev/code-debugging`.
    """
    return _by_spelling().get(_plain(text))


def find_class(text: str) -> Class | None:
    """Return the class that an id or a name means, however it is spelled, or None."""
    return _classes_by_spelling().get(_plain(text))


@cache
def _by_spelling() -> dict[str, Subclass]:
    found: dict[str, Subclass] = {}
    for each in subclasses():
        for spelling in (each.id, each.name, each.label):
            if found.setdefault(_plain(spelling), each) is not each:
                raise ValueError(f"taxonomy.json: {spelling!r} means {each.id} and {found[_plain(spelling)].id}")
    return found


@cache
def _classes_by_spelling() -> dict[str, Class]:
    return {_plain(spelling): one for one in classes() for spelling in (one.id, one.name)}


def _plain(text: str) -> str:
    return "".join(re.findall(r"[a-z0-9]+", text.lower().replace("&", " and ")))
