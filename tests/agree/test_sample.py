"""A blind sheet for people: what is on it, what is not, and what comes back."""

import base64
import csv
import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from syncode.reports.labelling.page import label_page
from syncode.reports.labelling.sheet import Item, key_text, sheet_text
from syncode.schemas.records import Row
from syncode.stages.agree.ratings import ratings_of
from syncode.stages.agree.sample import allocation, draw_items
from syncode.stages.agree.settings import SampleOptions
from syncode.verdicts.games import Choice, collect
from syncode.verdicts.texts import Texts

MODELS = ("zebra", "yak", "xerus")
TASKS = [f"q{number:02}" for number in range(40)]
BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


def verdicts() -> list[Row]:
    """Return double games of three models against `base`; zebra always wins, the others are judged by position now and then."""
    rows = []
    for number, task in enumerate(TASKS):
        for place, model in enumerate(MODELS):
            moody = place > 0 and number % 4 == 0
            labels = ("B>A", "B>A") if moody else ("B>A", "A>B") if number % (place + 2) else ("A>B", "B>A")
            shared = {
                "task_id": task,
                "judge": "j",
                "protocol": "codearena",
                "baseline": "base",
                "category": ["db", "dev"][number % 2],
            }
            rows.append({**shared, "model_a": "base", "model_b": model, "label": labels[0], "game": 0})
            rows.append({**shared, "model_a": model, "model_b": "base", "label": labels[1], "game": 1})
    return rows


def drawn(n: int = 30, people: int = 1, seed: int = 0) -> list[Item]:
    games = collect(verdicts(), Choice("plain"))
    options = SampleOptions(n=n, people=people)
    return draw_items(games, ratings_of(games, lambda name: False, "game"), options, seed)


def texts() -> Texts:
    answers = {
        (model, task): f"{model[::-1]} says\n```python\nx = 1\n```" for model in ("base", *MODELS) for task in TASKS
    }
    return Texts({task: f"Question {task}" for task in TASKS}, answers)


def test_the_weights_stand_for_all_pairs_and_a_tenth_comes_back_exchanged() -> None:
    items = drawn(30)
    first = [item for item in items if not item.again]
    assert len(first) == 30 and len(items) == 33
    assert sum(item.weight for item in first) == pytest.approx(len(TASKS) * len(MODELS))
    by_pair = {(item.task, frozenset((item.first, item.second))): item for item in first}
    for item in items[30:]:
        original = by_pair[(item.task, frozenset((item.first, item.second)))]
        assert (item.first, item.second) == (original.second, original.first)


def test_every_stratum_is_met_and_pairs_on_which_the_judge_wavers_are_told_apart() -> None:
    strata = Counter(item.stratum for item in drawn(30))
    assert {name.split("/")[0] for name in strata} == {"db", "dev"}
    assert {name.split("/")[2] for name in strata} == {"agreed", "split"}
    assert len({name.split("/")[1] for name in strata}) >= 2


def test_the_seed_draws_and_the_order_of_the_verdicts_does_not() -> None:
    games = collect(verdicts()[::-1], Choice("plain"))
    turned = draw_items(games, ratings_of(games, lambda name: False, "game"), SampleOptions(n=30), 0)
    assert {item.name for item in turned} == {item.name for item in drawn(30)}
    assert drawn(30, seed=1) != drawn(30)


@pytest.mark.parametrize(
    ("n", "given"),
    [
        (2, {"large": 2, "small": 0, "smaller": 0}),
        (3, {"large": 1, "small": 1, "smaller": 1}),
        (50, {"large": 48, "small": 1, "smaller": 1}),
        (200, {"large": 97, "small": 2, "smaller": 1}),
    ],
)
def test_every_stratum_has_an_item_as_long_as_there_are_enough(n: int, given: dict[str, int]) -> None:
    assert allocation({"large": 97, "small": 2, "smaller": 1}, n) == given


def test_more_pairs_than_there_are_gives_all_of_them() -> None:
    assert len([item for item in drawn(10_000) if not item.again]) == len(TASKS) * len(MODELS)


def test_all_people_share_the_first_hundred_items_and_split_the_rest() -> None:
    items = drawn(120, people=3)
    assert {item.people for item in items[:100]} == {"1;2;3"}
    assert {item.people for item in items[100:]} == {"1", "2", "3"}


def test_neither_sheet_nor_page_names_a_model_and_the_key_does() -> None:
    items = drawn(30)
    sheet, page, key = sheet_text(items, texts()), label_page(items, texts(), 1), key_text(items)
    found = re.search(r'id="items">([^<]*)<', page)
    assert found
    inside = gzip.decompress(base64.b64decode(found.group(1))).decode()
    for name in MODELS:
        assert name not in sheet + page + inside and name in key
    assert not re.search(r"(?:src|href)\s*=|@import|url\(|https?://", page)


