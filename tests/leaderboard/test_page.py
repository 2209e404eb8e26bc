"""The HTML report: one file, nothing from elsewhere, hostile texts kept as text, and alive in a real browser."""

import base64
import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from syncode.reports.leaderboard.page import page
from syncode.schemas.records import Row
from syncode.stages.leaderboard.board import Settings, board
from syncode.verdicts.games import Choice, collect
from syncode.verdicts.texts import Texts

HOSTILE = "</script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">"
BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


def verdicts() -> list[Row]:
    rows = []
    for number in range(24):
        for model, beaten in (("strong", number % 6 == 0), ("weak & <b>", number % 5 > 0)):
            for game, (a, b) in enumerate([("base", model), (model, "base")]):
                label = ("A>B" if game == 0 else "B>A") if beaten else ("B>A" if game == 0 else "A>B")
                missing = model == "strong" and number == 3 and game == 1
                rows.append(
                    {
                        "task_id": f"q{number:02}",
                        "model_a": a,
                        "model_b": b,
                        "judge": "the judge",
                        "protocol": "codearena",
                        "baseline": "base",
                        "label": None if missing else label,
                        "state": "unparsed" if missing else "ok",
                        "game": game,
                        "category": ["db", "dev"][number % 2],
                        "reason": f"{HOSTILE} because of {number}",
                    }
                )
    return rows


@pytest.fixture(scope="module")
def report() -> str:
    made = board(collect(verdicts(), Choice()), Settings(rounds=200, by=("category",)))
    questions = {f"q{number:02}": f"Question {number} {HOSTILE}" for number in range(24)}
    answers = {
        (model, task): f"By {model}:\n```python\n{HOSTILE}\n```\n" for model in ("base", "strong") for task in questions
    }
    return page(made, Texts(questions, answers))


def unpacked(report: str) -> Any:
    found = re.search(r'id="details">([^<]*)<', report)
    assert found
    return json.loads(gzip.decompress(base64.b64decode(found.group(1))))


def test_the_page_asks_nothing_of_the_network(report: str) -> None:
    assert not re.search(r"(?:src|href)\s*=|@import|url\(|https?://", report)


def test_names_are_escaped_and_texts_are_packed_away(report: str) -> None:
    assert "weak &amp; &lt;b&gt;" in report and "weak & <b>" not in report
    assert HOSTILE not in report
    assert report.count("<script") == 2


def test_the_page_holds_the_questions_behind_the_numbers(report: str) -> None:
    data = unpacked(report)
    assert [question["id"] for question in data["questions"]][:2] == ["q00", "q01"]
    assert data["models"] == ["strong", "weak & <b>"]
    assert len(data["games"]) == 96 and len(data["units"]) == 48
    assert data["answers"]["strong"]["0"].startswith("By strong")
    missing = [unit for unit in data["units"] if unit["k"] == 3]
    assert [(unit["q"], unit["m"]) for unit in missing] == [(3, 0)]


def test_equal_verdicts_make_equal_bytes(report: str) -> None:
    again = board(collect(verdicts(), Choice()), Settings(rounds=200, by=("category",)))
    assert page(again, Texts()) == page(again, Texts())
    assert report.startswith("<!doctype html>")


def in_browser(report: str, script: str, folder: Path) -> str:
    """Return the document as the browser sees it after `script` ran on the finished page."""
    if BROWSER is None:
        pytest.skip("this machine has no Chromium")
    waiting = (
        "<script>(function wait(){ if (!document.documentElement.dataset.ready) return setTimeout(wait, 20);"
        f" {script}; document.documentElement.dataset.tested = 'yes'; }})();</script>"
    )
    path = folder / "board.html"
    path.write_text(report.replace("</body>", waiting + "</body>"), encoding="utf-8")
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom"]
    command = [BROWSER, *flags, f"--user-data-dir={folder / 'profile'}", path.as_uri()]
    seen = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False).stdout
    assert 'data-tested="yes"' in seen, "the page's own script did not come to its end"
    assert "<title>broken" not in seen, "a text of an answer was run as a program"
    return seen


def texts(seen: str, pattern: str) -> list[str]:
    return re.findall(pattern, seen, re.DOTALL)


@pytest.mark.slow
def test_in_a_browser_a_question_opens_with_both_answers_and_the_reasons(report: str, tmp_path: Path) -> None:
    script = (
        "document.querySelectorAll('#list button')[4].click();"
        "document.title = [document.querySelectorAll('#view .text').length, document.querySelectorAll('#view .game').length,"
        " document.querySelector('#view code').textContent.includes('onerror'), document.getElementById('count').value].join('|')"
    )
    seen = in_browser(report, script, tmp_path)
    assert "<title>3|2|true|24 questions" in seen


@pytest.mark.slow
def test_in_a_browser_the_table_sorts_and_the_filters_filter(report: str, tmp_path: Path) -> None:
    script = (
        "const names = () => [...document.querySelectorAll('#board tbody th')].map((cell) => cell.textContent).join(',');"
        "const score = document.querySelectorAll('#board thead button')[2];"
        "score.click(); const down = names(); score.click(); const up = names();"
        "const set = (id, value) => { const box = document.getElementById(id); box.value = value;"
        " box.dispatchEvent(new Event('change')); };"
        "set('outcome', 'missing'); const missing = document.getElementById('count').value;"
        "set('outcome', ''); set('model', '1'); set('group', 'db'); const db = document.getElementById('count').value;"
        "document.title = [down, up, missing, db].join('|')"
    )
    seen = in_browser(report, script, tmp_path)
    assert "<title>strong,weak &amp; &lt;b&gt;|weak &amp; &lt;b&gt;,strong|1 question|12 questions" in seen
