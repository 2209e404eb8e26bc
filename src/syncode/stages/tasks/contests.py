"""Benchmarks whose tests are inputs and outputs: LiveCodeBench, APPS, TACO, CodeContests, Codeforces as open-r1 publishes it.

Their tests stay under their published names, packed as they are: `execute` reads them there. Here they are only looked at, so
that a row whose tests cannot be read is refused where it stands.
"""

import json
from typing import Any, NotRequired, TypedDict

from syncode.errors import DataError
from syncode.prompts import render
from syncode.schemas.records import Row
from syncode.stages.tasks.formats import expect, without
from syncode.text.cases import PRELUDE, Cases, cases_of, parsed
from syncode.text.fences import fenced

LIVECODEBENCH_SECONDS, APPS_SECONDS = 6.0, 4.0
"""Seconds per test in the evaluators that the authors publish."""
CODECONTESTS_TOLERANCE = 1e-5
"""How far a number may be off there; upper and lower case are the same."""


class LiveCodeBench(TypedDict):
    """A row of livecodebench/code_generation or code_generation_lite. The tests are JSON in a text, or packed."""

    question_content: str
    question_id: str
    starter_code: str
    public_test_cases: str | list[Any]
    private_test_cases: str | list[Any]
    metadata: NotRequired[str | dict[str, Any]]


class Apps(TypedDict):
    """A row of codeparrot/apps or BAAI/TACO. `input_output` is JSON: {inputs, outputs, fn_name?}."""

    question: str
    input_output: str | dict[str, Any]
    problem_id: NotRequired[int | str]
    starter_code: NotRequired[str | None]
    solutions: NotRequired[str | list[Any]]


class CodeContests(TypedDict):
    """A row of deepmind/code_contests."""

    name: str
    description: str
    public_tests: dict[str, Any]
    private_tests: dict[str, Any]
    generated_tests: NotRequired[dict[str, Any]]


class Codeforces(TypedDict):
    """A row of open-r1/codeforces."""

    id: str
    title: str
    description: str | None
    official_tests: NotRequired[list[Any] | None]
    generated_checker: NotRequired[str | None]


def livecodebench(row: Row) -> Row:
    """Return the Task of a LiveCodeBench row: a program for stdin, or with `starter_code` a method that is called."""
    expect(row, LiveCodeBench)
    cases = cases_of({**row, "entry_point": ""})
    if cases is None:
        raise DataError("no tests in 'public_test_cases' and 'private_test_cases'")
    return {
        **without(row, "question_content"),
        "id": f"LiveCodeBench/{row['question_id']}",
        "benchmark": "livecodebench",
        **_asked(row["question_content"], "python", row["starter_code"], cases),
        "compare": "fields",
        "timeout": LIVECODEBENCH_SECONDS,
        **({} if cases.function else {"setup": PRELUDE}),
    }


def apps(row: Row) -> Row:
    """Return the Task of an APPS or TACO row. Their answers are in Python."""
    expect(row, Apps)
    cases = cases_of(row)
    taco = "problem_id" not in row
    name = row.get("name") or row.get("url") or row.get("title") if taco else row["problem_id"]
    difficulty = row.get("difficulty")
    solutions = parsed(row.get("solutions"))
    first = solutions[0] if isinstance(solutions, list) and solutions and isinstance(solutions[0], str) else None
    return {
        **without(row, "question", "solutions", "difficulty"),
        "id": f"{'TACO' if taco else 'APPS'}/{name if name not in (None, '') else _short(row['question'])}",
        "benchmark": "taco" if taco else "apps",
        **_asked(row["question"], "python", row.get("starter_code") or "", cases),
        **({"difficulty": difficulty.lower()} if isinstance(difficulty, str) and difficulty else {}),
        "compare": "numbers",
        **({} if row.get("time_limit") else {"timeout": APPS_SECONDS}),
        **({"references": {"canonical": first}} if first else {}),
        "license": "Apache-2.0" if taco else "MIT",
    }


def codecontests(row: Row) -> Row:
    """Return the Task of a CodeContests row; thousands of solutions, right and wrong, are left out."""
    expect(row, CodeContests)
    if cases_of(row) is None:
        raise DataError("no tests in 'public_tests', 'private_tests' and 'generated_tests'")
    return {
        **without(row, "description", "solutions", "incorrect_solutions", "difficulty", "name"),
        "id": f"CodeContests/{row['name']}",
        "benchmark": "codecontests",
        **_asked(row["description"], "", "", None),
        **({"published_difficulty": row["difficulty"]} if "difficulty" in row else {}),
        "compare": "numbers",
        "tolerance": CODECONTESTS_TOLERANCE,
        "ignore_case": True,
        "license": "CC-BY-4.0",
    }


def codeforces(row: Row) -> Row:
    """Return the Task of an open-r1/codeforces row, its parts put together as a statement."""
    expect(row, Codeforces)
    if not row.get("interaction_format"):
        cases_of(row)
    return {
        **without(row, "id"),
        "id": f"Codeforces/{row['id']}",
        "benchmark": "codeforces",
        **_asked(_statement(row), "", "", None),
        "compare": "numbers",
        "license": "CC-BY-4.0",
    }


def _asked(text: str, language: str, starter: str, cases: Cases | None) -> Row:
    """Return the question as a chat, in words of ours around the published ones, and the language that it is for."""
    named: dict[str, Any] = {"language": language} if language else {}
    spoken = language or "C++ or Python"
    if starter.strip() and (cases is None or cases.function):
        wording = "task_starter.v1"
        messages = render(wording, text=text.strip(), language=spoken, code=fenced(starter.rstrip(), language))
    else:
        wording = "task_stdin.v1"
        messages = render(wording, text=text.strip(), language=spoken)
    entry = {"entry_point": cases.function} if cases is not None and cases.function else {}
    return {"messages": messages, "wording": wording, **named, **entry}


def _statement(row: Row) -> str:
    limits = [
        f"{name}: {row[key]:g} {unit}"
        for key, name, unit in (("time_limit", "Time limit", "seconds"), ("memory_limit", "Memory limit", "megabytes"))
        if isinstance(row.get(key), int | float)
    ]
    parts = [f"# {row['title']}", "\n".join(limits), row["description"] or ""]
    for key, heading in (("input_format", "Input"), ("output_format", "Output"), ("interaction_format", "Interaction")):
        if row.get(key):
            parts.append(f"## {heading}\n\n{row[key]}")
    if row.get("input_mode") == "file":
        parts.append("The program reads input.txt and writes output.txt.")
    for number, example in enumerate(row.get("examples") or [], 1):
        parts.append(f"## Example {number}\n\n{fenced(example['input'])}\n\n{fenced(example['output'])}")
    if row.get("note"):
        parts.append(f"## Note\n\n{row['note']}")
    return "\n\n".join(part for part in parts if part)


def _short(question: str) -> str:
    """Return a name for a question that has none."""
    return json.dumps(question.strip()[:60]).strip('"')
