"""No row vanishes, is counted twice or changes its place: read + added = written + dropped + failed, in every shape."""

import asyncio
import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncode import stream
from syncode.errors import DataError, EngineError
from syncode.stream import Counts, Flow

Run = Callable[[Flow], Counts]


def runner(name: str, obeying: Any) -> Run:
    """Return a shape of stage with small chunks and a small window, so that few rows cross many borders."""

    async def out_of_step(row: Any) -> list[Any]:
        for _ in range(row["n"] % 3):  # rows finish in another order than they came
            await asyncio.sleep(0)
        return list(obeying.obey(row))

    shapes: dict[str, Run] = {
        "map": lambda flow: stream.map(obeying.obey, obeying.Numbered, obeying.Numbered, flow, grain=3),
        "fold": lambda flow: stream.fold(obeying.obey_all, obeying.Numbered, obeying.Numbered, flow),
        "ask": lambda flow: stream.ask(out_of_step, obeying.Numbered, obeying.Numbered, flow, load=1),
    }
    return shapes[name]


GOOD: st.SearchStrategy[Any] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"copies": st.integers(1, 3)}),
    st.fixed_dictionaries({"discard": st.sampled_from(["long", "short"])}),
    st.just({"fail": "it broke"}),
    st.just({"drop": "earlier.rule: from a rejects file"}),
)
BAD = st.sampled_from(['{"n": 1', "17", '{"n": "one"}', '{"m": 1}', "nonsense", '"text"', '{"n": 1} 2'])
BLANK = st.sampled_from(["", "  ", "\t"])
LINES = st.lists(st.one_of(GOOD, BAD, BLANK), max_size=40)


@dataclass(frozen=True)
class Expected:
    """What the specification says of some lines."""

    written: list[Any]
    rejected: list[str]
    counts: dict[str, Any]


def expected(lines: list[Any]) -> Expected:
    written: list[Any] = []
    rejected: list[str] = []
    bad = [line for line in lines if isinstance(line, str) and line.strip()]
    rows = [line for line in lines if not isinstance(line, str)]
    for number, line in enumerate(lines):
        if isinstance(line, str):
            rejected += ["input.invalid"] if line.strip() else []
        elif "drop" in line:
            rejected.append("earlier.rule")
        elif "discard" in line:
            rejected.append(f"probe.{line['discard']}")
        elif "fail" in line:
            rejected.append("probe.engine")
        elif "copies" in line:
            written += [{"n": number, **line, "copy": copy} for copy in range(line["copies"])]
        else:
            written.append({"n": number})
    dropped = sorted(rule for rule in rejected if rule != "probe.engine")
    counts = {
        "read": len(rows) + len(bad),
        "added": sum(row["copies"] - 1 for row in rows if "copies" in row),
        "written": len(written),
        "dropped": {rule: len(list(same)) for rule, same in itertools.groupby(dropped)},
        "failed": rejected.count("probe.engine"),
        "absorbed": 0,
    }
    return Expected(written, rejected, counts)


