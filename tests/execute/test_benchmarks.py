"""Benchmarks in the published formats, run as a user runs them: right solutions pass, wrong ones do not."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncode.sandbox import Sandbox, ready
from syncode.stages.execute.stage import Bench, execute
from syncode.stages.tasks.readers import find_reader

TASKS = Path(__file__).parents[1] / "data" / "benchmarks"


def rows_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TASKS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


@pytest.mark.parametrize(
    ("body", "states"),
    [
        ("right", ["pass"] * 4),
        ("wrong", ["fail"] * 4),
        ("    return None\n", ["fail"] * 4),
        ("    import sys; sys.exit(0)\n", ["error"] * 4),
        ("    import os; os._exit(0)\n", ["error"] * 4),
    ],
)
def test_humaneval(body: str, states: list[str], tmp_path: Path, shell: Callable[..., Any]) -> None:
    tasks, wrong = rows_of("humaneval"), {row["task_id"]: row["completion"] for row in rows_of("humaneval_wrong")}
    bodies = {"right": {row["task_id"]: row["canonical_solution"] for row in tasks}, "wrong": wrong}.get(body)
    answers = [{"task_id": row["task_id"], "completion": bodies[row["task_id"]] if bodies else body} for row in tasks]
    write(tmp_path / "answers.jsonl", answers)
    ran = shell(
        f"syncode tasks humaneval {shlex.quote(str(TASKS))}/humaneval.jsonl > tasks.jsonl && "
        "syncode execute answers.jsonl --tasks tasks.jsonl --no-cache"
    )
    assert ran.code == 0, ran.err
    assert [json.loads(line)["state"] for line in ran.out.splitlines()] == states


def test_mbpp(tmp_path: Path, shell: Callable[..., Any]) -> None:
    tasks = rows_of("mbpp")
    names = ["thin_out(numbers)", "spelled(minutes)", "shared_area(one, other)"]
    right = [{"task_id": f"MBPP/{row['task_id']}", "solution": row["code"]} for row in tasks]
    stubs = [
        {"task_id": f"MBPP/{row['task_id']}", "solution": f"def {name}:\n    return 4\n"}
        for row, name in zip(tasks, names, strict=True)
    ]
    write(tmp_path / "answers.jsonl", right + stubs)
    ran = shell(
        f"syncode tasks mbpp {shlex.quote(str(TASKS))}/mbpp.jsonl > tasks.jsonl && "
        "syncode execute answers.jsonl --tasks tasks.jsonl --no-cache"
    )
    assert ran.code == 0, ran.err
    assert [json.loads(line)["state"] for line in ran.out.splitlines()] == ["pass"] * 3 + ["fail"] * 3


@pytest.mark.parametrize(
    ("name", "language"),
    [("python", "python"), ("js", "javascript"), ("cpp", "cpp"), ("java", "java"), ("go", "go"), ("rust", "rust")],
)
def test_humaneval_x(name: str, language: str, sandbox: Sandbox) -> None:
    if isinstance(missing := ready(language), str):
        pytest.skip(f"{language}: {missing}")
    reader = find_reader("humaneval-x")
    assert reader is not None
    tasks = [reader.read(row) for row in rows_of(f"humaneval_{name}")]
    bench = Bench(sandbox, {task["id"]: task for task in tasks})

    def state(task: dict[str, Any], solution: str) -> str:
        (row,) = execute({"task_id": task["id"], "solution": solution}, bench)
        return str(row["state"])

    solutions = [task["references"]["canonical"] for task in tasks]
    assert [state(task, solution) for task, solution in zip(tasks, solutions, strict=True)] == ["pass", "pass"]
    crossed = [state(task, solution) for task, solution in zip(tasks, reversed(solutions), strict=True)]
    assert not {"pass", "infra"} & set(crossed)
