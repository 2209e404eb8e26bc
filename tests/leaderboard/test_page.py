"""The HTML report: one file, nothing from elsewhere, hostile texts kept as text, and alive in a real browser."""

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from syncode.reports.leaderboard.page import page
from syncode.reports.markdown import rendered
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
                        "language": ["python", "rust", "go"][number % 3],
                        "difficulty": ["easy", "hard"][number // 12],
                        "question_sha": f"{number:032x}",
                        "answer_sha_a": f"{len(a) * 100 + number:032x}",
                        "answer_sha_b": f"{len(b) * 100 + number:032x}",
                        "usage": {"prompt_tokens": 100, "completion_tokens": 20} if number else {},
                        "reason": f"{HOSTILE} because of {number}",
                    }
                )
    return rows


@pytest.fixture(scope="module")
def report() -> str:
    made = board(collect(verdicts(), Choice()), Settings(rounds=200, by=("category",)))
    questions = {f"q{number:02}": f"Question {number} {HOSTILE}" for number in range(24)}
    answers = {
        (model, task): f"# By {model}\n\nAn *answer*, [a link](javascript:alert(1)) {HOSTILE}\n\n```python\n"
        f"def f(x):  # why\n    return '{HOSTILE}'\n```\n"
        for model in ("base", "strong")
        for task in questions
    }
    usage = {("strong", "q04"): {"prompt_tokens": 7, "completion_tokens": 5}}
    return page(made, Texts(questions, answers, usage=usage), seed=5)


def unpacked(report: str, name: str) -> Any:
    found = re.search(rf'id="{name}">([^<]*)<', report)
    assert found
    return json.loads(gzip.decompress(base64.b64decode(found.group(1))))


def test_the_page_asks_nothing_of_the_network(report: str) -> None:
    assert not re.search(r"(?:src|href)\s*=\s*[\"']|@import|url\(|https?://", report)
    assert "default-src 'none'; script-src 'sha256-" in report


def test_names_are_escaped_and_texts_are_packed_away(report: str) -> None:
    assert "weak &amp; &lt;b&gt;" in report and "weak & <b>" not in report
    assert HOSTILE not in report
    assert report.count("<script") == 2 + 24  # the index, one part per question, and the page's own


def test_the_index_holds_no_answers_and_each_part_one_question(report: str) -> None:
    index, part = unpacked(report, "index"), unpacked(report, "question-4")
    assert index["questions"]["id"][:2] == ["q00", "q01"]
    assert [index["names"][number] for number in index["models"]] == ["strong", "weak & <b>"]
    assert len(index["units"]["q"]) == 48 and "By strong" not in json.dumps(index)
    assert (
        index["questions"]["language"][:3] == ["python", "rust", "go"]
        and index["questions"]["difficulty"][12] == "hard"
    )
    strong = part["answers"][str(index["names"].index("strong"))]
    assert strong["text"].startswith("<h1>By strong</h1>") and strong["tokens"] == 12 and len(strong["sha"]) == 32
    assert part["sha"] == f"{4:032x}" and len(part["games"]) == 4 and part["games"][0]["t"] == 120
    assert unpacked(report, "question-0")["games"][0]["t"] is None  # not said is not 0
    missing = [place for place, kind in enumerate(index["units"]["k"]) if index["kinds"][kind] == "missing"]
    assert [index["units"]["q"][place] for place in missing] == [3]


def test_seed_digest_and_cost_stand_on_the_page(report: str) -> None:
    assert re.search(
        r"Verdicts <code>[0-9a-f]{32}</code>; seed 5; 11,040 tokens of the judge and 4 games of unknown cost", report
    )


def test_equal_verdicts_make_equal_bytes(report: str) -> None:
    again = board(collect(verdicts(), Choice()), Settings(rounds=200, by=("category",)))
    assert page(again, Texts()) == page(again, Texts())
    assert report.startswith("<!doctype html>")


