import json
from pathlib import Path

import pytest

from syncode.text.taxonomy import classes, find_class, find_subclass, subclass_ids, subclasses

PUBLISHED = Path(__file__).parents[2] / "../shared/taxonomy.json"


def test_seven_classes_and_forty_subclasses() -> None:
    assert [one.id for one in classes()] == ["ui", "dev", "spec", "tools", "emerging", "db", "misc"]
    assert [len(one.subclasses) for one in classes()] == [2, 17, 6, 8, 3, 2, 2]
    assert len(set(subclass_ids())) == 40
    assert all(each.id.partition("/")[0] == each.category for each in subclasses())


def test_a_subclass_is_found_by_id_name_and_label_however_it_is_spelled() -> None:
    for each in subclasses():
        for spelling in (each.id, each.name, each.label, each.name.upper(), each.name.replace(" ", "-")):
            assert find_subclass(spelling) is each, spelling
    data = find_subclass("data & numerical")
    assert data is not None and data.id == "dev/data-processing-and-numerical-methods"
    assert find_subclass("blockchain") is None and find_subclass("") is None


def test_a_class_is_found_by_id_and_name() -> None:
    for one in classes():
        assert find_class(one.id) is one and find_class(one.name.lower()) is one
    assert find_class("code") is None


@pytest.mark.shared
def test_names_are_those_of_the_paper() -> None:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))["classes"]
    names = [(one["name"], [(sub["name"], sub["figure4_label"]) for sub in one["subclasses"]]) for one in published]
    assert names == [(one.name, [(each.name, each.label) for each in one.subclasses]) for one in classes()]