@pytest.mark.parametrize("text", ["=1+1", "- a list", "+x", "@y", "\tz"])
def test_no_cell_of_the_sheet_is_a_formula(text: str) -> None:
    items = drawn(1)[:1]
    answers = {(name, items[0].task): text for name in (items[0].first, items[0].second)}
    (line,) = csv.DictReader(io.StringIO(sheet_text(items, Texts({items[0].task: "2 - 1?"}, answers))))
    assert (line["question"], line["answer_1"], line["answer_2"]) == ("2 - 1?", f"'{text}", f"'{text}")


@pytest.fixture
def labelled(syncode: Any) -> tuple[Any, list[str]]:
    """Verdicts, a sheet and a person who always prefers the answer of zebra, and else the first one."""
    folder = syncode.folder
    tasks = [{"id": task, "messages": [{"role": "user", "content": task}]} for task in TASKS]
    answers = [
        {"id": f"{model}/{task}", "task_id": task, "model": model, "text": f"by {model[::-1]}"}
        for model in ("base", *MODELS)
        for task in TASKS
    ]
    paths = [syncode.write("v.jsonl", verdicts()), syncode.write("t.jsonl", tasks), syncode.write("a.jsonl", answers)]
    from syncode import cli

    flags = [
        "--tasks",
        paths[1],
        "--answers",
        paths[2],
        "--n",
        "40",
        "--key",
        str(folder / "key.csv"),
        "--page",
        str(folder / "p.html"),
    ]
    assert cli.run(["agree", "sample", paths[0], *flags, "-o", str(folder / "sheet.csv")]) == 0
    lines = list(csv.DictReader(io.StringIO((folder / "sheet.csv").read_text())))
    labels = [[line["item"], "ann", "b" if line["answer_2"] == "by arbez" else "a"] for line in lines]
    return syncode, [paths[0], syncode.sheet("labels.csv", ["item", "annotator", "label"], labels)]


def test_labels_come_back_with_their_names_and_weights(labelled: tuple[Any, list[str]]) -> None:
    syncode, paths = labelled
    rows = syncode.run("agree", *paths, "--key", str(syncode.folder / "key.csv"), "--rounds", "0")
    gold = next(row for row in rows if row["kind"] == "gold")
    assert gold["n"] >= 38
    corrected = {row["model"]: row for row in rows if row["kind"] == "corrected"}
    assert corrected["zebra"]["people"] == 1.0
    assert corrected["zebra"]["labelled"] + corrected["zebra"]["unlabelled"] == len(TASKS)
    person = next(row for row in rows if row["kind"] == "judge" and row["judge"] == "people:ann")
    assert person["double_games"] == 4  # a tenth came back exchanged


def test_a_blind_sheet_without_its_key_is_refused(labelled: tuple[Any, list[str]]) -> None:
    syncode, paths = labelled
    from syncode import cli

    assert cli.run(["agree", *paths, "-o", str(syncode.folder / "x")]) == 3


@pytest.mark.slow
def test_in_a_browser_labels_are_given_kept_and_saved(tmp_path: Path) -> None:
    if BROWSER is None:
        pytest.skip("this machine has no Chromium")
    items = drawn(30)
    script = """(function wait() {
      if (!document.documentElement.dataset.ready) return setTimeout(wait, 20);
      document.getElementById("name").value = 'Ann "A"';
      document.querySelector('[data-label="b"]').click();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "0", bubbles: true }));
      const keep = (text) => { document.title = JSON.stringify(text); };
      URL.createObjectURL = (blob) => { blob.text().then(keep); return "about:blank#"; };
      HTMLAnchorElement.prototype.click = function () {};
      document.getElementById("save").click();
    })();"""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = label_page(items, texts(), 1).replace(
        "script-src ", f"script-src 'sha256-{digest}' ", 1
    )  # the test's own
    path = tmp_path / "label.html"
    path.write_text(allowed.replace("</body>", f"<script>{script}</script></body>"), encoding="utf-8")
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000", "--dump-dom"]
    command = [BROWSER, *flags, f"--user-data-dir={tmp_path / 'profile'}", path.as_uri()]
    seen = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False).stdout
    found = re.search(r"<title>(.*?)</title>", seen, re.DOTALL)
    assert found and found.group(1).startswith('"'), "the page did not save its labels"
    saved = list(csv.DictReader(io.StringIO(json.loads(found.group(1).replace("&quot;", '"').replace("&amp;", "&")))))
    assert [(line["item"], line["annotator"], line["label"]) for line in saved] == [
        (items[0].name, 'Ann "A"', "b"),
        (items[1].name, 'Ann "A"', "tie"),
    ]
    assert "item 3 of 33, 2 labelled" in seen
