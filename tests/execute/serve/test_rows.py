"""What the rows of requests may look like, and what is scored: an error never is."""

from typing import Any

import pytest

from syncode.sandbox import Sandbox
from syncode.schemas.check import checker
from syncode.schemas.records import Execution, Row, content_id
from syncode.stages.execute.serve.rows import BadRow, failure, readied, result, score
from syncode.stages.execute.serve.worker import Benches, answered
from syncode.stages.execute.stage import Bench

TESTS = "assert add(1, 2) == 3"
RIGHT = "def add(a, b):\n    return a + b"
REPLY = f"Here it is:\n```python\n{RIGHT}\n```\nUsage:\n```python\nprint(add(1, 2))\nprint(add(2, 3))\nprint(1)\n```"
TASKS: dict[str, Row] = {"t": {"id": "t", "language": "python", "tests": TESTS, "entry_point": "add"}}
OPTIONS = {"output": 100, "score": "all", "evidence": None}


@pytest.mark.parametrize(
    "row",
    [
        {"code": RIGHT, "tests": TESTS},
        {"code": RIGHT, "test_list": [TESTS], "language": "python"},
        {"text": REPLY, "tests": TESTS},
        {"answer": REPLY, "tests": TESTS, "entry_point": "add"},
        {"completion": REPLY, "tests": TESTS, "prompt": "Write add."},
        {"solution": RIGHT, "tests": TESTS},
        {"messages": [{"role": "assistant", "content": REPLY}], "tests": TESTS},
        {
            "messages": [{"role": "user", "content": "Write add."}, {"role": "assistant", "content": REPLY}],
            "tests": TESTS,
        },
        {"messages": [{"role": "assistant", "content": REPLY}], "evidence": {"tests": TESTS}},
        {"task_id": "t", "text": REPLY},
        {"task_id": "t", "code": RIGHT},
        {"task_id": "t", "messages": [{"role": "assistant", "content": REPLY}]},
        {"task_id": "label", "code": RIGHT, "tests": TESTS},
        {"task_id": "label", "text": REPLY, "tests": TESTS},
    ],
    ids="+".join,
)
def test_forms_of_rows(row: Row, sandbox: Sandbox) -> None:
    benches = Benches(Bench(sandbox, TASKS))
    right = answered({**row, "id": 7}, OPTIONS, benches, print)
    assert (right["of"], right["state"], right["passed"], right["score"]) == (7, "pass", True, 1.0), right
    assert right.get("task_id") == row.get("task_id")
    assert checker(Execution)(right) is None
    wrong = {key: _spoilt(value) if key != "evidence" else value for key, value in row.items() if key != "prompt"}
    made = answered(wrong, OPTIONS, benches, print)
    assert (made["of"], made["state"], made["passed"], made["score"]) == (content_id("row", wrong), "fail", False, 0.0)


def _spoilt(value: Any) -> Any:
    if isinstance(value, list):
        return [_spoilt(each) for each in value]
    if isinstance(value, dict):
        return {key: _spoilt(each) for key, each in value.items()}
    return value.replace("a + b", "a - b")


@pytest.mark.parametrize(
    ("row", "kind", "why"),
    [
        (None, "row", "object"),
        ([], "row", "object"),
        ({}, "row", "no answer"),
        ({"code": RIGHT}, "no_tests", "only ends"),
        ({"code": RIGHT, "tests": "  \n"}, "no_tests", "only ends"),
        ({"code": RIGHT, "tests": 3}, "row", "'tests'"),
        ({"code": RIGHT, "tets": TESTS}, "row", "'tets'"),
        ({"code": 3, "tests": TESTS}, "row", "'code'"),
        ({"code": RIGHT, "text": REPLY, "tests": TESTS}, "row", "which of them"),
        ({"text": REPLY, "task_id": "t", "tests": TESTS}, "row", "one of the two"),
        ({"text": REPLY, "task_id": "nosuch"}, "row", "'nosuch'"),
        ({"code": RIGHT, "task_id": "nosuch"}, "row", "'nosuch'"),
        ({"messages": "hello", "tests": TESTS}, "row", "messages"),
        ({"messages": [{"role": "user", "content": "Write add."}], "tests": TESTS}, "row", "assistant"),
        ({"code": RIGHT, "tests": TESTS, "drop": "filter.x: y"}, "row", "dropped"),
    ],
)
def test_bad_rows_are_errors_and_not_failures(row: Any, kind: str, why: str) -> None:
    with pytest.raises(BadRow, match=why) as raised:
        readied(row, TASKS)
    made = failure(raised.value.kind, str(raised.value), row)
    assert raised.value.kind == kind
    assert (made["state"], made["passed"], made["score"]) == ("infra", None, None)
    assert made["error"] == {"kind": kind, "message": str(raised.value), "retry": False}
    assert checker(Execution)(made) is None