def check(run: Run, lines: list[Any], workers: int, folder: Path) -> None:
    source, out, rejects = folder / "in.jsonl", folder / "out.jsonl", folder / "rejects.jsonl"
    texts = [line if isinstance(line, str) else json.dumps({"n": number, **line}) for number, line in enumerate(lines)]
    source.write_text("\n".join(texts))
    summary = folder / "summary.json"
    flow = Flow((str(source),), str(out), str(rejects), workers, summary=str(summary), quiet=True)
    want = expected(lines)
    invalid = want.rejected.count("input.invalid")
    useless = invalid > 0 and invalid == want.counts["read"] - want.rejected.count("earlier.rule")
    try:
        run(flow)
        told = False
    except DataError:  # no row of all could be used: what they were is in the rejects, and there is no file of rows
        assert useless
        told = True
    except EngineError:  # the end of an ask run in which rows failed: all files are there nevertheless
        told = True
    counts = json.loads(summary.read_text())
    assert counts.pop("seconds") >= 0 and counts.pop("command").startswith("syncode")
    assert counts == want.counts
    assert out.exists() == (not useless)
    assert ([json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []) == want.written
    rules = [json.loads(line)["drop"].partition(":")[0] for line in rejects.read_text().splitlines()]
    assert rules == want.rejected
    # Without a place for them, the first bad line ends the run, is named, and no file is left.
    out.unlink(missing_ok=True)
    first = next((number for number, line in enumerate(lines, 1) if isinstance(line, str) and line.strip()), None)
    strict = Flow(source=(str(source),), output=str(out), workers=workers, quiet=True)
    if first is None and told:
        with pytest.raises(EngineError, match=f"{want.counts['failed']} rows? failed at the engine"):
            run(strict)
    elif first is None:
        assert run(strict).as_row() == want.counts
    else:
        with pytest.raises(DataError, match=rf"in\.jsonl:{first}: "):
            run(strict)
        assert sorted(path.name for path in folder.iterdir()) == ["in.jsonl", "rejects.jsonl", "summary.json"]


ANY_FIXTURE = [HealthCheck.function_scoped_fixture]  # `name` is a word, `obeying` a module: neither has state


@settings(max_examples=60, deadline=None, suppress_health_check=ANY_FIXTURE)
@given(lines=LINES)
def test_every_row_is_accounted_for(name: str, obeying: Any, lines: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(runner(name, obeying), lines, 1, Path(folder))


@settings(max_examples=15, deadline=None)
@given(lines=LINES)
def test_every_row_is_accounted_for_by_several_workers(obeying: Any, lines: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(runner("map", obeying), lines, 2, Path(folder))


def loses(tmp_path: Path) -> Flow:
    (tmp_path / "in.jsonl").write_text('{"n": 1}\n{"n": 2, "lose": true}\n')
    return Flow(source=(str(tmp_path / "in.jsonl"),), output=str(tmp_path / "out.jsonl"), quiet=True)


@pytest.mark.parametrize(
    ("shape", "error", "told"),
    [("map", ValueError, "no row"), ("ask", ValueError, "no row"), ("fold", AssertionError, "do not add up")],
)
def test_a_stage_that_loses_a_row_is_a_bug_and_leaves_no_file(
    shape: str, error: type[Exception], told: str, obeying: Any, tmp_path: Path
) -> None:
    with pytest.raises(error, match=told):
        runner(shape, obeying)(loses(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_row_that_breaks_the_contract_of_its_stage_is_a_bug(obeying: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'n' should be a whole number, is text"):
        stream.map(lambda row: [{**row, "n": "one"}], obeying.Numbered, obeying.Numbered, loses(tmp_path))


IDS = [{"id": f"r{number}", "n": number} for number in range(600)]  # more than one chunk


def _rows(tmp_path: Path, rows: list[Any]) -> Flow:
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return Flow(source=(str(tmp_path / "in.jsonl"),), output=str(tmp_path / "out.jsonl"), quiet=True)


def _double_one(rows: Iterator[Any]) -> Iterator[Any]:
    for row in rows:
        yield row
        if row["n"] == 300:
            yield {**row, "again": True}


def _double_one_and_lose_one(rows: Iterator[Any]) -> Iterator[Any]:
    for row in rows:
        if row["n"] != 301:
            yield row
        if row["n"] == 300:
            yield {**row, "again": True}


def _exchange_one(rows: Iterator[Any]) -> Iterator[Any]:
    for row in rows:
        yield {**row, "id": "another"} if row["n"] == 300 else row


def _lose_one(rows: Iterator[Any]) -> Iterator[Any]:
    yield from (row for row in rows if row["n"] != 300)


def _stop_early(rows: Iterator[Any]) -> Iterator[Any]:
    yield from itertools.islice(rows, 300)


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        (_double_one, "600 came in, 601 are accounted for"),
        (_lose_one, "600 came in, 599 are accounted for"),
        (_double_one_and_lose_one, "the stage returned other rows than it took"),
        (_exchange_one, "the stage returned other rows than it took"),
        (_stop_early, "the stage stopped before the last row"),
        (lambda rows: [stream.Added(row) for row in rows], "600 came in, 1200|1200 came in, 600"),
    ],
)
def test_a_fold_that_does_not_hand_on_each_row_once_is_a_bug(stage: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=told):
        stream.fold(stage, None, None, _rows(tmp_path, IDS))
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_rows_without_an_id_are_held_against_each_other_by_their_number(tmp_path: Path) -> None:
    flow = _rows(tmp_path, [{"n": number} for number in range(600)])
    with pytest.raises(AssertionError, match="600 came in, 601 are accounted for"):
        stream.fold(_double_one, None, None, flow)
    assert stream.fold(lambda rows: ({**row, "id": row["n"]} for row in rows), None, None, flow).written == 600


def test_a_fold_declares_what_it_makes_anew_and_may_take_its_time_and_its_order(tmp_path: Path) -> None:
    def stage(rows: Iterator[Any]) -> Iterator[Any]:
        held = list(rows)
        yield stream.Added({"id": "sum", "n": len(held)})
        yield from reversed(held[1:])
        yield {**held[0], "drop": "probe.merged: into sum"}

    counts = stream.fold(stage, None, None, _rows(tmp_path, [*IDS, IDS[5]]))  # one id twice: as often in as out
    assert counts.line() == "601 read, 1 added, 601 written, 1 dropped (probe.merged 1)"


@pytest.mark.parametrize("ending", ["report", "absorb"])
def test_a_report_that_stops_early_is_a_bug(ending: str, tmp_path: Path) -> None:
    flow = _rows(tmp_path, IDS)

    def stage(rows: Iterator[Any]) -> list[Any]:
        return [{"n": sum(row["n"] for row in itertools.islice(rows, 599))}]

    with pytest.raises(AssertionError, match="the stage stopped before the last row"):
        stream.report(stage, None, None, flow) if ending == "report" else stream.absorb(stage, flow)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_report_that_never_asks_is_a_bug_too(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="the stage stopped before the last row"):
        stream.report(lambda rows: [{"n": 1}], None, None, _rows(tmp_path, IDS[:1]))


def test_what_a_report_absorbs_is_counted_and_refused_lines_are_not(tmp_path: Path) -> None:
    flow = replace(_rows(tmp_path, IDS[:3]), rejects=str(tmp_path / "aside.jsonl"), summary=str(tmp_path / "s.json"))
    with (tmp_path / "in.jsonl").open("a") as file:
        file.write("nonsense\n")
    counts = stream.report(lambda rows: [{"n": sum(1 for _ in rows)}], None, None, flow)
    assert counts.line() == "4 read, 1 added, 1 written, 1 dropped (input.invalid 1), 3 absorbed"
    assert stream.absorb(lambda rows: sum(1 for _ in rows), replace(flow, limit=2)) == 2
    assert json.loads((tmp_path / "s.json").read_text())["absorbed"] == 2


def test_rows_made_of_nothing_are_added_checked_and_limited(obeying: Any, tmp_path: Path) -> None:
    pulled = []

    def rows() -> Iterator[Any]:
        for number in itertools.count():
            pulled.append(number)
            yield {"n": number} if number != 1 else {"n": 1, "drop": "probe.odd: it is odd"}

    flow = Flow(output=str(tmp_path / "out.jsonl"), limit=3, quiet=True)
    counts = stream.emit(rows(), obeying.Numbered, flow)
    assert counts.line() == "3 added, 2 written, 1 dropped (probe.odd 1)"
    assert pulled == [0, 1, 2]
    with pytest.raises(ValueError, match="'n' should be a whole number"):
        stream.emit([{"n": "one"}], obeying.Numbered, flow)
