"""How a line becomes a row for a stage, and what of it is written again."""

from typing import Any, NotRequired, TypedDict

import pytest

from syncode.schemas.names import Names
from syncode.stream import Reads
from syncode.stream.reading import reader
from syncode.stream.rows import Done
from syncode.text.kinds import Kind, named


class Used(TypedDict):
    """Fields that a stage uses."""

    id: str | int
    labels: NotRequired[dict[str, Any]]


KINDS: tuple[Kind, ...] = ("document", "sample")
READS = Reads("probe", KINDS, Used, named=True)


def written(line: bytes, reads: Reads = READS, **changes: Any) -> bytes:
    """Return what is written of a row that a stage hands on, as it is or with changes."""
    parsed = reader(reads)(line)
    done = Done()
    done.take([{**parsed.row, **changes} if changes else parsed.row], None)
    return done.lines[0]


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":1, "text":"x" , "text":"\\u0078","n":1.0e0}',
        b'{"text":"no id"}',
        b'{"labels":null,"instruction":"a","output":"b"}',
    ],
)
def test_a_row_that_does_not_change_is_written_byte_for_byte(line: bytes) -> None:
    assert written(line + b"\r") == line


def test_a_row_that_changes_has_its_made_id_and_not_the_nulls_that_stand_for_nothing() -> None:
    made = reader(READS)(b'{"id":null,"text":"x","labels":null,"other":null}').row
    assert (len(made["id"]), "labels" in made, made["other"]) == (32, False, None)
    assert written(b'{"id":7,"text":"x"}', n=1) == b'{"id":7,"text":"x","n":1}'


def test_the_text_of_another_field_goes_in_and_not_out() -> None:
    reads = Reads("probe", KINDS, text="meta.body")
    line = b'{"meta": {"body": "x"}, "text": "a summary"}'
    assert reader(reads)(line).row["text"] == "x"
    assert written(line, reads) == line
    assert written(line, reads, n=1) == b'{"meta":{"body":"x"},"text":"a summary","n":1}'
    assert written(b'{"meta":{"body":"x"}}', reads, n=1) == b'{"meta":{"body":"x"},"n":1}'
    assert written(line, reads, text="cut") == b'{"meta":{"body":"x"},"text":"cut"}'


@pytest.mark.parametrize(
    ("row", "rule", "why"),
    [
        (b'{"bodi":"x"}', "input.no_field", "no field 'body' (did you mean bodi?)"),
        (b'{"body":7}', "input.no_field", "'body' should be text"),
        (b'{"model_a":"a","model_b":"b"}', "input.no_field", "no field 'body' (the row has model_a, model_b)"),
        (b'{"task_id":"t","text":"x"}', "input.kind", f"probe takes {named(KINDS)}, these are answers"),
        (b'{"text":"x","drop":"a.b: c"}', "a.b", ""),
    ],
)  # fmt: skip
def test_what_is_set_aside_says_why(row: bytes, rule: str, why: str) -> None:
    parsed = reader(Reads("probe", KINDS, text="body"))(row)
    assert (parsed.taken, parsed.rule, parsed.why) == (False, rule, why)


def test_turns_of_an_answer_are_looked_at_as_those_of_a_chat() -> None:
    read = reader(Reads("probe", ("answer",)))
    assert (
        read(b'{"task_id":"t","messages":[5]}').wrong == "messages[1] should be an object with a role and its content"
    )
    assert read(b'{"task_id":"t","text":"x","messages":null}').taken


def test_rows_meet_by_a_number_and_by_its_text() -> None:
    names = Names()
    for name in (7, "8", "x"):
        names.add(name)
    met = [names.met({"task_id": name})["task_id"] for name in ("7", 8, "x", 9, None)]
    assert met == [7, "8", "x", 9, None]
