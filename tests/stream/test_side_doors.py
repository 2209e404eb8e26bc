"""What is not the main stream: a command's second input, text for people, rows that come from no record file."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from syncode import stream
from syncode.errors import DataError
from syncode.schemas.records import Task
from syncode.stream import Flow

TASK = {"id": "t1", "messages": [{"role": "user", "content": "?"}]}


def test_a_second_input_is_read_and_checked(rows: Any) -> None:
    one, two = rows([TASK, b"", {**TASK, "id": "t2"}], "one.jsonl"), rows([{**TASK, "drop": "x.y: z"}], "two.jsonl")
    assert [row["id"] for row in stream.read([str(one), str(two)], Task)] == ["t1", "t2"]  # the third was dropped


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"id": "t2"}', r"tasks\.jsonl:3: no 'messages' \(a Task needs id, messages\)"),
        (b"{", r"tasks\.jsonl:3: not JSON"),
    ],
)
def test_a_second_input_names_its_bad_line(rows: Any, line: bytes, told: str) -> None:
    with pytest.raises(DataError, match=told):
        list(stream.read([str(rows([TASK, b"", line], "tasks.jsonl"))], Task))


def test_text_for_people_is_written_whole(tmp_path: Path, capfdbinary: Any) -> None:
    stream.write_text("a table\nof two lines\n\n", Flow(output=str(tmp_path / "table.md")))
    assert (tmp_path / "table.md").read_text() == "a table\nof two lines\n"
    stream.write_text("ünicode", Flow())
    assert capfdbinary.readouterr().out == "ünicode\n".encode()


def test_rows_that_come_from_no_file_are_limited_shared_and_counted(tmp_path: Path) -> None:
    pulled = []

    def items() -> Any:
        for number in range(1000):
            pulled.append(number)
            yield {"n": number, "pid": os.getpid()}

    def stage(row: Any) -> list[Any]:
        return [{**row, "worked": os.getpid()}]

    flow = Flow(output=str(tmp_path / "out"), workers=2, limit=10, quiet=True)
    counts = stream.map(stage, None, None, flow, rows=items(), grain=1)
    out = [json.loads(line) for line in (tmp_path / "out").open()]
    assert counts.line() == "10 read, 10 written"
    assert [row["n"] for row in out] == list(range(10))
    assert {row["pid"] for row in out} == {os.getpid()}
    assert os.getpid() not in {row["worked"] for row in out}
    assert len(pulled) <= 11


def test_an_error_of_where_rows_come_from_is_raised(tmp_path: Path) -> None:
    def items() -> Any:
        yield {"n": 1}
        raise DataError("archive.warc:7: cut short")

    for workers in (1, 2):
        with pytest.raises(DataError, match="archive"):
            stream.map(lambda row: [row], None, None, Flow(output=str(tmp_path / "o"), workers=workers), rows=items())
    assert list(tmp_path.iterdir()) == []
