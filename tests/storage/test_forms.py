"""JSONL, arrays, objects over several lines and tables are told apart by what the text holds, and read with their places."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncode import storage
from syncode.errors import DataError
from syncode.storage.values import Splitter

ROWS: list[Any] = [{"n": 1, "text": 'a "b" {[,\\'}, {"n": 2, "inner": {"list": [1, {"x": []}]}}, {"n": 3}]


def placed(path: Path, text: str) -> list[tuple[str, Any]]:
    """Return the place, without the path, and the value of each row."""
    path.write_bytes(text.encode())
    chunks = list(storage.read_chunks(str(path)))
    lines = [(chunk.at(number), line) for chunk in chunks for number, line in enumerate(chunk.lines, chunk.first)]
    return [(at.removeprefix(f"{path}:"), json.loads(line)) for at, line in lines if line.strip()]


FORMS = {
    "lines": ("\n".join(map(json.dumps, ROWS)), ["1", "2", "3"]),
    "lines with blank ones": ("\n\n" + "\n\n".join(map(json.dumps, ROWS)) + "\n\n", ["3", "5", "7"]),
    "an array on one line": (json.dumps(ROWS), [f"1: element {n}" for n in (1, 2, 3)]),
    "an array, an element per line": (
        "[\n" + ",\n".join(map(json.dumps, ROWS)) + "\n]\n", [f"{n + 1}: element {n}" for n in (1, 2, 3)]
    ),
    "an array, commas in front": (
        "\n [" + "\n, ".join(map(json.dumps, ROWS)) + "\n]", [f"{n + 1}: element {n}" for n in (1, 2, 3)]
    ),
    "an array, printed": (json.dumps(ROWS, indent=2), ["2: element 1", "6: element 2", "17: element 3"]),
    "an array, printed, Windows lines": (
        json.dumps(ROWS, indent=2).replace("\n", "\r\n"), ["2: element 1", "6: element 2", "17: element 3"]
    ),
    "objects, printed": (
        "\n".join(json.dumps(row, indent=1) for row in ROWS), ["1: element 1", "5: element 2", "16: element 3"]
    ),
    "objects, printed, nothing between": (
        "".join(json.dumps(row, indent=1) for row in ROWS), ["1: element 1", "4: element 2", "14: element 3"]
    ),
    "objects on one line": (" ".join(map(json.dumps, ROWS)), [f"1: element {n}" for n in (1, 2, 3)]),
    "an array without brackets": (",\n".join(map(json.dumps, ROWS)) + ",\n", [f"{n}: element {n}" for n in (1, 2, 3)]),
    "an array per line": (
        json.dumps(ROWS[:1]) + "\n" + json.dumps(ROWS[1:]) + "\n", ["1: element 1", "2: element 2", "2: element 3"]
    ),
    "an object around them": (
        json.dumps({"version": "1.0", "data": ROWS}), [f"1: element {n}" for n in (1, 2, 3)]
    ),
    "a printed object around them": (
        json.dumps({"rows": ROWS, "count": 3}, indent=2), [f"1: element {n}" for n in (1, 2, 3)]
    ),
    "the hub's viewer": (
        json.dumps({"features": [{"name": "n"}], "rows": [{"row_idx": n, "row": row} for n, row in enumerate(ROWS)]}),
        [f"1: element {n}" for n in (1, 2, 3)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows_with_their_places(tmp_path: Path, form: str) -> None:
    text, places = FORMS[form]
    assert placed(tmp_path / "rows.jsonl", text) == list(zip(places, ROWS, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "a", "messages": [{"role": "user"}]}',  # a row
        '{"id": "a", "data": [{"x": 1}]}',  # a row with data of its own
        '{"data": [{"x": 1}]}\n{"data": [{"x": 2}]}',  # two of them: rows
        '{"title": "Two Sum", "description": "Find.", "examples": [{"input": 1}, {"input": 2}]}',  # a problem
        '{"abstract": "x", "records": [{"x": 1}]}',
        '{"data": [1, 2]}',
        '{"text": "\\"data\\": [{"}',
        '{"data": []}',
    ],
)
def test_an_object_that_is_a_row_stays_whole(tmp_path: Path, text: str) -> None:
    assert [row for _, row in placed(tmp_path / "rows.jsonl", text)] == [json.loads(line) for line in text.split("\n")]


@pytest.mark.parametrize(
    "first",
    [
        '{"n": 1, "text": "cut he', '{"n": 1,', '{"n": 1', '{"n":', '{"messages": [', '{"n": NaN}', "not JSON, at all", '"text"',
        "[INFO] started", "17", "null", "WARNING: a,b", "n", "id,text", '{"n": 0}{"n": 1}', '{"n": 1},',
    ],
)  # fmt: skip
def test_a_bad_first_line_leaves_the_others_lines(tmp_path: Path, first: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{first}\n{{"n": 2}}\n{{"n": 3}}\n')
    lines = [line for chunk in storage.read_chunks(str(path)) for line in chunk.lines]
    assert lines == [first.encode(), b'{"n": 2}', b'{"n": 3}']


def test_elements_keep_their_bytes(tmp_path: Path) -> None:
    elements = [
        '{"n":1.0,"n":2,"big":12345678901234567890123}',
        '{ "a" : 1e2 ,"u":"\\u00e9" }',
        '"text"',
        "17",
        "null",
        "[1, 2]",
    ]
    (tmp_path / "rows").write_text(f"[{', '.join(elements)}]")
    assert [line.decode() for chunk in storage.read_chunks(str(tmp_path / "rows")) for line in chunk.lines] == elements


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('[{"n": 1},\n{"n": 2', 2, "the file is cut short: it ends inside element 2"),
        ('[{"n": 1},\n{"n": "2', 2, "it ends inside a text of element 2"),
        ('[{"n": 1},\n', 2, "it ends inside an array"),
        ('{\n "n": 1\n}\n{\n', 4, "it ends inside element 2"),
        ('[{"n": 1},\n{"n": "2\n"}]', 2, "element 2 holds a text whose closing quote is missing"),
        ('[{"n": 1}]\n]', 2, "']' closes what is not open, after element 1"),
        ('[{"n": 1}\n}]', 2, "'}' closes what is not open, after element 1"),
    ],
)
def test_a_damaged_array_names_the_line(tmp_path: Path, text: str, line: int, why: str) -> None:
    (tmp_path / "rows").write_text(text)
    with pytest.raises(DataError) as error:
        list(storage.read_chunks(str(tmp_path / "rows")))
    assert str(error.value).startswith(f"{tmp_path}/rows:{line}: ")
    assert why in str(error.value)


def test_rows_before_the_damage_are_handed_on(tmp_path: Path) -> None:
    size = storage.containers.BLOCK_BYTES
    text = ",\n".join(json.dumps({"n": n, "text": "x" * 1000}) for n in range(size // 250))
    (tmp_path / "rows").write_text("[" + text)
    read = []
    with pytest.raises(DataError, match="it ends inside an array"):
        for chunk in storage.read_chunks(str(tmp_path / "rows")):
            read += chunk.lines
    assert [json.loads(line)["n"] for line in read] == list(range(size // 250))


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    values=st.lists(st.dictionaries(st.text(), VALUE, max_size=3) | VALUE.filter(lambda v: not isinstance(v, list)), max_size=5),
    indent=st.sampled_from([None, 0, 2]),
    escaped=st.booleans(),
    step=st.integers(1, 7),
)  # fmt: skip
def test_where_blocks_end_does_not_matter(values: list[Any], indent: int | None, escaped: bool, step: int) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    splitter = Splitter()
    found = [pair for start in range(0, len(text), step) for pair in splitter.feed(text[start : start + step])]
    found += splitter.end()
    assert [json.loads(value) for _, value in found] == values
    assert all(line == text.count(b"\n", 0, _offset(text, found, index)) + 1 for index, (line, _) in enumerate(found))


def _offset(text: bytes, found: list[tuple[int, bytes]], index: int) -> int:
    """Return where the value of that index begins, by reading the ones before it again."""
    decoder = json.JSONDecoder()
    letters = text.decode("utf-8", "surrogatepass")
    position = letters.index("[") + 1
    for _ in range(index + 1):
        while letters[position] in " \n,":
            position += 1
        begin = position
        _, position = decoder.raw_decode(letters, position)
    return len(letters[:begin].encode("utf-8", "surrogatepass"))
