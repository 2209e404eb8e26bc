"""Tables with a header are read as rows: delimiters, quotes, long cells, places, and cells that are JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from syncode import storage
from syncode.errors import DataError
from syncode.schemas.wire import loads


def named(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def read(path: Path, text: str | bytes) -> list[tuple[int, Any]]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    chunks = storage.read_chunks(str(path))
    numbered = (pair for chunk in chunks for pair in enumerate(chunk.lines, chunk.first))
    return [(number, json.loads(line)) for number, line in numbered if line.strip()]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("id,text\na,one two\nb,three\n", [(2, {"id": "a", "text": "one two"}), (3, {"id": "b", "text": "three"})]),
        ("id;text\na;1,5\n", [(2, {"id": "a", "text": "1,5"})]),
        ("id\ttext\r\na\tx\r\n", [(2, {"id": "a", "text": "x"})]),
        ('"id","text"\n"a","say ""hi"", twice"\n', [(2, {"id": "a", "text": 'say "hi", twice'})]),
        ('id,text\na,"two\nlines"\nb,x\n', [(2, {"id": "a", "text": "two\nlines"}), (4, {"id": "b", "text": "x"})]),
        ('id,text\na,"x\n\n\ny"\n\nb,"{""k"": 1}"', [(2, {"id": "a", "text": "x\n\n\ny"}), (7, {"id": "b", "text": '{"k": 1}'})]),
        ("\n\nid,text\n\na,x", [(5, {"id": "a", "text": "x"})]),
        (",id,text\n0,a,x\n", [(2, {"id": "a", "text": "x"})]),  # with the index that pandas writes
        ("id,text\na\n", [(2, {"id": "a"})]),
        ("id,text,drop\na,,\n", [(2, {"id": "a", "text": ""})]),
        ("编号,文本\n1,你好\n", [(2, {"编号": "1", "文本": "你好"})]),
        ('"a;b;c;d",text\nx,y\n', [(2, {"a;b;c;d": "x", "text": "y"})]),
        ("text,label\n[INST] Write add. [/INST],1\n", [(2, {"text": "[INST] Write add. [/INST]", "label": "1"})]),
        ("text,label\n{name} is here,1\n", [(2, {"text": "{name} is here", "label": "1"})]),
        ("\ufeffid,text\na,x\n", [(2, {"id": "a", "text": "x"})]),
        ("id,text\ra,x\r", [(2, {"id": "a", "text": "x"})]),
    ],
)  # fmt: skip
def test_a_table(tmp_path: Path, text: str, rows: list[tuple[int, Any]]) -> None:
    assert read(tmp_path / "rows", text) == rows


def test_cells_under_keys_that_hold_no_text_are_json(tmp_path: Path) -> None:
    text = 'id,messages,weight,held,text,labels\n7,"[{""role"": ""user""}]",0.5,True,"[1]",\n8,not json,,False,2,"{}"\n'
    assert read(tmp_path / "rows.csv", text) == [
        (2, {"id": "7", "messages": [{"role": "user"}], "weight": 0.5, "held": True, "text": "[1]"}),
        (3, {"id": "8", "messages": "not json", "held": False, "text": "2", "labels": {}}),
    ]


def test_a_single_word_is_a_header_only_by_the_name_of_the_file(tmp_path: Path) -> None:
    assert read(tmp_path / "rows.csv", "text\nfoo\n") == [(2, {"text": "foo"})]
    (tmp_path / "rows.jsonl").write_text("text\nfoo\n")
    assert [chunk.lines for chunk in storage.read_chunks(str(tmp_path / "rows.jsonl"))] == [[b"text", b"foo"]]


@pytest.mark.parametrize(
    "text", ["Yes, that works.\n", "id,text\n", "id,text", 'a, b\n{"id": 1}\n', "a, b\n[\n1]\n", "a,b\n[1, 2]\n"]
)
def test_a_line_with_commas_is_no_table_without_rows_that_are_no_json(tmp_path: Path, text: str) -> None:
    first = next(storage.read_chunks(str(named(tmp_path / "rows", text))))
    assert first.lines[0] == text.partition("\n")[0].encode()


def test_by_its_name_a_table_may_be_empty_and_hold_brackets(tmp_path: Path) -> None:
    assert read(tmp_path / "rows.csv", "id,text\n") == []
    assert read(tmp_path / "rows.tsv", "text\n[1]\n") == [(2, {"text": "[1]"})]


def test_two_columns_of_one_name_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"rows:2: two columns are called 'text': rename one"):
        read(tmp_path / "rows", "\nid,text,text\na,b,c\n")


@pytest.mark.parametrize(
    ("cell", "key"),
    [("NaN", "'weight' is NaN"), ("nan", "'weight' is NaN"), ("-inf", "'weight' is infinite"),
     ("Infinity", "'weight' is infinite"),
     ("1e999", "'weight' is infinite"), ('"{""a"": [NaN]}"', r"'weight.a\[0\]' is NaN"), ("+Inf", "'weight' is infinite")],
)  # fmt: skip
def test_what_is_no_number_is_refused_as_in_jsonl_and_not_written_as_null(tmp_path: Path, cell: str, key: str) -> None:
    path = named(tmp_path / "rows", f"id,weight,text\na,{cell},NaN\n")
    (line,) = [line for chunk in storage.read_chunks(str(path)) for line in chunk.lines]
    with pytest.raises(ValueError, match=key):
        loads(line)


def test_more_cells_than_names_are_no_row(tmp_path: Path) -> None:
    assert read(tmp_path / "rows.csv", "id,text\na,b,c\nd,e\n") == [(2, ["a", "b", "c"]), (3, {"id": "d", "text": "e"})]


def test_a_quote_that_is_not_closed_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"rows.csv:\d+: not readable as CSV"):
        read(tmp_path / "rows.csv", 'id,text\na,"open\nb,x\nc,y\n')


def test_a_table_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"rows.csv:3: not UTF-8 .* save the table as UTF-8"):
        read(tmp_path / "rows.csv", b"id,text\na,x\nb,caf\xe9\n")


def test_a_cell_longer_than_a_block(tmp_path: Path) -> None:
    cell = 'x, "y"\n' * 100_000
    text = 'id,text\na,"' + cell.replace('"', '""') + '"\nb,z\n'
    assert read(tmp_path / "rows.csv", text) == [(2, {"id": "a", "text": cell}), (100_003, {"id": "b", "text": "z"})]
