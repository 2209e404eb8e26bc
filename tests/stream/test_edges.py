"""What comes in at the edge of a stage: bad, blank, foreign, huge and repeated lines, limits and empty input."""

import codecs
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncode.stream import Flow

Probe = Callable[..., Any]
Rows = Callable[..., Path]


def test_a_bad_line_ends_the_run_and_is_named(probe: Probe, rows: Rows, shape: str) -> None:
    rows([{"n": 1}, b'{"n": 2', {"n": 3}])
    ran = probe(f"$probe {shape} rows.jsonl")
    assert ran.code == 3
    in_flight = [3] if "ask" in shape else []  # what a model was already asked is paid for
    assert [json.loads(line)["n"] for line in ran.out.splitlines()] == [1, *in_flight]
    assert ran.err.startswith(b"syncode probe: rows.jsonl:2: not JSON (")
    assert b"Traceback" not in ran.err


def test_a_bad_line_on_a_pipe_is_named(probe: Probe) -> None:
    ran = probe("printf '{\"n\": 1}\\n\\n[]\\n' | $probe")
    assert ran.code == 3
    assert ran.err.startswith(b"syncode probe: <stdin>:3: a Numbered is a JSON object, this is a list")


def test_with_rejects_a_bad_line_is_set_aside_with_its_place(probe: Probe, rows: Rows, shape: str) -> None:
    rows([{"n": 1}, b"\xff\xfe", {"n": "two"}, {"n": 3, "discard": "odd"}])
    ran = probe(f"$probe {shape} rows.jsonl --rejects aside.jsonl > out.jsonl && cat aside.jsonl")
    assert ran.code == 0, ran.err
    invalid, wrong, discarded = map(json.loads, ran.out.splitlines())
    assert invalid["at"] == "rows.jsonl:2" and invalid["drop"].startswith("input.invalid: not JSON")
    assert invalid["line"] == "\ufffd\ufffd"
    assert wrong == {
        "drop": "input.invalid: 'n' should be a whole number, is text",
        "at": "rows.jsonl:3",
        "line": '{"n": "two"}',
    }
    assert discarded == {"n": 3, "discard": "odd", "drop": "probe.odd: it said so"}
    assert ran.err == b"syncode probe: 4 read, 1 written, 3 dropped (input.invalid 2, probe.odd 1)\n"


def test_blank_lines_and_carriage_returns_are_no_rows_and_not_handed_on(probe: Probe, shape: str) -> None:
    ran = probe(f'printf \'{{"n":1}}\\r\\n\\r\\n   \\n{{"n":2}}\\r\\n\\n\' | $probe {shape}')
    assert (ran.code, ran.out) == (0, b'{"n":1}\n{"n":2}\n')
    assert ran.err == b"syncode probe: 2 read, 2 written\n"


def test_a_byte_order_mark_before_the_first_line_is_no_part_of_it(probe: Probe, shape: str, tmp_path: Path) -> None:
    for name, line in [("one", b'{"n":1}\n'), ("two", b'{"n":2}'), ("three", b"")]:
        (tmp_path / name).write_bytes(codecs.BOM_UTF8 + line)
    ran = probe(f"cat one | $probe {shape} - two three")
    assert (ran.code, ran.out) == (0, b'{"n":1}\n{"n":2}\n')


def test_a_source_whose_name_is_no_text_is_told_in_the_rejects(probe: Probe, shape: str) -> None:
    ran = probe(
        rf"name=$'odd\xff.jsonl'; echo nonsense > $name; $probe {shape} $name --rejects /dev/stdout -o out.jsonl"
    )
    assert ran.code == 3
    assert b"no row can be used (1 read): input.invalid: not JSON" in ran.err
    assert json.loads(ran.out)["at"] == r"odd\xff.jsonl:1"


def test_empty_input_is_no_error(probe: Probe, shape: str) -> None:
    ran = probe(f"printf '\\n \\n' > blank.jsonl; touch empty.jsonl; $probe {shape} - blank.jsonl empty.jsonl")
    assert (ran.code, ran.out, ran.err) == (0, b"", b"syncode probe: 0 read, 0 written\n")


@pytest.mark.parametrize("limit", [0, 1, 3, 99])
def test_limit_counts_rows_over_all_sources(obeying: Any, rows: Rows, name: str, limit: int, tmp_path: Path) -> None:
    one = rows([b"", {"n": 0}, b"", {"n": 1}], "one.jsonl")
    two = rows([{"n": 2}, {"n": 3}], "two.jsonl")
    flow = Flow(source=(str(one), str(two)), output=str(tmp_path / "out.jsonl"), limit=limit, quiet=True)
    assert obeying.run(name, flow).read == min(limit, 4)
    assert [json.loads(line)["n"] for line in (tmp_path / "out.jsonl").open()] == list(range(4))[:limit]


def test_a_limit_is_reached_before_a_bad_line_behind_it(probe: Probe, rows: Rows) -> None:
    rows([{"n": 0}, b"nonsense"])
    assert probe("$probe rows.jsonl --limit 1").code == 0