def execution(state: str, **more: Any) -> Row:
    """Return an Execution."""
    passed = None if state == "infra" else state == "pass"
    return {"id": "x", "of": 1, "state": state, "passed": passed, "seconds": 0.1, "toolchain": "t", **more}


def test_what_nothing_is_known_of_has_no_number() -> None:
    made = result(execution("infra", reason="no compiler"), {"id": 1}, OPTIONS)
    assert (made["passed"], made["score"]) == (None, None)
    assert made["error"] == {"kind": "infra", "message": "no compiler", "retry": True}


@pytest.mark.parametrize(
    "state", ["fail", "error", "compile", "timeout", "oom", "forbidden", "flaky", "no_code", "no_tests"]
)
def test_every_state_that_counts_against_the_answer_scores_zero(state: str) -> None:
    assert result(execution(state), {"id": 1}, OPTIONS)["score"] == 0.0


def test_a_program_that_only_ended_is_not_scored() -> None:
    made = result(execution("pass", evidence="none"), {"id": 1}, OPTIONS)
    assert (made["passed"], made["score"], made["error"]["kind"]) == (None, None, "no_tests")
    assert result(execution("compile", evidence="none"), {"id": 1}, OPTIONS)["score"] == 0.0


@pytest.mark.parametrize(
    ("state", "evidence", "scored"),
    [
        ("pass", "separate", 1.0),
        ("fail", "separate", 0.0),
        ("pass", "shared", None),
        ("fail", "shared", None),
        ("no_code", "shared", 0.0),
        ("compile", "shared", 0.0),
        ("pass", None, None),
    ],
)
def test_evidence_that_was_demanded_and_is_not_there_gives_no_score(state: str, evidence: Any, scored: Any) -> None:
    row = execution(state, **({"evidence": evidence} if evidence else {}))
    made = result(row, {"id": 1}, {**OPTIONS, "evidence": "separate"})
    assert made["score"] == scored
    assert (made["passed"] is None) == (scored is None)


@pytest.mark.parametrize(
    ("state", "tests", "wanted"),
    [
        ("pass", {"total": 4, "passed": 4}, 1.0),
        ("pass", None, 1.0),
        ("fail", {"total": 4, "passed": 3}, 0.75),
        ("timeout", {"total": 4, "passed": 1}, 0.25),
        ("error", {"total": 3, "passed": 3}, 0.0),
        ("forbidden", {"total": 4, "passed": 3}, 0.0),
        ("fail", {"total": 0, "passed": 0}, 0.0),
        ("fail", None, 0.0),
    ],
)
def test_partial_credit(state: str, tests: Any, wanted: float) -> None:
    row = execution(state, **({"tests": tests} if tests else {}))
    assert score(row, "fraction") == wanted
    assert score(row, "all") == (1.0 if state == "pass" else 0.0)


def test_outputs_are_cut_and_slim_results_say_so() -> None:
    row = execution("fail", stdout="a" * 300 + "b" * 300, results=[{"name": "t", "state": "fail"}])
    made = result(row, {"id": 1}, OPTIONS)
    assert made["stdout"] == "a" * 50 + "\n[... 500 characters ...]\n" + "b" * 50
    slim = result(row, {"id": 1}, {**OPTIONS, "slim": True})
    assert slim["cut"] is True and "stdout" not in slim and "results" not in slim and slim["score"] == 0.0


def test_a_shorter_limit_is_that_of_the_sandbox(sandbox: Sandbox) -> None:
    benches = Benches(Bench(sandbox, rerun=False))
    row = {"code": "while True: pass", "tests": TESTS}
    try:
        made = answered(row, {**OPTIONS, "timeout": 0.5}, benches, print)
        assert (made["state"], made["score"]) == ("timeout", 0.0)
        assert made["seconds"] < 5
        assert answered({**row, "code": RIGHT}, {**OPTIONS, "timeout": 0.5}, benches, print)["state"] == "pass"
    finally:
        for other in benches._others.values():
            other.close()


def test_a_fault_of_the_server_is_an_error_of_the_row(sandbox: Sandbox) -> None:
    said: list[str] = []
    made = answered({"code": RIGHT, "tests": TESTS}, {}, Benches(Bench(sandbox)), said.append)
    assert (made["passed"], made["score"], made["error"]["kind"]) == (None, None, "internal")
    assert "KeyError" in said[0]