ALLOWED = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "hr", "br", "pre", "code", "em", "strong", "s", "a"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTACKS = (
    HOSTILE,
    "![x](https://example.org/track.png)",
    "[x](javascript:alert(1)) [y](JaVaScRiPt:alert(1)) [z](data:text/html,<script>) [w](vbscript:x) <javascript:alert(1)>",
    '[x](https://example.org/"onmouseover=alert(1))',
    '```py" onload="alert(1)\n<svg/onload=alert(1)>\n```',
    "`<img src=x onerror=alert(1)>`",
    "| <img src=x onerror=alert(1)> | b |\n|---|---|\n| <iframe src=javascript:alert(1)> | 2 |",
    "<style>*{display:none}</style><form action=x><input autofocus onfocus=alert(1)></form><base href=x>",
    "<!-- --><svg><script>alert(1)</script></svg>&lt;script&gt;",
    "[a]: javascript:alert(1)\n\n[a] [b][a]",
    "> " * 60 + "<details open ontoggle=alert(1)>",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_rendered_markdown_has_no_tag_or_attribute_but_those_of_markdown(attack: str) -> None:
    seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append((tag, attrs))

    Reader().feed(rendered(attack))
    assert {tag for tag, _ in seen} <= ALLOWED
    for tag, attributes in seen:
        for name, value in attributes:
            assert name in {"href", "rel", "target", "title", "data-language", "style", "start"}, (tag, name)
            assert name != "href" or str(value).startswith(("https://", "http://", "mailto:"))
            assert name != "style" or re.fullmatch(r"text-align:(left|right|center)", str(value))


def in_browser(report: str, script: str, folder: Path, address: str = "") -> str:
    """Return the document as the browser sees it after `script`, the body of an async function, ran on the finished page."""
    if BROWSER is None:
        pytest.skip("this machine has no Chromium")
    waiting = (
        "(function wait(){ if (!document.documentElement.dataset.ready) return setTimeout(wait, 20);"
        " const view = document.getElementById('view');"
        " const shown = async (name) => { while (view.dataset.shown !== name) await new Promise((go) => setTimeout(go, 10)); };"
        " const set = (id, value) => { const box = document.getElementById(id); box.value = value;"
        " box.dispatchEvent(new Event('change')); };"
        f" (async () => {{ {script}; document.documentElement.dataset.tested = 'yes'; }})(); }})();"
    )
    digest = base64.b64encode(hashlib.sha256(waiting.encode()).digest()).decode()
    allowed = report.replace(
        "script-src 'sha256-", f"script-src 'sha256-{digest}' 'sha256-", 1
    )  # the test's own script
    path = folder / "board.html"
    path.write_text(allowed.replace("</body>", f"<script>{waiting}</script></body>"), encoding="utf-8")
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom"]
    command = [BROWSER, *flags, f"--user-data-dir={folder / 'profile'}", path.as_uri() + address]
    seen = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False).stdout
    assert 'data-tested="yes"' in seen, "the page's own script did not come to its end"
    assert "<title>broken" not in seen, "a text of an answer was run as a program"
    return seen


@pytest.mark.slow
def test_in_a_browser_a_question_opens_with_both_answers_and_the_reasons(report: str, tmp_path: Path) -> None:
    script = (
        "document.querySelectorAll('#list button')[4].click(); await shown('q04');"
        "const q = (what) => view.querySelectorAll(what).length;"
        "document.title = [q('.text'), q('.game'), q('.text h1'), q('.text script, .text img'),"
        " view.querySelector('pre code .k').textContent, view.querySelector('pre code .c').textContent,"
        " view.querySelector('pre code').textContent.includes('onerror'), view.textContent.includes('12 tokens'),"
        " view.textContent.includes('question digest'), document.getElementById('count').value].join('|')"
    )
    seen = in_browser(report, script, tmp_path)
    assert "<title>3|2|2|0|def|# why|true|true|true|24 questions" in seen


@pytest.mark.slow
def test_in_a_browser_no_text_runs_even_if_it_were_not_escaped(report: str, tmp_path: Path) -> None:
    script = (
        "const box = document.createElement('div'); box.innerHTML = '<img src=x onerror=\"document.title = 1; "
        "document.documentElement.dataset.ran = 1\">'; document.body.append(box);"
        "const own = document.createElement('script'); own.textContent = 'document.documentElement.dataset.ran = 2';"
        "document.body.append(own); await new Promise((go) => setTimeout(go, 300))"
    )
    assert "data-ran" not in in_browser(report, script, tmp_path).split("<body", 1)[0]


@pytest.mark.slow
def test_in_a_browser_the_table_sorts_and_the_filters_filter(report: str, tmp_path: Path) -> None:
    script = (
        "const names = () => [...document.querySelectorAll('#board tbody th')].map((cell) => cell.textContent).join(',');"
        "const score = document.querySelectorAll('#board thead button')[2];"
        "const found = () => parseInt(document.getElementById('count').value);"
        "const weak = document.querySelectorAll('#model option')[1].value;"
        "score.click(); const down = names(); score.click(); const up = names();"
        "set('outcome', 'missing'); const missing = found();"
        "set('outcome', ''); set('model', weak); set('category', 'db'); const db = found();"
        "set('language', 'rust'); const rust = found(); set('difficulty', 'hard'); const hard = found();"
        "document.title = [down, up, missing, db, rust, hard].join('|')"
    )
    seen = in_browser(report, script, tmp_path)
    assert "<title>strong,weak &amp; &lt;b&gt;|weak &amp; &lt;b&gt;,strong|1|12|4|2" in seen


@pytest.mark.slow
def test_in_a_browser_two_contestants_stand_side_by_side_and_an_address_opens_a_question(
    report: str, tmp_path: Path
) -> None:
    script = (
        "await shown('q07');"
        "const titles = () => [...view.querySelectorAll('.sides h3')].map((head) => head.textContent).join(',');"
        "const first = titles(); set('outcome', 'differ'); const differ = parseInt(document.getElementById('count').value);"
        "set('outcome', ''); location.hash = '#question=q09&model=strong'; await shown('q09'); const second = titles();"
        "document.title = [first, differ, second, decodeURIComponent(location.hash)].join('|')"
    )
    seen = in_browser(report, script, tmp_path, "#question=q07&model=strong&beside=weak+%26+%3Cb%3E")
    title = "Model: strong,Beside: weak &amp; &lt;b&gt;|{}|Model: strong,Against: base|#question=q09&amp;model=strong"
    found = re.search("<title>" + re.escape(title).replace(r"\{\}", r"(\d+)") + "</title>", seen)
    assert found and 0 < int(found[1]) < 24