def test_a_line_of_20_megabytes(probe: Probe, tmp_path: Path) -> None:
    text = "é" * 10_000_000
    (tmp_path / "rows.jsonl").write_text(json.dumps({"n": 1, "text": text}, ensure_ascii=False) + '\n{"n":2}\n')
    ran = probe("cat rows.jsonl | $probe --workers 2 | md5sum && md5sum < rows.jsonl")
    assert ran.code == 0, ran.err
    assert len(set(ran.out.split(b"\n")[:2])) == 1


def test_what_an_earlier_stage_has_dropped_stays_dropped_and_a_null_mark_is_none(
    obeying: Any, rows: Rows, name: str, tmp_path: Path
) -> None:
    marked = [
        {"n": 1, "drop": "mine.long: 9 > 8"},
        {"n": "odd", "drop": "mine.engine: no answer"},
        {"n": 3, "drop": True},
    ]
    path = rows([*marked, {"n": 4, "drop": None}, {"n": 5}])
    out, aside = tmp_path / "out.jsonl", tmp_path / "aside.jsonl"
    counts = obeying.run(name, Flow(source=(str(path),), output=str(out), rejects=str(aside), quiet=True))
    assert [json.loads(line) for line in out.open()] == [{"n": 4}, {"n": 5}]
    assert [json.loads(line) for line in aside.open()] == marked
    assert counts.dropped == {"mine.long": 1, "mine.engine": 1, "input.marked": 1}
    assert counts.failed == 0  # whatever failed there, nothing failed here


def test_unknown_keys_of_every_kind_pass_through(obeying: Any, rows: Rows, name: str, tmp_path: Path) -> None:
    row = {"n": 1, "ключ": "значение", "nested": [{"a": None}, 1.5, True], "big": [2**63 - 1, 3**99], "copies": 1}
    flow = Flow(source=(str(rows([row])),), output=str(tmp_path / "out.jsonl"), quiet=True)
    obeying.run(name, flow)
    assert json.loads((tmp_path / "out.jsonl").read_bytes()) == {**row, "copy": 0}


@pytest.mark.parametrize(("source", "why"), [("nowhere.jsonl", "No such file"), (".", "a folder without data files")])
def test_a_source_that_is_missing_or_a_folder(probe: Probe, shape: str, source: str, why: str) -> None:
    ran = probe(f"$probe {shape} {source}")
    assert ran.code == 3
    assert source in ran.err.decode() and why in ran.err.decode() and b"Traceback" not in ran.err


def test_names_with_spaces_and_other_scripts(probe: Probe, rows: Rows) -> None:
    rows([{"n": 1}], "дорога ведёт.jsonl")
    ran = probe("$probe 'дорога ведёт.jsonl' -o 'out put é.jsonl.gz' && zcat 'out put é.jsonl.gz'")
    assert json.loads(ran.out) == {"n": 1}


def test_the_summary_holds_the_counts(probe: Probe, rows: Rows, shape: str) -> None:
    rows([{"n": 1, "copies": 2}, {"n": 2, "discard": "odd"}, {"n": 3, "fail": "gone"}])
    ran = probe(
        f"$probe {shape} rows.jsonl --quiet --summary counts.json > out.jsonl; code=$?; cat counts.json; exit $code"
    )
    told = b"1 row failed at the engine (the last one: gone)"
    assert (ran.code, told in ran.err) == ((4, True) if shape.endswith("ask") else (0, False))
    summary = json.loads(ran.out)
    assert summary.pop("seconds") > 0
    assert summary == {
        "command": "syncode probe", "read": 3, "added": 1, "written": 2, "dropped": {"probe.odd": 1}, "failed": 1, "absorbed": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("-o same.jsonl --rejects ./same.jsonl", "--output and --rejects would both go to ./same.jsonl"),
        ("-o same.jsonl --summary same.jsonl", "--output and --summary would both go to same.jsonl"),
        ("--rejects -", "--output and --rejects would both go to stdout"),
        ("--rejects ./rows.jsonl", "--rejects ./rows.jsonl would overwrite rows.jsonl, which SOURCE reads"),
        ("--summary rows.jsonl", "--summary rows.jsonl would overwrite rows.jsonl, which SOURCE reads"),
        ("-o rows.jsonl", "--output rows.jsonl would overwrite rows.jsonl, which SOURCE reads"),
        ("-o nowhere/out.jsonl", "nowhere/out.jsonl: there is no folder nowhere"),
        ("-o out.jsonl --rejects nowhere/r.jsonl", "nowhere/r.jsonl: there is no folder nowhere"),
        ("-o out.jsonl --summary nowhere/s.json", "nowhere/s.json: there is no folder nowhere"),
    ],
)
def test_targets_are_looked_at_before_the_work(
    probe: Probe, rows: Rows, tmp_path: Path, options: str, named: str
) -> None:
    rows([{"n": 1, "say": "worked"}])
    ran = probe(f"$probe rows.jsonl {options}")
    assert (ran.code, ran.out) == (2, b"")
    assert named.encode() in ran.err and b"worked" not in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


def test_a_report_tells_what_it_absorbed(probe: Probe, rows: Rows) -> None:
    rows([{"n": 1}, {"n": 2}])
    ran = probe("$probe --shape report rows.jsonl")
    assert ran.out == b'{"n":2,"is":"a report"}\n'
    assert ran.err == b"syncode probe: 2 read, 1 added, 1 written, 2 absorbed\n"
