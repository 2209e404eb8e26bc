"""What is not the main stream: a command's second input, text for people, rows that come from no record file."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from syncode import cli, stream
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


def test_two_tasks_of_one_id_are_refused_with_both_places_unless_they_are_the_same(rows: Any) -> None:
    whole = rows([{**TASK, "id": 1}, TASK, {**TASK, "id": "1"}], "one.jsonl")
    assert [row["id"] for row in stream.read_tasks([str(whole), str(whole)])] == [1, "t1"]
    other = rows([b"", {**TASK, "tests": "assert True"}], "two.jsonl")
    with pytest.raises(DataError, match=r"task 't1' stands twice .*one\.jsonl:2, .*two\.jsonl:2\)"):
        list(stream.read_tasks([str(whole), str(other)]))


def test_labels_of_a_task_are_joined_in_any_order_and_two_values_of_one_are_refused(rows: Any) -> None:
    plain = str(rows([{**TASK, "id": 1}], "plain.jsonl"))
    kind = str(rows([{**TASK, "id": "1", "labels": {"category": "sql"}}], "kind.jsonl"))
    hard = str(rows([{**TASK, "id": 1, "labels": {"difficulty": "hard"}}], "hard.jsonl"))
    for files in ([plain, kind, hard], [hard, kind, plain], [kind, plain, hard]):
        found = {str(task["id"]): task["labels"] for task in stream.read_tasks(files) if "labels" in task}
        assert found == {"1": {"category": "sql", "difficulty": "hard"}}
    other = str(rows([{**TASK, "id": 1, "labels": {"category": "web"}}], "other.jsonl"))
    with pytest.raises(
        DataError, match=r"two values of the label 'category': 'sql' .*kind\.jsonl:1.*'web' .*other\.jsonl:1"
    ):
        list(stream.read_tasks([kind, other]))


@pytest.mark.parametrize(
    "command",
    [
        "execute a.jsonl --tasks t.jsonl",
        "execute score e.jsonl --tasks t.jsonl",
        "judge a.jsonl --tasks t.jsonl --baseline m --model mock --no-journal",
        "leaderboard v.jsonl --format html --tasks t.jsonl",
        "agree sample v.jsonl --tasks t.jsonl --answers a.jsonl",
    ],
)
def test_every_command_with_tasks_refuses_two_of_one_id(
    rows: Any, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows([{**TASK, "id": 0}, {**TASK, "id": "0", "tests": "assert True"}], "t.jsonl")
    rows([{"id": "a", "task_id": "0", "model": "m", "text": "x"}], "a.jsonl")
    rows([{"id": "e", "of": "a", "task_id": "0", "model": "m", "state": "pass", "passed": True, "tests": 1,
           "seconds": 0.1, "toolchain": "python"}], "e.jsonl")  # fmt: skip
    sides = {"model_a": "m", "model_b": "n", "order": "ab", "judge": "j", "protocol": "codearena", "state": "ok"}
    rows([{"id": "v", "task_id": "0", **sides, "label": "A>B"}], "v.jsonl")
    assert cli.run(command.split()) == 3
    assert "task '0' stands twice with different content (t.jsonl:1, t.jsonl:2)" in capsys.readouterr().err
    assert not (tmp_path / "key.csv").exists()


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
