"""The language of rows without a model, and the labels that a model gives."""

import asyncio
import json

import pytest

from syncode.engines import Reply, Request
from syncode.schemas.records import Row
from syncode.stages.classify import label, with_language

PYTHON = "def area(width, height):\n    return width * height\n"


def language(**row: object) -> tuple[object, object]:
    (out,) = with_language({"id": "1", **row})
    return out.get("language"), out["labels"]["code"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"text": PYTHON, "source": {"kind": "path", "path": "a/area.py"}}, ("python", True)),
        ({"text": PYTHON, "language": "python"}, ("python", True)),
        ({"text": "x", "language": "C++"}, ("cpp", True)),
        ({"text": PYTHON, "source": None, "language": None}, ("python", True)),
        ({"text": f"# Area\n\nInstall:\n\n```sh\npip install area\n```\n\n```python\n{PYTHON}```\n"}, ("python", True)),
        ({"text": f"```python\n{PYTHON}```\n", "language": "markdown"}, ("python", True)),
        (
            {"text": "Cats and dogs live together in a small house by the sea.", "language": "markdown"},
            ("markdown", False),
        ),
        ({"text": "Cats and dogs live together in a small house by the sea."}, (None, False)),
        ({"task_id": "t", "messages": [{"role": "assistant", "content": f"```python\n{PYTHON}```"}]}, ("python", True)),
        ({"task_id": "t", "solution": PYTHON}, ("python", True)),
        ({"messages": [{"role": "user", "content": f"Fix it:\n\n```python\n{PYTHON}```"}]}, ("python", True)),
    ],
)
def test_language_of_a_row(row: Row, expected: tuple[str | None, bool]) -> None:
    assert language(**row) == expected


def test_a_page_with_code_stays_a_page_and_a_file_a_file() -> None:
    page = with_language({"id": "1", "text": f"# Area\n\n```python\n{PYTHON}```\n"})[0]
    file = with_language({"id": "2", "text": PYTHON, "source": {"kind": "path", "path": "area.py"}})[0]
    assert (page["language"], page["labels"]["form"]) == ("python", "page")
    assert (file["language"], file["labels"]["form"]) == ("python", "file")
    assert [with_language(row)[0] for row in (page, file)] == [page, file]


REPLY = {"subcategory": "dev/code-debugging", "difficulty": "medium", "algorithmic": True}
DOCUMENT: Row = {
    "id": "d1",
    "text": PYTHON,
    "source": {"kind": "path", "path": "area.py"},
    "lineage": [{"op": "crawl", "version": 1}],
}


def labelled(text: str, error: str | None = None) -> Row:
    async def ask(request: Request) -> Reply:
        assert PYTHON in request.messages[-1]["content"]
        assert request.schema is not None
        return Reply(text, "stop", {}, "m", "key", error)

    (row,) = asyncio.run(label(DOCUMENT, ask, document_chars=3000))
    return row


def test_a_reply_becomes_labels_and_a_lineage_step() -> None:
    row = labelled(json.dumps(REPLY))
    assert row["labels"].items() >= {**REPLY, "category": "dev", "code": True}.items()
    assert [step["op"] for step in row["lineage"]] == ["crawl", "classify"]
    assert row["language"] == "python"


@pytest.mark.parametrize(
    "text", ["no idea", json.dumps({**REPLY, "subcategory": "dev/cooking"}), json.dumps(REPLY)[:-5]]
)
def test_an_unreadable_reply_is_kept_beside_the_dropped_row(text: str) -> None:
    row = labelled(text)
    assert row["drop"].startswith("classify.unreadable: ")
    assert row["reply"] == text
    assert row["text"] == PYTHON


def test_a_failed_request_is_a_failed_row() -> None:
    assert labelled("", "HTTP 500")["drop"] == "classify.engine: HTTP 500"
